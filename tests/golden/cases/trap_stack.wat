;; run: --invoke=down FILE 0
;; exit: 134
;; err: trap: call stack exhausted
;; err...
(module
  (func $down (export "down") (param i32) (result i32) (i32.add (call $down (i32.add (local.get 0) (i32.const 1))) (i32.const 1))))
