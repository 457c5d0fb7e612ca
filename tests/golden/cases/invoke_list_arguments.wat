;; run: --invoke-list=- FILE
;; in: f 7
;; in: f 1 2
;; in: f 8
;; exit: 1
;; out: f 7 = 7
;; err: anneal: FILE: --invoke-list: line 2: f takes 1 arguments, 2 given
(module (func (export "f") (param i32) (result i32) (local.get 0)))
