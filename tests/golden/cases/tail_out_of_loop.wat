;; run: --invoke=rounds FILE 200
;; exit: 0
;; out: 6000000
;; out: 0.5
(module
  (func $rounds (export "rounds") (param i32) (result i32 f64)
    (return_call $round (local.get 0) (i32.const 30000) (i32.const 0) (f64.const 0.5)))
  (func $round (param $left i32) (param $turns i32) (param $sum i32) (param $kept f64) (result i32 f64)
    (if (i32.eqz (local.get $left)) (then (return (local.get $sum) (local.get $kept))))
    (loop $again
      (local.set $sum (i32.add (local.get $sum) (i32.const 1)))
      (if (local.tee $turns (i32.sub (local.get $turns) (i32.const 1)))
        (then (br $again)))
      (return_call $next (local.get $kept) (local.get $sum) (i32.sub (local.get $left) (i32.const 1))))
    unreachable)
  (func $next (param $kept f64) (param $sum i32) (param $left i32) (result i32 f64)
    (return_call $round (local.get $left) (i32.const 30000) (local.get $sum) (local.get $kept))))
