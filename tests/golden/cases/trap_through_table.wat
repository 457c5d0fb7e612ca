;; run: --invoke=sort FILE
;; exit: 134
;; err: trap: integer divide by zero
;; err:   #0  by_division, offset 0x44
;; err:   #1  apply, offset 0x4e
;; err:   #2  sort, offset 0x5a
(module (table 1 funcref) (type $compare (func (param i32 i32) (result i32))) (elem (i32.const 0) $by_division)
  (func $by_division (param i32 i32) (result i32) (i32.rem_u (local.get 0) (local.get 1)))
  (func $apply (param i32 i32 i32) (result i32) (call_indirect (type $compare) (local.get 1) (local.get 2) (local.get 0)))
  (func $sort (export "sort") (result i32) (call $apply (i32.const 0) (i32.const 5) (i32.const 0))))
