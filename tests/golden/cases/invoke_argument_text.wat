;; run: --invoke=f FILE twelve
;; tiers: auto
;; exit: 1
;; err: anneal: FILE: argument 'twelve' is not an i32
(module (func (export "f") (param i32)))
