;; module: bytes 7f 45 4c 46 02 01 01 00
;; tiers: auto
;; exit: 1
;; err: anneal: FILE: offset 0x0: magic header not detected
