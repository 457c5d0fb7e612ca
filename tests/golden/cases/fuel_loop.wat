;; run: --fuel=3000000 FILE
;; exit: 134
;; err: trap: all fuel used: 3000000 were given
;; err:   #0  _start, offset 0x31
(module
  (memory (export "memory") 1)
  (func (export "_start") (loop $forever (br $forever))))
