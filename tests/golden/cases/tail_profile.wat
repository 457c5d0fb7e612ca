;; run: --profile=on --invoke=down FILE 1000000
;; exit: 0
;; out: 7
(module
  (func $down (export "down") (param i64) (result i64)
    (if (i64.eqz (local.get 0)) (then (return (i64.const 7))))
    (return_call $further (f64.const 0.5) (i64.sub (local.get 0) (i64.const 1))))
  (func $further (param f64 i64) (result i64)
    (return_call $down (local.get 1))))
