;; module: bytes
;; tiers: auto
;; where: hosted
;; exit: 1
;; err: anneal: FILE: offset 0x0: unexpected end
