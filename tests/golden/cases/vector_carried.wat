;; run: --fuzz FILE
;; Loops of vectors in which a lane comes from the round before, and some that are nearly that; the parameter, zero, keeps values from the compiler.
;; exit: 0
;; out: doubles = 4180ebdbc340ed22
;; out: floats = 41816704118e2f8a
;; out: words = 41803e477a975cf5
;; out: bytes = 417f0230cee788c7
;; out: two_back = 417dc5ef7628282e
;; out: first_lane = 4180eeff048459ff
;; out: turned = 417ee93f86a4373c
;; out: two_lanes = 41801a63c536df1f
;; out: mixed = 4180c116e193ced0
;; out: changed = 4180195a6939afd0
;; out: other = 418081c4e7e63702
;; out: overwritten = 41805b275059962d
;; out: overwritten_late = 41806ac068c7f8a2
;; out: overwritten_at_once = 4180836c9242272a
;; out: memory ec5380c25b35137e
(module (memory (export "memory") 1)
  (func $fill (param $i i32)
    (loop $l
      (f64.store (i32.shl (local.get $i) (i32.const 3)) (f64.div (f64.convert_i32_u (i32.mul (local.get $i) (i32.const 7919))) (f64.const 1024)))
      (br_if $l (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 2048)))))
  (func $sum (result f64) (local $i i32) (local $s f64)
    (loop $l
      (local.set $s (f64.add (f64.mul (local.get $s) (f64.const 0.9995)) (f64.convert_i32_u (i32.load16_u (local.get $i)))))
      (br_if $l (i32.ne (local.tee $i (i32.add (local.get $i) (i32.const 2))) (i32.const 10000))))
    (local.get $s))
  (func (export "doubles") (param $p i32) (result f64) (local $prev v128) (local $cur v128) (local $far v128) (local $near v128)
    (call $fill (local.get $p))
    (local.set $prev (v128.load offset=16 (local.get $p)))
    (local.set $far (v128.load offset=32 (local.get $p)))
    (loop $l
      (local.set $cur (v128.load offset=24 (local.get $p)))
      (v128.store offset=4096 (local.get $p) (f64x2.sub (i8x16.shuffle 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 (local.get $prev) (local.get $cur)) (local.get $cur)))
      (local.set $prev (local.get $cur))
      (br_if $l (i32.ne (local.tee $p (i32.add (local.get $p) (i32.const 16))) (i32.const 1600))))
    (call $sum))
  (func (export "floats") (param $p i32) (result f64) (local $prev v128) (local $cur v128) (local $far v128) (local $near v128)
    (call $fill (local.get $p))
    (local.set $prev (v128.load offset=16 (local.get $p)))
    (local.set $far (v128.load offset=32 (local.get $p)))
    (loop $l
      (local.set $cur (v128.load offset=20 (local.get $p)))
      (v128.store offset=4096 (local.get $p) (f32x4.sub (i8x16.shuffle 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 (local.get $prev) (local.get $cur)) (local.get $cur)))
      (local.set $prev (local.get $cur))
      (br_if $l (i32.ne (local.tee $p (i32.add (local.get $p) (i32.const 16))) (i32.const 1600))))
    (call $sum))
  (func (export "words") (param $p i32) (result f64) (local $prev v128) (local $cur v128) (local $far v128) (local $near v128)
    (call $fill (local.get $p))
    (local.set $prev (v128.load offset=16 (local.get $p)))
    (local.set $far (v128.load offset=32 (local.get $p)))
    (loop $l
      (local.set $cur (v128.load offset=18 (local.get $p)))
      (v128.store offset=4096 (local.get $p) (i16x8.sub (i8x16.shuffle 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 (local.get $prev) (local.get $cur)) (local.get $cur)))
      (local.set $prev (local.get $cur))
      (br_if $l (i32.ne (local.tee $p (i32.add (local.get $p) (i32.const 16))) (i32.const 1600))))
    (call $sum))
  (func (export "bytes") (param $p i32) (result f64) (local $prev v128) (local $cur v128) (local $far v128) (local $near v128)
    (call $fill (local.get $p))
    (local.set $prev (v128.load offset=16 (local.get $p)))
    (local.set $far (v128.load offset=32 (local.get $p)))
    (loop $l
      (local.set $cur (v128.load offset=17 (local.get $p)))
      (v128.store offset=4096 (local.get $p) (i8x16.avgr_u (i8x16.shuffle 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 (local.get $prev) (local.get $cur)) (local.get $cur)))
      (local.set $prev (local.get $cur))
      (br_if $l (i32.ne (local.tee $p (i32.add (local.get $p) (i32.const 16))) (i32.const 1600))))
    (call $sum))
  ;; what was carried is carried on
  (func (export "two_back") (param $p i32) (result f64) (local $prev v128) (local $cur v128) (local $far v128) (local $near v128)
    (call $fill (local.get $p))
    (local.set $prev (v128.load offset=16 (local.get $p)))
    (local.set $far (v128.load offset=32 (local.get $p)))
    (loop $l
      (local.set $cur (v128.load offset=24 (local.get $p)))
      (local.set $near (i8x16.shuffle 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 (local.get $prev) (local.get $cur)))
      (v128.store offset=8192 (local.get $p) (f64x2.add (i8x16.shuffle 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 (local.get $far) (local.get $near)) (local.get $cur)))
      (v128.store offset=4096 (local.get $p) (f64x2.sub (i8x16.shuffle 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 (local.get $prev) (local.get $cur)) (local.get $cur)))
      (local.set $far (local.get $near)) (local.set $prev (local.get $cur))
      (br_if $l (i32.ne (local.tee $p (i32.add (local.get $p) (i32.const 16))) (i32.const 1600))))
    (call $sum))
  ;; not the last lane
  (func (export "first_lane") (param $p i32) (result f64) (local $prev v128) (local $cur v128) (local $far v128) (local $near v128)
    (call $fill (local.get $p))
    (local.set $prev (v128.load offset=16 (local.get $p)))
    (local.set $far (v128.load offset=32 (local.get $p)))
    (loop $l
      (local.set $cur (v128.load offset=24 (local.get $p)))
      (v128.store offset=4096 (local.get $p) (f64x2.sub (i8x16.shuffle 0 1 2 3 4 5 6 7 16 17 18 19 20 21 22 23 (local.get $prev) (local.get $cur)) (local.get $cur)))
      (local.set $prev (local.get $cur))
      (br_if $l (i32.ne (local.tee $p (i32.add (local.get $p) (i32.const 16))) (i32.const 1600))))
    (call $sum))
  ;; the second copy has what the first one should
  (func (export "turned") (param $p i32) (result f64) (local $prev v128) (local $cur v128) (local $far v128) (local $near v128)
    (call $fill (local.get $p))
    (local.set $prev (v128.load offset=16 (local.get $p)))
    (local.set $far (v128.load offset=32 (local.get $p)))
    (loop $l
      (local.set $cur (v128.load offset=24 (local.get $p)))
      (v128.store offset=4096 (local.get $p) (f64x2.sub (i8x16.shuffle 16 17 18 19 20 21 22 23 8 9 10 11 12 13 14 15 (local.get $prev) (local.get $cur)) (local.get $cur)))
      (local.set $prev (local.get $cur))
      (br_if $l (i32.ne (local.tee $p (i32.add (local.get $p) (i32.const 16))) (i32.const 1600))))
    (call $sum))
  ;; two copies back
  (func (export "two_lanes") (param $p i32) (result f64) (local $prev v128) (local $cur v128) (local $far v128) (local $near v128)
    (call $fill (local.get $p))
    (local.set $prev (v128.load offset=16 (local.get $p)))
    (local.set $far (v128.load offset=32 (local.get $p)))
    (loop $l
      (local.set $cur (v128.load offset=20 (local.get $p)))
      (v128.store offset=4096 (local.get $p) (f32x4.sub (i8x16.shuffle 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 (local.get $prev) (local.get $cur)) (local.get $cur)))
      (local.set $prev (local.get $cur))
      (br_if $l (i32.ne (local.tee $p (i32.add (local.get $p) (i32.const 16))) (i32.const 1600))))
    (call $sum))
  ;; the last copy takes what another has
  (func (export "mixed") (param $p i32) (result f64) (local $prev v128) (local $cur v128) (local $far v128) (local $near v128)
    (call $fill (local.get $p))
    (local.set $prev (v128.load offset=16 (local.get $p)))
    (local.set $far (v128.load offset=32 (local.get $p)))
    (loop $l
      (local.set $cur (v128.load offset=20 (local.get $p)))
      (v128.store offset=4096 (local.get $p) (f32x4.sub (i8x16.shuffle 12 13 14 15 16 17 18 19 20 21 22 23 20 21 22 23 (local.get $prev) (local.get $cur)) (local.get $cur)))
      (local.set $prev (local.get $cur))
      (br_if $l (i32.ne (local.tee $p (i32.add (local.get $p) (i32.const 16))) (i32.const 1600))))
    (call $sum))
  ;; not what was loaded
  (func (export "changed") (param $p i32) (result f64) (local $prev v128) (local $cur v128) (local $far v128) (local $near v128)
    (call $fill (local.get $p))
    (local.set $prev (v128.load offset=16 (local.get $p)))
    (local.set $far (v128.load offset=32 (local.get $p)))
    (loop $l
      (local.set $cur (v128.load offset=24 (local.get $p)))
      (v128.store offset=4096 (local.get $p) (f64x2.sub (i8x16.shuffle 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 (local.get $prev) (local.get $cur)) (local.get $cur)))
      (local.set $prev (f64x2.add (local.get $cur) (local.get $cur)))
      (br_if $l (i32.ne (local.tee $p (i32.add (local.get $p) (i32.const 16))) (i32.const 1600))))
    (call $sum))
  ;; nor always the same
  (func (export "other") (param $p i32) (result f64) (local $prev v128) (local $cur v128) (local $far v128) (local $near v128)
    (call $fill (local.get $p))
    (local.set $prev (v128.load offset=16 (local.get $p)))
    (local.set $far (v128.load offset=32 (local.get $p)))
    (loop $l
      (local.set $cur (v128.load offset=24 (local.get $p)))
      (v128.store offset=4096 (local.get $p) (f64x2.sub (i8x16.shuffle 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 (local.get $prev) (local.get $cur)) (local.get $cur)))
      (local.set $prev (local.get $far))
      (br_if $l (i32.ne (local.tee $p (i32.add (local.get $p) (i32.const 16))) (i32.const 1600))))
    (call $sum))
  ;; what is stored is loaded next
  (func (export "overwritten") (param $p i32) (result f64) (local $prev v128) (local $cur v128) (local $far v128) (local $near v128)
    (call $fill (local.get $p))
    (local.set $prev (v128.load offset=16 (local.get $p)))
    (local.set $far (v128.load offset=32 (local.get $p)))
    (loop $l
      (local.set $cur (v128.load offset=24 (local.get $p)))
      (v128.store offset=32 (local.get $p) (f64x2.sub (i8x16.shuffle 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 (local.get $prev) (local.get $cur)) (local.get $cur)))
      (local.set $prev (local.get $cur))
      (br_if $l (i32.ne (local.tee $p (i32.add (local.get $p) (i32.const 16))) (i32.const 1600))))
    (call $sum))
  (func (export "overwritten_late") (param $p i32) (result f64) (local $prev v128) (local $cur v128) (local $far v128) (local $near v128)
    (call $fill (local.get $p))
    (local.set $prev (v128.load offset=16 (local.get $p)))
    (local.set $far (v128.load offset=32 (local.get $p)))
    (loop $l
      (local.set $cur (v128.load offset=24 (local.get $p)))
      (v128.store offset=64 (local.get $p) (f64x2.sub (i8x16.shuffle 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 (local.get $prev) (local.get $cur)) (local.get $cur)))
      (local.set $prev (local.get $cur))
      (br_if $l (i32.ne (local.tee $p (i32.add (local.get $p) (i32.const 16))) (i32.const 1600))))
    (call $sum))
  (func (export "overwritten_at_once") (param $p i32) (result f64) (local $prev v128) (local $cur v128) (local $far v128) (local $near v128)
    (call $fill (local.get $p))
    (local.set $prev (v128.load offset=16 (local.get $p)))
    (local.set $far (v128.load offset=32 (local.get $p)))
    (loop $l
      (local.set $cur (v128.load offset=24 (local.get $p)))
      (v128.store offset=24 (local.get $p) (f64x2.sub (i8x16.shuffle 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 (local.get $prev) (local.get $cur)) (local.get $cur)))
      (local.set $prev (local.get $cur))
      (br_if $l (i32.ne (local.tee $p (i32.add (local.get $p) (i32.const 16))) (i32.const 1600))))
    (call $sum)))
