;; run: --timeout=250 FILE
;; exit: 134
;; err: trap: timeout: 250 ms are over
;; err...
(module
  (memory (export "memory") 1)
  (func (export "_start") (loop $forever (br $forever))))
