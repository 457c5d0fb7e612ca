;; run: --invoke=sum FILE 30000000
;; exit: 0
;; out: 450000015000000
;; out: 30000000
(module
  (func $sum (export "sum") (param i64) (result i64 i64)
    (return_call $add (local.get 0) (i64.const 0) (i64.const 0)))
  (func $add (param $left i64) (param $sum i64) (param $calls i64) (result i64 i64)
    (local $zero i64)
    (if (i64.eqz (local.get $left))
      (then (return (local.get $sum) (i64.add (local.get $calls) (local.get $zero)))))
    (local.set $zero (i64.add (local.get $zero) (i64.const 1)))
    (return_call $add (i64.sub (local.get $left) (i64.const 1)) (i64.add (local.get $sum) (local.get $left))
      (i64.add (local.get $calls) (local.get $zero)))))
