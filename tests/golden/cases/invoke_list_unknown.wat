;; run: --invoke-list=- FILE
;; in: f 7
;; in: other 1
;; in: f 8
;; exit: 1
;; out: f 7 = 7
;; err: anneal: FILE: --invoke-list: line 2: the module exports no function or global of that name
(module (func (export "f") (param i32) (result i32) (local.get 0)))
