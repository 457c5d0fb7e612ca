;; run: --fuzz FILE
;; What tests all bits of a vector, and all lanes, of constants.
;; exit: 0
;; out: any_high = 3ff0000000000000
;; out: any_low = 3ff0000000000000
;; out: any_none = 0000000000000000
;; out: all_some = 0000000000000000
;; out: all_every = 3ff0000000000000
;; out: mask = 4022000000000000
;; out: chosen = 3ff0000000000000
;; out: memory eb05052ea5b62325
(module (memory (export "memory") 1)
  (func (export "any_high") (result i32) (v128.any_true (v128.const i64x2 0 0x100000000)))
  (func (export "any_low") (result i32) (v128.any_true (v128.const i64x2 2 0)))
  (func (export "any_none") (result i32) (v128.any_true (v128.const i64x2 0 0)))
  (func (export "all_some") (result i32) (i32x4.all_true (v128.const i32x4 1 2 0 4)))
  (func (export "all_every") (result i32) (i8x16.all_true (v128.const i64x2 0x0101010101010101 0x8080808080808080)))
  (func (export "mask") (result i32) (i32x4.bitmask (v128.const i32x4 -1 2 3 -4)))
  (func (export "chosen") (result i32)
    (if (result i32) (v128.any_true (v128.bitselect (v128.const i64x2 1 1) (v128.const i64x2 0 4) (v128.const i64x2 0 3)))
      (then (i32.const 1)) (else (i32.const 2)))))
