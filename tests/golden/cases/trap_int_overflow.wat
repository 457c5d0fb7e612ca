;; run: --invoke=divide FILE -9223372036854775808 -1
;; exit: 134
;; err: trap: integer overflow
;; err:   #0  divide, offset 0x2a
(module
  (func $divide (export "divide") (param i64 i64) (result i64) (i64.div_s (local.get 0) (local.get 1))))
