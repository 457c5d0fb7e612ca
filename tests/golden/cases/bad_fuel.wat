;; where: hosted
;; run: --fuel=many FILE
;; tiers: auto
;; exit: 1
;; err: anneal: --fuel=many: expected N
(module (memory (export "memory") 1) (func (export "_start")))
