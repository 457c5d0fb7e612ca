;; run: --invoke-list=- FILE
;; in: f 7
;; in: f "1
;; in: f 8
;; exit: 1
;; out: f 7 = 7
;; err: anneal: FILE: --invoke-list: line 2: words, "..." and its escapes, and not too many
(module (func (export "f") (param i32) (result i32) (local.get 0)))
