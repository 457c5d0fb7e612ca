;; run: --timeout=0.25 FILE
;; exit: 134
;; err: trap: timeout: 0.250 s are over
;; err...
(module
  (memory (export "memory") 1)
  (table funcref (elem $forever))
  (func $forever (loop $again (i64.store (i32.const 8) (i64.add (i64.load (i32.const 8)) (i64.const 1))) (br $again)))
  (func (export "_start") (call_indirect (i32.const 0))))
