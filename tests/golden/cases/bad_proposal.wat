;; tiers: auto
;; exit: 1
;; err: anneal: FILE: offset 0x31: illegal opcode fe: it needs the threads proposal
(module (memory (export "memory") 1)
  (func $_start (export "_start") (atomic.fence)))
