;; exit: 134
;; err: trap: unreachable
;; err:   #0  inner, offset 0x33
;; err:   #1  middle, offset 0x37
;; err:   #2  _start, offset 0x3c
(module (memory (export "memory") 1)
  (func $inner unreachable)
  (func $middle (call $inner))
  (func $_start (export "_start") (call $middle)))
