;; run: --invoke=all FILE 3
;; exit: 0
;; out: -9053767529455204876
;; out: 49.5
;; out: 8
;; out: 1e+01
;; out: 5674123
;; out: 6752341
;; out: 7563412
;; out: 7561234
;; out: -3.75
(module
  ;; parameters of all kinds, more than there are registers for, used so often that they are kept in some
  (func $many (param $a i32) (param $b i64) (param $c i32) (param $d i64) (param $e i32) (param $f i32) (param $g i64)
      (param $u f64) (param $v f32) (param $w f64) (param $x f64) (param $y f32) (param $z f64) (param $p f64) (param $q f64)
      (param $r f64) (param $s f32) (result i64 f64 i32 f32)
    (local $n i32) (local $sum i64) (local $fs f64)
    (loop $again
      (local.set $sum (i64.add (i64.mul (local.get $sum) (i64.const 31)) (i64.add (local.get $b) (local.get $g))))
      (local.set $sum (i64.xor (local.get $sum) (i64.extend_i32_s (i32.sub (local.get $f) (local.get $e)))))
      (local.set $sum (i64.rotl (local.get $sum) (i64.extend_i32_u (i32.add (local.get $a) (local.get $c)))))
      (local.set $fs (f64.add (local.get $fs) (f64.sub (f64.mul (local.get $u) (local.get $w)) (f64.div (local.get $r) (local.get $q)))))
      (local.set $fs (f64.add (local.get $fs) (f64.promote_f32 (f32.sub (local.get $s) (f32.mul (local.get $v) (local.get $y))))))
      (br_if $again (i32.lt_u (local.tee $n (i32.add (local.get $n) (i32.const 1))) (i32.const 10))))
    (local.get $sum)
    (f64.add (local.get $fs) (f64.add (local.get $x) (f64.add (local.get $z) (local.get $p))))
    (i32.add (local.get $n) (i32.wrap_i64 (local.get $d)))
    (local.get $s))
  ;; each call gets its own parameters in another order
  (func $turn (param $n i32) (param $a i32) (param $b i32) (param $c i32) (param $d i32) (param $x f64) (param $y f64) (param $z f64) (result i64)
    (local $k i32)
    (if (i32.eqz (local.get $n)) (then
      (return (i64.add
        (i64.extend_i32_u (i32.add (i32.mul (local.get $a) (i32.const 1000)) (i32.add (i32.mul (local.get $b) (i32.const 100))
          (i32.add (i32.mul (local.get $c) (i32.const 10)) (local.get $d)))))
        (i64.trunc_sat_f64_s (f64.add (f64.mul (local.get $x) (f64.const 1e6)) (f64.add (f64.mul (local.get $y) (f64.const 1e5)) (f64.mul (local.get $z) (f64.const 1e4)))))))))
    (loop $spin
      (local.set $k (i32.add (local.get $k) (local.get $a)))
      (local.set $k (i32.add (local.get $k) (i32.and (i32.xor (local.get $b) (i32.add (local.get $c) (local.get $d))) (i32.const 7))))
      (br_if $spin (i32.lt_u (local.get $k) (i32.const 40))))
    (call $turn (i32.sub (local.get $n) (i32.const 1)) (local.get $b) (local.get $c) (local.get $d) (local.get $a)
      (local.get $y) (local.get $z) (local.get $x)))
  ;; values that are waiting while a call is made, in every kind of place
  (func $waiting (param $n i32) (param $x f64) (result f64)
    (local $k i32)
    (f64.sub (f64.mul (local.get $x) (f64.const 3))
      (f64.add (f64.convert_i32_s (i32.add (i32.shl (local.get $n) (local.get $k))
          (i32.rem_s (i32.const 1000003) (if (result i32) (i32.gt_s (local.get $n) (i32.const 0))
            (then (i32.add (i32.const 7) (i32.wrap_i64 (i64.trunc_sat_f64_s (call $waiting (i32.sub (local.get $n) (i32.const 1)) (local.get $x))))))
            (else (i32.const 11))))))
        (f64.floor (local.get $x)))))
  (func (export "all") (param $n i32) (result i64 f64 i32 f32 i64 i64 i64 i64 f64)
    (call $many (local.get $n) (i64.const 0x123456789abcdef) (i32.const 5) (i64.const -2) (i32.const 17) (i32.const -4) (i64.const 99)
      (f64.const 1.5) (f32.const 2.25) (f64.const -3) (f64.const 4) (f32.const 0.5) (f64.const 6) (f64.const 7) (f64.const 8) (f64.const 9) (f32.const 10))
    (call $turn (local.get $n) (i32.const 1) (i32.const 2) (i32.const 3) (i32.const 4) (f64.const 5) (f64.const 6) (f64.const 7))
    (call $turn (i32.const 1) (i32.const 1) (i32.const 2) (i32.const 3) (i32.const 4) (f64.const 5) (f64.const 6) (f64.const 7))
    (call $turn (i32.const 2) (i32.const 1) (i32.const 2) (i32.const 3) (i32.const 4) (f64.const 5) (f64.const 6) (f64.const 7))
    (call $turn (i32.const 200) (i32.const 1) (i32.const 2) (i32.const 3) (i32.const 4) (f64.const 5) (f64.const 6) (f64.const 7))
    (call $waiting (i32.const 9) (f64.const 2.75))))
