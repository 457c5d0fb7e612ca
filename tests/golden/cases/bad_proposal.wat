;; tiers: auto
;; exit: 1
;; err: anneal: FILE: offset 0x31: illegal opcode 12: it needs the tail call proposal
(module (memory (export "memory") 1)
  (func $_start (export "_start") (return_call $_start)))
