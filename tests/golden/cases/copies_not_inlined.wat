;; run: --threshold=20 --compile=sync --invoke-list=- FILE
;; in: many 3000
;; in: one 5
;; in: two 5
;; in: rest 5
;; in: down 40
;; in: manydown 2000
;; in: down 40
;; Callees that are copied into what calls them to be inlined, and are too large for it: with more arguments than there
;; are registers, two results, the same constant from everywhere, themselves, and one that traps. The copies go, and
;; the calls lead to their own code.
;; exit: 0
;; out: many 3000 = 1954093089
;; out: one 5 = -504094505 3.75
;; out: two 5 = 727824829 -1.25
;; out: rest 5 = 1583651255
;; out: down 40 = 1184078744
;; out: manydown 2000 = 1660976512
;; out: down 40 = -1614249960
(module (memory 1)
  (func $large (param $a i32) (param $b i32) (param $c i32) (param $d i32) (param $e i32) (param $f i32) (param $g i32) (param $h i32)
               (param $l i64) (param $y f64) (param $z f32) (result i32 f64) (local $x i32)
    (local.set $x (local.get $a))
    (local.set $x (i32.xor (i32.rotl (local.get $x) (i32.const 1)) (i32.add (local.get $a) (i32.load (i32.and (local.get $x) (i32.const 0xfffc))))))
    (i32.store (i32.and (local.get $x) (i32.const 0xfffc)) (i32.add (local.get $x) (i32.wrap_i64 (local.get $l))))
    (local.set $x (i32.xor (i32.rotl (local.get $x) (i32.const 2)) (i32.add (local.get $b) (i32.load (i32.and (local.get $x) (i32.const 0xfff0))))))
    (local.set $x (i32.xor (i32.rotl (local.get $x) (i32.const 3)) (i32.add (local.get $c) (i32.load (i32.and (local.get $x) (i32.const 0xfffc))))))
    (local.set $x (i32.xor (i32.rotl (local.get $x) (i32.const 4)) (i32.add (local.get $d) (i32.load (i32.and (local.get $x) (i32.const 0xfff0))))))
    (i32.store (i32.and (local.get $x) (i32.const 0xfffc)) (i32.add (local.get $x) (i32.wrap_i64 (local.get $l))))
    (local.set $x (i32.xor (i32.rotl (local.get $x) (i32.const 5)) (i32.add (local.get $e) (i32.load (i32.and (local.get $x) (i32.const 0xfffc))))))
    (local.set $x (i32.xor (i32.rotl (local.get $x) (i32.const 6)) (i32.add (local.get $f) (i32.load (i32.and (local.get $x) (i32.const 0xfff0))))))
    (local.set $x (i32.xor (i32.rotl (local.get $x) (i32.const 7)) (i32.add (local.get $g) (i32.load (i32.and (local.get $x) (i32.const 0xfffc))))))
    (i32.store (i32.and (local.get $x) (i32.const 0xfffc)) (i32.add (local.get $x) (i32.wrap_i64 (local.get $l))))
    (local.set $x (i32.xor (i32.rotl (local.get $x) (i32.const 8)) (i32.add (local.get $h) (i32.load (i32.and (local.get $x) (i32.const 0xfff0))))))
    (local.set $x (i32.xor (i32.rotl (local.get $x) (i32.const 9)) (i32.add (local.get $a) (i32.load (i32.and (local.get $x) (i32.const 0xfffc))))))
    (local.set $x (i32.xor (i32.rotl (local.get $x) (i32.const 10)) (i32.add (local.get $b) (i32.load (i32.and (local.get $x) (i32.const 0xfff0))))))
    (i32.store (i32.and (local.get $x) (i32.const 0xfffc)) (i32.add (local.get $x) (i32.wrap_i64 (local.get $l))))
    (local.set $x (i32.xor (i32.rotl (local.get $x) (i32.const 11)) (i32.add (local.get $c) (i32.load (i32.and (local.get $x) (i32.const 0xfffc))))))
    (local.set $x (i32.xor (i32.rotl (local.get $x) (i32.const 12)) (i32.add (local.get $d) (i32.load (i32.and (local.get $x) (i32.const 0xfff0))))))
    (local.set $x (i32.xor (i32.rotl (local.get $x) (i32.const 13)) (i32.add (local.get $e) (i32.load (i32.and (local.get $x) (i32.const 0xfffc))))))
    (i32.store (i32.and (local.get $x) (i32.const 0xfffc)) (i32.add (local.get $x) (i32.wrap_i64 (local.get $l))))
    (local.set $x (i32.xor (i32.rotl (local.get $x) (i32.const 14)) (i32.add (local.get $f) (i32.load (i32.and (local.get $x) (i32.const 0xfff0))))))
    (local.set $x (i32.xor (i32.rotl (local.get $x) (i32.const 15)) (i32.add (local.get $g) (i32.load (i32.and (local.get $x) (i32.const 0xfffc))))))
    (local.set $x (i32.xor (i32.rotl (local.get $x) (i32.const 16)) (i32.add (local.get $h) (i32.load (i32.and (local.get $x) (i32.const 0xfff0))))))
    (i32.store (i32.and (local.get $x) (i32.const 0xfffc)) (i32.add (local.get $x) (i32.wrap_i64 (local.get $l))))
    (local.set $x (i32.xor (i32.rotl (local.get $x) (i32.const 17)) (i32.add (local.get $a) (i32.load (i32.and (local.get $x) (i32.const 0xfffc))))))
    (local.set $x (i32.xor (i32.rotl (local.get $x) (i32.const 18)) (i32.add (local.get $b) (i32.load (i32.and (local.get $x) (i32.const 0xfff0))))))
    (local.set $x (i32.xor (i32.rotl (local.get $x) (i32.const 19)) (i32.add (local.get $c) (i32.load (i32.and (local.get $x) (i32.const 0xfffc))))))
    (i32.store (i32.and (local.get $x) (i32.const 0xfffc)) (i32.add (local.get $x) (i32.wrap_i64 (local.get $l))))
    (local.set $x (i32.xor (i32.rotl (local.get $x) (i32.const 20)) (i32.add (local.get $d) (i32.load (i32.and (local.get $x) (i32.const 0xfff0))))))
    (local.set $x (i32.xor (i32.rotl (local.get $x) (i32.const 21)) (i32.add (local.get $e) (i32.load (i32.and (local.get $x) (i32.const 0xfffc))))))
    (local.set $x (i32.xor (i32.rotl (local.get $x) (i32.const 22)) (i32.add (local.get $f) (i32.load (i32.and (local.get $x) (i32.const 0xfff0))))))
    (i32.store (i32.and (local.get $x) (i32.const 0xfffc)) (i32.add (local.get $x) (i32.wrap_i64 (local.get $l))))
    (local.set $x (i32.xor (i32.rotl (local.get $x) (i32.const 23)) (i32.add (local.get $g) (i32.load (i32.and (local.get $x) (i32.const 0xfffc))))))
    (local.set $x (i32.xor (i32.rotl (local.get $x) (i32.const 24)) (i32.add (local.get $h) (i32.load (i32.and (local.get $x) (i32.const 0xfff0))))))
    (local.get $x) (f64.add (local.get $y) (f64.promote_f32 (local.get $z))))
  (func $special (param $n i32) (param $how i32) (result i32) (local $x i32) (local $k i32)
    (local.set $x (local.get $n))
    (local.set $k (i32.const 3))
    (loop $next
      (if (local.get $how) (then (local.set $x (i32.mul (local.get $x) (i32.const 17)))) (else (local.set $x (i32.div_u (local.get $x) (local.get $how)))))
      (local.set $x (i32.add (local.get $x) (i32.load (i32.and (local.get $x) (i32.const 0xfffc)))))
      (br_if $next (local.tee $k (i32.sub (local.get $k) (i32.const 1)))))
    (local.get $x))
  (func $one (export "one") (param $n i32) (result i32 f64)
    (call $large (local.get $n) (i32.const 1) (i32.const 2) (local.get $n) (i32.const 4) (local.get $n) (i32.const 6) (call $special (local.get $n) (i32.const 1))
                 (i64.const 0x1234567890) (f64.const 1.5) (f32.const 2.25)))
  (func $two (export "two") (param $n i32) (result i32 f64)
    (call $large (call $special (local.get $n) (i32.const 1)) (local.get $n) (local.get $n) (i32.const 3) (local.get $n) (i32.const 5) (local.get $n) (i32.const 7)
                 (i64.extend_i32_u (local.get $n)) (f64.const -1.5) (f32.const 0.25)))
  (func $rest (export "rest") (param $n i32) (result i32) (local $y f64) (local $x i32)
    (call $one (local.get $n)) (local.set $y) (local.set $x)
    (call $two (i32.xor (local.get $n) (local.get $x))) (f64.add (local.get $y)) (i32.trunc_sat_f64_s) (i32.add))
  (func $down (export "down") (param $n i32) (result i32)
    (if (result i32) (local.get $n)
      (then (i32.add (call $rest (local.get $n)) (call $down (i32.sub (local.get $n) (i32.const 1)))))
      (else (i32.load offset=64 (i32.const 0)))))
  (func (export "manydown") (param $n i32) (result i32) (local $sum i32)
    (loop $again
      (local.set $sum (i32.add (i32.mul (local.get $sum) (i32.const 3)) (call $down (i32.const 9))))
      (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $sum))
  (func (export "many") (param $n i32) (result i32) (local $sum i32)
    (loop $again
      (local.set $sum (i32.add (i32.mul (local.get $sum) (i32.const 3)) (call $rest (local.get $n))))
      (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $sum)))
