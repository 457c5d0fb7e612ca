;; module: bytes 00 61 73 6d 02 00 00 00
;; tiers: auto
;; exit: 1
;; err: anneal: FILE: offset 0x4: unknown binary version
