;; where: hosted
;; run: --timeout=0 FILE
;; tiers: auto
;; exit: 1
;; err: anneal: --timeout=0: expected MS
(module (memory (export "memory") 1) (func (export "_start")))
