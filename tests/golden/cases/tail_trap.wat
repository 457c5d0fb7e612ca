;; exit: 134
;; err: trap: integer divide by zero
;; err:   #0  divide, offset 0x3c
;; err:   #1  _start, offset 0x49
(module
  (memory (export "memory") 1)
  (func $divide (param i32) (result i32) (i32.div_s (i32.const 1) (local.get 0)))
  (func $hidden (param i32) (result i32) (return_call $divide (local.get 0)))
  (func $_start (export "_start") (drop (call $hidden (i32.const 0)))))
