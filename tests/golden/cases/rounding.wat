;; run: --fuzz FILE
;; A C library's rounding half away from zero, and what only looks like it: other bounds, other middles, the sign lost.
;; exit: 0
;; out: round = 431e9f8625a24200
;; out: round_late = 431e9f8625a24200
;; out: round_early = c32635a33c9e5f00
;; out: round_tie_even = c315c5f70e80bb0c
;; out: round_up = 43107b9e0dca76e0
;; out: round_no_sign = 4325e8638df12100
;; out: round_zero = c30ce032663b7c00
;; out: round_halves = c32e698d1cd47b9c
;; out: round_f64 = 4326468549ec8d9c
;; out: memory cbf29ce484222325
(module
  (func $round (param $x f32) (result f32)
    (local $y f32) (local $bits i32) (local $e i32)
    (local.set $e (i32.and (i32.shr_u (local.tee $bits (i32.reinterpret_f32 (local.get $x))) (i32.const 23)) (i32.const 255)))
    (if (i32.gt_u (local.get $e) (i32.const 149)) (then (return (local.get $x))))
    (if (i32.le_u (local.get $e) (i32.const 125)) (then (return (f32.mul (local.get $x) (f32.const 0)))))
    (local.set $x (select (local.get $x) (f32.neg (local.get $x)) (i32.ge_s (local.get $bits) (i32.const 0))))
    (local.set $y (f32.sub (f32.add (f32.add (local.get $x) (f32.const 0x1p23)) (f32.const -0x1p23)) (local.get $x)))
    (if (f32.gt (local.get $y) (f32.const 0x1p-1))
      (then (local.set $x (f32.add (f32.add (local.get $x) (local.get $y)) (f32.const -1))))
      (else
        (local.set $x (f32.add (local.get $x) (local.get $y)))
        (if (f32.le (local.get $y) (f32.const -0x1p-1)) (then (local.set $x (f32.add (local.get $x) (f32.const 1)))))))
    (select (local.get $x) (f32.neg (local.get $x)) (i32.ge_s (local.get $bits) (i32.const 0))))
  (func (export "round") (result f64)
    (local $i i32) (local $sum i64)
    (loop $next
      (local.set $sum (i64.add (i64.mul (local.get $sum) (i64.const 31)) (i64.extend_i32_u (i32.reinterpret_f32
        (call $round (f32.reinterpret_i32 (i32.mul (local.get $i) (i32.const 0x9e3779b1))))))))
      (local.set $sum (i64.add (i64.mul (local.get $sum) (i64.const 31)) (i64.extend_i32_u (i32.reinterpret_f32
        (call $round (f32.mul (f32.convert_i32_s (i32.sub (local.get $i) (i32.const 20000))) (f32.const 0.25)))))))
      (local.set $sum (i64.add (i64.mul (local.get $sum) (i64.const 31)) (i64.extend_i32_u (i32.reinterpret_f32
        (call $round (f32.reinterpret_i32 (i32.add (local.get $i) (i32.const 0x4affb1e0))))))))
      (br_if $next (i32.ne (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 40000))))
    (f64.convert_i64_s (i64.shr_s (local.get $sum) (i64.const 11))))
  (func $round_late (param $x f32) (result f32)
    (local $y f32) (local $bits i32) (local $e i32)
    (local.set $e (i32.and (i32.shr_u (local.tee $bits (i32.reinterpret_f32 (local.get $x))) (i32.const 23)) (i32.const 255)))
    (if (i32.gt_u (local.get $e) (i32.const 150)) (then (return (local.get $x))))
    (if (i32.le_u (local.get $e) (i32.const 125)) (then (return (f32.mul (local.get $x) (f32.const 0)))))
    (local.set $x (select (local.get $x) (f32.neg (local.get $x)) (i32.ge_s (local.get $bits) (i32.const 0))))
    (local.set $y (f32.sub (f32.add (f32.add (local.get $x) (f32.const 0x1p23)) (f32.const -0x1p23)) (local.get $x)))
    (if (f32.gt (local.get $y) (f32.const 0x1p-1))
      (then (local.set $x (f32.add (f32.add (local.get $x) (local.get $y)) (f32.const -1))))
      (else
        (local.set $x (f32.add (local.get $x) (local.get $y)))
        (if (f32.le (local.get $y) (f32.const -0x1p-1)) (then (local.set $x (f32.add (local.get $x) (f32.const 1)))))))
    (select (local.get $x) (f32.neg (local.get $x)) (i32.ge_s (local.get $bits) (i32.const 0))))
  (func (export "round_late") (result f64)
    (local $i i32) (local $sum i64)
    (loop $next
      (local.set $sum (i64.add (i64.mul (local.get $sum) (i64.const 31)) (i64.extend_i32_u (i32.reinterpret_f32
        (call $round_late (f32.reinterpret_i32 (i32.mul (local.get $i) (i32.const 0x9e3779b1))))))))
      (local.set $sum (i64.add (i64.mul (local.get $sum) (i64.const 31)) (i64.extend_i32_u (i32.reinterpret_f32
        (call $round_late (f32.mul (f32.convert_i32_s (i32.sub (local.get $i) (i32.const 20000))) (f32.const 0.25)))))))
      (local.set $sum (i64.add (i64.mul (local.get $sum) (i64.const 31)) (i64.extend_i32_u (i32.reinterpret_f32
        (call $round_late (f32.reinterpret_i32 (i32.add (local.get $i) (i32.const 0x4affb1e0))))))))
      (br_if $next (i32.ne (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 40000))))
    (f64.convert_i64_s (i64.shr_s (local.get $sum) (i64.const 11))))
  (func $round_early (param $x f32) (result f32)
    (local $y f32) (local $bits i32) (local $e i32)
    (local.set $e (i32.and (i32.shr_u (local.tee $bits (i32.reinterpret_f32 (local.get $x))) (i32.const 23)) (i32.const 255)))
    (if (i32.gt_u (local.get $e) (i32.const 149)) (then (return (local.get $x))))
    (if (i32.le_u (local.get $e) (i32.const 126)) (then (return (f32.mul (local.get $x) (f32.const 0)))))
    (local.set $x (select (local.get $x) (f32.neg (local.get $x)) (i32.ge_s (local.get $bits) (i32.const 0))))
    (local.set $y (f32.sub (f32.add (f32.add (local.get $x) (f32.const 0x1p23)) (f32.const -0x1p23)) (local.get $x)))
    (if (f32.gt (local.get $y) (f32.const 0x1p-1))
      (then (local.set $x (f32.add (f32.add (local.get $x) (local.get $y)) (f32.const -1))))
      (else
        (local.set $x (f32.add (local.get $x) (local.get $y)))
        (if (f32.le (local.get $y) (f32.const -0x1p-1)) (then (local.set $x (f32.add (local.get $x) (f32.const 1)))))))
    (select (local.get $x) (f32.neg (local.get $x)) (i32.ge_s (local.get $bits) (i32.const 0))))
  (func (export "round_early") (result f64)
    (local $i i32) (local $sum i64)
    (loop $next
      (local.set $sum (i64.add (i64.mul (local.get $sum) (i64.const 31)) (i64.extend_i32_u (i32.reinterpret_f32
        (call $round_early (f32.reinterpret_i32 (i32.mul (local.get $i) (i32.const 0x9e3779b1))))))))
      (local.set $sum (i64.add (i64.mul (local.get $sum) (i64.const 31)) (i64.extend_i32_u (i32.reinterpret_f32
        (call $round_early (f32.mul (f32.convert_i32_s (i32.sub (local.get $i) (i32.const 20000))) (f32.const 0.25)))))))
      (local.set $sum (i64.add (i64.mul (local.get $sum) (i64.const 31)) (i64.extend_i32_u (i32.reinterpret_f32
        (call $round_early (f32.reinterpret_i32 (i32.add (local.get $i) (i32.const 0x4affb1e0))))))))
      (br_if $next (i32.ne (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 40000))))
    (f64.convert_i64_s (i64.shr_s (local.get $sum) (i64.const 11))))
  (func $round_tie_even (param $x f32) (result f32)
    (local $y f32) (local $bits i32) (local $e i32)
    (local.set $e (i32.and (i32.shr_u (local.tee $bits (i32.reinterpret_f32 (local.get $x))) (i32.const 23)) (i32.const 255)))
    (if (i32.gt_u (local.get $e) (i32.const 149)) (then (return (local.get $x))))
    (if (i32.le_u (local.get $e) (i32.const 125)) (then (return (f32.mul (local.get $x) (f32.const 0)))))
    (local.set $x (select (local.get $x) (f32.neg (local.get $x)) (i32.ge_s (local.get $bits) (i32.const 0))))
    (local.set $y (f32.sub (f32.add (f32.add (local.get $x) (f32.const 0x1p23)) (f32.const -0x1p23)) (local.get $x)))
    (if (f32.gt (local.get $y) (f32.const 0x1p-1))
      (then (local.set $x (f32.add (f32.add (local.get $x) (local.get $y)) (f32.const -1))))
      (else
        (local.set $x (f32.add (local.get $x) (local.get $y)))
        (if (f32.lt (local.get $y) (f32.const -0x1p-1)) (then (local.set $x (f32.add (local.get $x) (f32.const 1)))))))
    (select (local.get $x) (f32.neg (local.get $x)) (i32.ge_s (local.get $bits) (i32.const 0))))
  (func (export "round_tie_even") (result f64)
    (local $i i32) (local $sum i64)
    (loop $next
      (local.set $sum (i64.add (i64.mul (local.get $sum) (i64.const 31)) (i64.extend_i32_u (i32.reinterpret_f32
        (call $round_tie_even (f32.reinterpret_i32 (i32.mul (local.get $i) (i32.const 0x9e3779b1))))))))
      (local.set $sum (i64.add (i64.mul (local.get $sum) (i64.const 31)) (i64.extend_i32_u (i32.reinterpret_f32
        (call $round_tie_even (f32.mul (f32.convert_i32_s (i32.sub (local.get $i) (i32.const 20000))) (f32.const 0.25)))))))
      (local.set $sum (i64.add (i64.mul (local.get $sum) (i64.const 31)) (i64.extend_i32_u (i32.reinterpret_f32
        (call $round_tie_even (f32.reinterpret_i32 (i32.add (local.get $i) (i32.const 0x4affb1e0))))))))
      (br_if $next (i32.ne (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 40000))))
    (f64.convert_i64_s (i64.shr_s (local.get $sum) (i64.const 11))))
  (func $round_up (param $x f32) (result f32)
    (local $y f32) (local $bits i32) (local $e i32)
    (local.set $e (i32.and (i32.shr_u (local.tee $bits (i32.reinterpret_f32 (local.get $x))) (i32.const 23)) (i32.const 255)))
    (if (i32.gt_u (local.get $e) (i32.const 149)) (then (return (local.get $x))))
    (if (i32.le_u (local.get $e) (i32.const 125)) (then (return (f32.mul (local.get $x) (f32.const 0)))))
    (local.set $x (select (local.get $x) (f32.neg (local.get $x)) (i32.ge_s (local.get $bits) (i32.const 0))))
    (local.set $y (f32.sub (f32.add (f32.add (local.get $x) (f32.const 0x1p23)) (f32.const -0x1p23)) (local.get $x)))
    (if (f32.gt (local.get $y) (f32.const 0x1p-2))
      (then (local.set $x (f32.add (f32.add (local.get $x) (local.get $y)) (f32.const -1))))
      (else
        (local.set $x (f32.add (local.get $x) (local.get $y)))
        (if (f32.le (local.get $y) (f32.const -0x1p-1)) (then (local.set $x (f32.add (local.get $x) (f32.const 1)))))))
    (select (local.get $x) (f32.neg (local.get $x)) (i32.ge_s (local.get $bits) (i32.const 0))))
  (func (export "round_up") (result f64)
    (local $i i32) (local $sum i64)
    (loop $next
      (local.set $sum (i64.add (i64.mul (local.get $sum) (i64.const 31)) (i64.extend_i32_u (i32.reinterpret_f32
        (call $round_up (f32.reinterpret_i32 (i32.mul (local.get $i) (i32.const 0x9e3779b1))))))))
      (local.set $sum (i64.add (i64.mul (local.get $sum) (i64.const 31)) (i64.extend_i32_u (i32.reinterpret_f32
        (call $round_up (f32.mul (f32.convert_i32_s (i32.sub (local.get $i) (i32.const 20000))) (f32.const 0.25)))))))
      (local.set $sum (i64.add (i64.mul (local.get $sum) (i64.const 31)) (i64.extend_i32_u (i32.reinterpret_f32
        (call $round_up (f32.reinterpret_i32 (i32.add (local.get $i) (i32.const 0x4affb1e0))))))))
      (br_if $next (i32.ne (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 40000))))
    (f64.convert_i64_s (i64.shr_s (local.get $sum) (i64.const 11))))
  (func $round_no_sign (param $x f32) (result f32)
    (local $y f32) (local $bits i32) (local $e i32)
    (local.set $e (i32.and (i32.shr_u (local.tee $bits (i32.reinterpret_f32 (local.get $x))) (i32.const 23)) (i32.const 255)))
    (if (i32.gt_u (local.get $e) (i32.const 149)) (then (return (local.get $x))))
    (if (i32.le_u (local.get $e) (i32.const 125)) (then (return (f32.mul (local.get $x) (f32.const 0)))))
    (local.set $x (select (local.get $x) (f32.neg (local.get $x)) (i32.ge_s (local.get $bits) (i32.const 0))))
    (local.set $y (f32.sub (f32.add (f32.add (local.get $x) (f32.const 0x1p23)) (f32.const -0x1p23)) (local.get $x)))
    (if (f32.gt (local.get $y) (f32.const 0x1p-1))
      (then (local.set $x (f32.add (f32.add (local.get $x) (local.get $y)) (f32.const -1))))
      (else
        (local.set $x (f32.add (local.get $x) (local.get $y)))
        (if (f32.le (local.get $y) (f32.const -0x1p-1)) (then (local.set $x (f32.add (local.get $x) (f32.const 1)))))))
    (local.get $x))
  (func (export "round_no_sign") (result f64)
    (local $i i32) (local $sum i64)
    (loop $next
      (local.set $sum (i64.add (i64.mul (local.get $sum) (i64.const 31)) (i64.extend_i32_u (i32.reinterpret_f32
        (call $round_no_sign (f32.reinterpret_i32 (i32.mul (local.get $i) (i32.const 0x9e3779b1))))))))
      (local.set $sum (i64.add (i64.mul (local.get $sum) (i64.const 31)) (i64.extend_i32_u (i32.reinterpret_f32
        (call $round_no_sign (f32.mul (f32.convert_i32_s (i32.sub (local.get $i) (i32.const 20000))) (f32.const 0.25)))))))
      (local.set $sum (i64.add (i64.mul (local.get $sum) (i64.const 31)) (i64.extend_i32_u (i32.reinterpret_f32
        (call $round_no_sign (f32.reinterpret_i32 (i32.add (local.get $i) (i32.const 0x4affb1e0))))))))
      (br_if $next (i32.ne (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 40000))))
    (f64.convert_i64_s (i64.shr_s (local.get $sum) (i64.const 11))))
  (func $round_zero (param $x f32) (result f32)
    (local $y f32) (local $bits i32) (local $e i32)
    (local.set $e (i32.and (i32.shr_u (local.tee $bits (i32.reinterpret_f32 (local.get $x))) (i32.const 23)) (i32.const 255)))
    (if (i32.gt_u (local.get $e) (i32.const 149)) (then (return (local.get $x))))
    (if (i32.le_u (local.get $e) (i32.const 125)) (then (return (f32.mul (local.get $x) (f32.const -0)))))
    (local.set $x (select (local.get $x) (f32.neg (local.get $x)) (i32.ge_s (local.get $bits) (i32.const 0))))
    (local.set $y (f32.sub (f32.add (f32.add (local.get $x) (f32.const 0x1p23)) (f32.const -0x1p23)) (local.get $x)))
    (if (f32.gt (local.get $y) (f32.const 0x1p-1))
      (then (local.set $x (f32.add (f32.add (local.get $x) (local.get $y)) (f32.const -1))))
      (else
        (local.set $x (f32.add (local.get $x) (local.get $y)))
        (if (f32.le (local.get $y) (f32.const -0x1p-1)) (then (local.set $x (f32.add (local.get $x) (f32.const 1)))))))
    (select (local.get $x) (f32.neg (local.get $x)) (i32.ge_s (local.get $bits) (i32.const 0))))
  (func (export "round_zero") (result f64)
    (local $i i32) (local $sum i64)
    (loop $next
      (local.set $sum (i64.add (i64.mul (local.get $sum) (i64.const 31)) (i64.extend_i32_u (i32.reinterpret_f32
        (call $round_zero (f32.reinterpret_i32 (i32.mul (local.get $i) (i32.const 0x9e3779b1))))))))
      (local.set $sum (i64.add (i64.mul (local.get $sum) (i64.const 31)) (i64.extend_i32_u (i32.reinterpret_f32
        (call $round_zero (f32.mul (f32.convert_i32_s (i32.sub (local.get $i) (i32.const 20000))) (f32.const 0.25)))))))
      (local.set $sum (i64.add (i64.mul (local.get $sum) (i64.const 31)) (i64.extend_i32_u (i32.reinterpret_f32
        (call $round_zero (f32.reinterpret_i32 (i32.add (local.get $i) (i32.const 0x4affb1e0))))))))
      (br_if $next (i32.ne (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 40000))))
    (f64.convert_i64_s (i64.shr_s (local.get $sum) (i64.const 11))))
  (func $round_halves (param $x f32) (result f32)
    (local $y f32) (local $bits i32) (local $e i32)
    (local.set $e (i32.and (i32.shr_u (local.tee $bits (i32.reinterpret_f32 (local.get $x))) (i32.const 23)) (i32.const 255)))
    (if (i32.gt_u (local.get $e) (i32.const 149)) (then (return (local.get $x))))
    (if (i32.le_u (local.get $e) (i32.const 125)) (then (return (f32.mul (local.get $x) (f32.const 0)))))
    (local.set $x (select (local.get $x) (f32.neg (local.get $x)) (i32.ge_s (local.get $bits) (i32.const 0))))
    (local.set $y (f32.sub (f32.add (f32.add (local.get $x) (f32.const 0x1p22)) (f32.const -0x1p22)) (local.get $x)))
    (if (f32.gt (local.get $y) (f32.const 0x1p-1))
      (then (local.set $x (f32.add (f32.add (local.get $x) (local.get $y)) (f32.const -1))))
      (else
        (local.set $x (f32.add (local.get $x) (local.get $y)))
        (if (f32.le (local.get $y) (f32.const -0x1p-1)) (then (local.set $x (f32.add (local.get $x) (f32.const 1)))))))
    (select (local.get $x) (f32.neg (local.get $x)) (i32.ge_s (local.get $bits) (i32.const 0))))
  (func (export "round_halves") (result f64)
    (local $i i32) (local $sum i64)
    (loop $next
      (local.set $sum (i64.add (i64.mul (local.get $sum) (i64.const 31)) (i64.extend_i32_u (i32.reinterpret_f32
        (call $round_halves (f32.reinterpret_i32 (i32.mul (local.get $i) (i32.const 0x9e3779b1))))))))
      (local.set $sum (i64.add (i64.mul (local.get $sum) (i64.const 31)) (i64.extend_i32_u (i32.reinterpret_f32
        (call $round_halves (f32.mul (f32.convert_i32_s (i32.sub (local.get $i) (i32.const 20000))) (f32.const 0.25)))))))
      (local.set $sum (i64.add (i64.mul (local.get $sum) (i64.const 31)) (i64.extend_i32_u (i32.reinterpret_f32
        (call $round_halves (f32.reinterpret_i32 (i32.add (local.get $i) (i32.const 0x4affb1e0))))))))
      (br_if $next (i32.ne (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 40000))))
    (f64.convert_i64_s (i64.shr_s (local.get $sum) (i64.const 11))))
  (func $round_f64 (param $x f64) (result f64)
    (local $y f64) (local $a f64) (local $e i32) (local $bits i64)
    (local.set $bits (i64.reinterpret_f64 (local.get $x)))
    (local.set $e (i32.and (i32.wrap_i64 (i64.shr_u (local.get $bits) (i64.const 52))) (i32.const 2047)))
    (if (i32.gt_u (local.get $e) (i32.const 1074)) (then (return (local.get $x))))
    (local.set $a (local.get $x))
    (if (i64.lt_s (local.get $bits) (i64.const 0)) (then (local.set $a (f64.neg (local.get $x)))))
    (if (i32.le_u (local.get $e) (i32.const 1021)) (then (return (f64.mul (local.get $x) (f64.const 0)))))
    (local.set $y (f64.sub (f64.add (f64.add (local.get $a) (f64.const 0x1p52)) (f64.const -0x1p52)) (local.get $a)))
    (if (f64.gt (local.get $y) (f64.const 0.5))
      (then (local.set $y (f64.add (f64.add (local.get $a) (local.get $y)) (f64.const -1))))
      (else (if (f64.le (local.get $y) (f64.const -0.5))
        (then (local.set $y (f64.add (f64.add (local.get $y) (local.get $a)) (f64.const 1))))
        (else (local.set $y (f64.add (local.get $y) (local.get $a)))))))
    (if (i64.lt_s (local.get $bits) (i64.const 0)) (then (local.set $y (f64.neg (local.get $y)))))
    (local.get $y))
  (func (export "round_f64") (result f64)
    (local $i i32) (local $sum i64)
    (loop $next
      (local.set $sum (i64.add (i64.mul (local.get $sum) (i64.const 31)) (i64.reinterpret_f64
        (call $round_f64 (f64.reinterpret_i64 (i64.mul (i64.extend_i32_u (local.get $i)) (i64.const 0x9e3779b97f4a7c15)))))))
      (local.set $sum (i64.add (i64.mul (local.get $sum) (i64.const 31)) (i64.reinterpret_f64
        (call $round_f64 (f64.mul (f64.convert_i32_s (i32.sub (local.get $i) (i32.const 20000))) (f64.const 0.25))))))
      (local.set $sum (i64.add (i64.mul (local.get $sum) (i64.const 31)) (i64.reinterpret_f64
        (call $round_f64 (f64.reinterpret_i64 (i64.add (i64.extend_i32_u (local.get $i)) (i64.const 0x432fffffffffb1e0)))))))
      (br_if $next (i32.ne (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 40000))))
    (f64.convert_i64_s (i64.shr_s (local.get $sum) (i64.const 11)))))
