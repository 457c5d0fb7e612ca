;; run: --invoke=outer FILE
;; exit: 134
;; err: uncaught exception: tag[0](-1)
;; err:   #0  middle, offset 0x39
;; err:   #1  outer, offset 0x3f
(module
  (tag $unnamed (param i64))
  (func $fail (throw $unnamed (i64.const -1)))
  (func $middle (try (do (call $fail)) (catch_all (rethrow 0))))
  (func (export "outer") (call $middle)))
