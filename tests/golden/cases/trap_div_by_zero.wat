;; exit: 134
;; err: trap: integer divide by zero
;; err:   #0  divide, offset 0x3c
;; err:   #1  _start, offset 0x44
(module (memory (export "memory") 1)
  (func $divide (param i32 i32) (result i32) (i32.div_s (local.get 0) (local.get 1)))
  (func $_start (export "_start") (drop (call $divide (i32.const 7) (i32.const 0)))))
