;; run: --timeout=0.25 FILE
;; exit: 134
;; err: trap: timeout: 0.250 s are over
;; err...
(module
  (memory (export "memory") 1)
  (func (export "_start") (loop $forever (br $forever))))
