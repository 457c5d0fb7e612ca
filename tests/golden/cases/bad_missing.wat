;; module: missing
;; where: hosted
;; tiers: auto
;; exit: 1
;; err: anneal: FILE: cannot read the file
