;; where: hosted
;; run: --tier=fast FILE
;; tiers: auto
;; exit: 1
;; err: anneal: --tier=fast: expected auto|interp|baseline|o0|o1|o2|o3
(module (memory (export "memory") 1) (func (export "_start")))
