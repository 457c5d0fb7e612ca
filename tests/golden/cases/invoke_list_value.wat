;; run: --invoke-list=- FILE
;; in: f 7
;; in: f 1x
;; in: f 8
;; exit: 1
;; out: f 7 = 7
;; err: anneal: FILE: --invoke-list: line 2: argument '1x' is not an i32
(module (func (export "f") (param i32) (result i32) (local.get 0)))
