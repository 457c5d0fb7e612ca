;; run: --invoke=all FILE 1 -2 0.1 1e300
;; exit: 0
;; out: 1
;; out: -2
;; out: 0.1
;; out: 1e+300
;; out: null
(module
  (func (export "all") (param i32 i64 f32 f64) (result i32 i64 f32 f64 funcref)
    (local.get 0) (local.get 1) (local.get 2) (local.get 3) (ref.null func)))
