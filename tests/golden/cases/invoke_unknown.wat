;; run: --invoke=nothing FILE
;; tiers: auto
;; exit: 1
;; err: anneal: FILE: the module exports no function "nothing"
(module (func (export "something")))
