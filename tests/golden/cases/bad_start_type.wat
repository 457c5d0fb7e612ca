;; tiers: auto
;; exit: 1
;; err: anneal: FILE: _start must take and return nothing
(module (memory (export "memory") 1) (func (export "_start") (param i32)))
