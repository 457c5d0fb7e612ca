;; run: --invoke=load FILE 65533
;; exit: 134
;; err: trap: out of bounds memory access
;; err:   #0  load, offset 0x2a
(module (memory 1)
  (func $load (export "load") (param i32) (result i32) (i32.load (local.get 0))))
