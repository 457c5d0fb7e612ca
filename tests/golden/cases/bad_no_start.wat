;; tiers: auto
;; exit: 1
;; err: anneal: FILE: the module exports no function "_start"; name one with --invoke
(module (memory (export "memory") 1) (func (export "main")))
