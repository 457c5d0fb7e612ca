;; run: --timeout=250 FILE
;; exit: 134
;; err: trap: timeout: 250 ms are over
;; err...
(module
  (memory (export "memory") 1)
  (table funcref (elem $forever))
  (func $forever (loop $again (i64.store (i32.const 8) (i64.add (i64.load (i32.const 8)) (i64.const 1))) (br $again)))
  (func (export "_start") (call_indirect (i32.const 0))))
