;; run: --invoke=fill FILE 65000 1000
;; exit: 134
;; err: trap: out of bounds memory access
;; err:   #0  fill, offset 0x2e
(module (memory 1)
  (func $fill (export "fill") (param i32 i32) (memory.fill (local.get 0) (i32.const 1) (local.get 1))))
