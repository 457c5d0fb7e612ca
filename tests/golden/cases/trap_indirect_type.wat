;; run: --invoke=call FILE 0
;; exit: 134
;; err: trap: indirect call type mismatch
;; err:   #0  call, offset 0x40
(module (table 1 funcref) (type $v (func)) (elem (i32.const 0) $other)
  (func $other (result i32) (i32.const 1))
  (func $call (export "call") (param i32) (call_indirect (type $v) (local.get 0))))
