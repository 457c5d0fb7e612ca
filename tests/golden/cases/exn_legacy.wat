;; run: --invoke=run FILE
;; exit: 0
;; out: 42
;; out: 42
;; out: 1070
;; out: 109
;; out: 2
;; out: 3
;; out: 20
;; out: 1
;; out: 107
;; out: 207
;; out: 107
;; out: 306
;; out: 55
;; out: 150115005
;; out: 15
(module
  (tag $none)
  (tag $i (param i32))
  (tag $wide (param i64 f64 v128 f32 i32))
  (type $thrower (func (param i32)))
  (table funcref (elem $throw_i $throw_wide $calm))
  (global $steps (mut i32) (i32.const 0))
  (func $throw_i (param i32) (throw $i (local.get 0)))
  (func $throw_wide (param i32)
    (throw $wide (i64.const 0x300000000) (f64.const 0.25) (v128.const i32x4 1 2 3 4) (f32.const 0.5) (local.get 0)))
  (func $calm (param i32) (global.set $steps (i32.add (global.get $steps) (i32.const 1))))
  (func $deep (param $n i32) (param $x i32)
    (if (local.get $n)
      (then (call $deep (i32.sub (local.get $n) (i32.const 1)) (local.get $x)) (global.set $steps (i32.const -1)))
      (else (call $throw_i (local.get $x)))))
  (func $through (result i32)
    (try (result i32)
      (do (call $deep (i32.const 500) (i32.const 42)) (i32.const 0))
      (catch $none (i32.const 1))
      (catch $i)))
  (func $values (result i32)
    (local $s i32)
    (try (result i64 f64 v128 f32 i32)
      (do (call $throw_wide (i32.const 5)) (unreachable))
      (catch $wide))
    (local.set $s)
    (f32.const 10) (f32.mul) (i32.trunc_f32_s) (local.get $s) (i32.add) (local.set $s)
    (i32x4.extract_lane 3) (local.get $s) (i32.add) (local.set $s)
    (f64.const 100) (f64.mul) (i32.trunc_f64_s) (local.get $s) (i32.add) (local.set $s)
    (i64.const 32) (i64.shr_u) (i32.wrap_i64) (local.get $s) (i32.add))
  ;; the innermost handler that fits; catch_all; what a handler throws goes outside
  (func $nested (param $which i32) (result i32)
    (try (result i32)
      (do
        (try (result i32)
          (do
            (try (result i32)
              (do
                (if (i32.eqz (local.get $which)) (then (throw $none)))
                (call_indirect (type $thrower) (i32.const 9) (i32.sub (local.get $which) (i32.const 1)))
                (i32.const 3))
              (catch $none (throw $i (i32.const 70)))
              (catch $i (i32.add (i32.const 100)))))
          (catch $i (i32.add (i32.const 1000)))))
      (catch_all (i32.const 2))))
  ;; rethrow names any handler around it
  (func $again (param $outer i32) (result i32)
    (try (result i32)
      (do
        (try (result i32)
          (do (throw $i (i32.const 1)))
          (catch $i
            (drop)
            (try (result i32)
              (do (throw $i (i32.const 20)))
              (catch_all
                (call $calm (i32.const 0))
                (if (local.get $outer) (then (rethrow 2)))
                (rethrow 0))))))
      (catch $i)))
  ;; delegate skips the handlers in between
  (func $delegates (param $to i32) (result i32)
    (try (result i32)
      (do
        (try $one (result i32)
          (do
            (block $plain (result i32)
              (try $two (result i32)
                (do
                  (if (result i32) (local.get $to)
                    (then
                      (if (result i32) (i32.eq (local.get $to) (i32.const 1))
                        (then (try (result i32) (do (call $deep (i32.const 3) (i32.const 7)) (i32.const 0)) (delegate $two)))
                        (else (try (result i32) (do (call $deep (i32.const 3) (i32.const 7)) (i32.const 0)) (delegate $plain)))))
                    (else (try (result i32) (do (throw $i (i32.const 7))) (delegate $one)))))
                (catch $i (i32.add (i32.const 200))))))
          (catch $i (i32.add (i32.const 100)))))
      (catch $i (i32.add (i32.const 10)))))
  (func $to_caller (result i32)
    (try (result i32)
      (do (try (result i32) (do (call $throw_i (i32.const 6)) (i32.const 0)) (delegate 1)))
      (catch_all (i32.const -1))))
  ;; a handler delegates what its own body throws: not to its own `try`
  (func $from_handler (result i32)
    (try (result i32)
      (do
        (try $t (result i32)
          (do (throw $none))
          (catch_all (try (result i32) (do (throw $i (i32.const 5))) (delegate $t)))))
      (catch $i (i32.add (i32.const 50)))))
  (func $caller (result i32) (try (result i32) (do (call $to_caller)) (catch $i (i32.add (i32.const 300)))))
  ;; hot: a handler inside a loop, a loop inside a handler
  (func $loops (param $n i32) (result i32)
    (local $sum i32) (local $k i32)
    (loop $l
      (try
        (do (if (i32.eqz (i32.rem_u (local.get $n) (i32.const 3))) (then (call $throw_i (local.get $n)))))
        (catch $i (local.set $sum (i32.add (local.get $sum)))))
      (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (try
      (do (throw $i (i32.const 5)))
      (catch $i
        (local.set $k)
        (local.set $n (i32.const 20000))
        (loop $m
          (local.set $sum (i32.add (local.get $sum) (local.get $k)))
          (br_if $m (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
        (try
          (do (rethrow 1))
          (catch $i (local.set $k))
          (catch_all (unreachable)))))
    (i32.add (local.get $sum) (local.get $k)))
  (func $plain_try (result i32) (try (result i32) (do (i32.const 12))))
  (func (export "run") (result i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32)
    (call $through)
    (call $values)
    (call $nested (i32.const 0))
    (call $nested (i32.const 1))
    (call $nested (i32.const 2))
    (call $nested (i32.const 3))
    (call $again (i32.const 0))
    (call $again (i32.const 1))
    (call $delegates (i32.const 0))
    (call $delegates (i32.const 1))
    (call $delegates (i32.const 2))
    (call $caller)
    (call $from_handler)
    (call $loops (i32.const 30000))
    (i32.add (call $plain_try) (global.get $steps))))
