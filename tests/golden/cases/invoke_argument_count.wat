;; run: --invoke=f FILE 1
;; tiers: auto
;; exit: 1
;; err: anneal: FILE: f takes 2 arguments, 1 given
(module (func (export "f") (param i32 i32)))
