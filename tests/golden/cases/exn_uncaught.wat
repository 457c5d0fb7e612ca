;; run: --invoke=outer FILE 7
;; exit: 134
;; err: uncaught exception: error(7, 2.5, 0x00000004000000030000000200000001, null)
;; err:   #0  fail, offset 0x5e
;; err:   #1  middle, offset 0x65
;; err:   #2  outer, offset 0x78
(module
  (tag $other)
  (tag $error (export "error") (param i32 f64 v128 funcref))
  (func $fail (param i32)
    (throw $error (local.get 0) (f64.const 2.5) (v128.const i32x4 1 2 3 4) (ref.null func)))
  (func $middle (param i32) (call $fail (local.get 0)))
  (func $catches (try (do (throw $other)) (catch $other)))
  (func $outer (export "outer") (param i32) (call $catches) (call $middle (local.get 0))))
