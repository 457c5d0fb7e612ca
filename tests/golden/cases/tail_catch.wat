;; run: --invoke=rounds FILE 100000
;; exit: 0
;; out: 100000
;; out: 33333
(module
  (tag $third (param i32))
  (table funcref (elem $round))
  (func $rounds (export "rounds") (param i32) (result i32 i32)
    (return_call $round (local.get 0) (i32.const 0) (i32.const 0)))
  (func $check (param i32)
    (if (i32.eqz (i32.rem_u (local.get 0) (i32.const 3))) (then (return_call $throw (f64.const 0) (i32.const 1)))))
  (func $throw (param f64 i32)
    (throw $third (local.get 1)))
  (func $round (param $left i32) (param $done i32) (param $caught i32) (result i32 i32)
    (if (i32.eqz (local.get $left)) (then (return (local.get $done) (local.get $caught))))
    (try
      (do (call $check (local.get $left)))
      (catch $third
        (local.set $caught (i32.add (local.get $caught)))
        (return_call $next (f32.const 1) (local.get $left) (local.get $done) (local.get $caught))))
    (return_call_indirect (param i32 i32 i32) (result i32 i32) (i32.sub (local.get $left) (i32.const 1))
      (i32.add (local.get $done) (i32.const 1)) (local.get $caught) (i32.const 0)))
  (func $next (param f32) (param $left i32) (param $done i32) (param $caught i32) (result i32 i32)
    (try (result i32 i32)
      (do
        (return_call $round (i32.sub (local.get $left) (i32.const 1)) (i32.add (local.get $done) (i32.const 1))
          (local.get $caught)))
      (catch_all (i32.const -1) (i32.const -1)))))
