;; exit: 134
;; err: anneal: FILE: trap while the module was initialised: out of bounds memory access
(module (memory (export "memory") 1)
  (data (i32.const 65535) "two")
  (func $_start (export "_start")))
