;; run: --fuel=3000000 FILE
;; exit: 134
;; err: trap: all fuel used: 3000000 were given
;; err:   #0  forever, offset 0x44
;; err:   #1  _start, offset 0x55
(module
  (memory (export "memory") 1)
  (table funcref (elem $forever))
  (func $forever (local i64)
    (loop $again (local.set 0 (i64.add (local.get 0) (i64.const 1))) (br $again)))
  (func (export "_start") (call_indirect (i32.const 0))))
