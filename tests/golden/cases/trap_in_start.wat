;; exit: 134
;; err: trap: unreachable
;; err:   #0  init, offset 0x35
(module (memory (export "memory") 1)
  (func $init unreachable)
  (start $init)
  (func $_start (export "_start")))
