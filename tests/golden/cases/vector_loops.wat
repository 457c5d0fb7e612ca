;; run: --fuzz FILE
;; Loops of 128-bit vectors that can become scalar ones and longer vectors again, and some that only look so.
;; exit: 0
;; out: apart = 42703c978bd10c3b
;; out: in_place = 42703c9bc01546ee
;; out: below = 42703c9bc0cbece8
;; out: above_by_a_lane = 42703c9b49eac58f
;; out: above_by_a_vector = 42703c966cacb201
;; out: above_by_more = 42703b84be011f8a
;; out: store_then_load = 42707f4d3e528005
;; out: backwards = 42704215aa758b9a
;; out: mixed_up = 42703e2c271666ce
;; out: one_constant_differs = 42703d15b48dd08f
;; out: counted_lanes = 42704486188fd0cc
;; out: wider = 4259d3389c73a639
;; out: narrower = 4270706ae4505062
;; out: all_lanes = 4142bbfe80000000
;; out: all_lanes_moved = 4142bbfe00000000
;; out: three_lanes = 4132a79200000000
;; out: a_lane_twice = 4020000000000000
;; out: gathered = 415e000000000000
;; out: one_sum_and_both = 41c4340000000000
;; out: float_sum = 40eb9714c0000000
;; out: left_in_the_middle = 42703e293d8e2ae3
;; out: to_the_end = trap
(module (memory (export "memory") 1)
  (func $fill (local $i i32)
    (loop $l
      (f32.store (i32.shl (local.get $i) (i32.const 2)) (f32.convert_i32_s (i32.rem_s (i32.mul (local.get $i) (i32.const 7919)) (i32.const 257))))
      (br_if $l (i32.ne (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 8192)))))
  (func $sum (result f64) (local $i i32) (local $s f64)
    (loop $l
      (local.set $s (f64.add (f64.mul (local.get $s) (f64.const 0.999))
                             (f64.convert_i32_u (i32.load (i32.shl (local.get $i) (i32.const 2))))))
      (br_if $l (i32.ne (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 8192))))
    (local.get $s))
  (func $stencil (param $from i32) (param $to i32) (result f64) (local $i i32)
    (call $fill)
    (loop $l
      (v128.store (i32.add (local.get $to) (local.get $i))
        (f32x4.mul (v128.const f32x4 0.25 0.25 0.25 0.25)
          (f32x4.add (v128.load (i32.add (local.get $from) (local.get $i))) (v128.load offset=8 (i32.add (local.get $from) (local.get $i))))))
      (br_if $l (i32.ne (local.tee $i (i32.add (local.get $i) (i32.const 16))) (i32.const 4000))))
    (call $sum))
  (func (export "apart") (result f64) (call $stencil (i32.const 0) (i32.const 8192)))
  (func (export "in_place") (result f64) (call $stencil (i32.const 64) (i32.const 64)))
  (func (export "below") (result f64) (call $stencil (i32.const 68) (i32.const 64)))
  (func (export "above_by_a_lane") (result f64) (call $stencil (i32.const 64) (i32.const 68)))
  (func (export "above_by_a_vector") (result f64) (call $stencil (i32.const 64) (i32.const 80)))
  (func (export "above_by_more") (result f64) (call $stencil (i32.const 64) (i32.const 100)))
  (func (export "store_then_load") (result f64) (local $i i32) ;; lanes of this round's store
    (call $fill)
    (loop $l
      (v128.store offset=1024 (local.get $i) (f32x4.add (v128.load (local.get $i)) (v128.load offset=8192 (local.get $i))))
      (v128.store offset=16384 (local.get $i) (f32x4.sub (v128.load offset=1028 (local.get $i)) (v128.load (local.get $i))))
      (br_if $l (i32.ne (local.tee $i (i32.add (local.get $i) (i32.const 16))) (i32.const 4000))))
    (call $sum))
  (func (export "backwards") (result f64) (local $i i32) (local $v v128)
    (call $fill)
    (loop $l
      (local.set $v (v128.load (i32.sub (i32.const 8192) (local.get $i))))
      (v128.store offset=16384 (local.get $i)
        (f32x4.mul (v128.load (local.get $i)) (i8x16.shuffle 12 13 14 15 8 9 10 11 4 5 6 7 0 1 2 3 (local.get $v) (local.get $v))))
      (br_if $l (i32.ne (local.tee $i (i32.add (local.get $i) (i32.const 16))) (i32.const 4000))))
    (call $sum))
  (func (export "mixed_up") (result f64) (local $i i32) (local $v v128) ;; lanes 1 and 2 change places
    (call $fill)
    (loop $l
      (local.set $v (v128.load (local.get $i)))
      (v128.store offset=16384 (local.get $i)
        (f32x4.add (v128.load offset=4096 (local.get $i)) (i8x16.shuffle 0 1 2 3 8 9 10 11 4 5 6 7 12 13 14 15 (local.get $v) (local.get $v))))
      (br_if $l (i32.ne (local.tee $i (i32.add (local.get $i) (i32.const 16))) (i32.const 4000))))
    (call $sum))
  (func (export "one_constant_differs") (result f64) (local $i i32)
    (call $fill)
    (loop $l
      (v128.store offset=16384 (local.get $i) (f32x4.add (v128.load (local.get $i)) (v128.const f32x4 2 2 3 2)))
      (br_if $l (i32.ne (local.tee $i (i32.add (local.get $i) (i32.const 16))) (i32.const 4000))))
    (call $sum))
  (func (export "counted_lanes") (result f64) (local $i i32) (local $n v128)
    (local.set $n (v128.const i32x4 5 6 7 8))
    (call $fill)
    (loop $l
      (v128.store offset=16384 (local.get $i) (f32x4.mul (v128.load (local.get $i)) (f32x4.convert_i32x4_s (local.get $n))))
      (local.set $n (i32x4.add (local.get $n) (v128.const i32x4 4 4 4 4)))
      (br_if $l (i32.ne (local.tee $i (i32.add (local.get $i) (i32.const 16))) (i32.const 4000))))
    (call $sum))
  (func (export "wider") (result f64) (local $i i32) ;; 8 bytes, of which 4 are used, become 4 numbers
    (call $fill)
    (loop $l
      (v128.store offset=16384 (i32.shl (local.get $i) (i32.const 2))
        (i32x4.mul (v128.const i32x4 3 3 3 3)
          (i32x4.extend_low_i16x8_s (i16x8.extend_low_i8x16_s (v128.load64_zero (local.get $i))))))
      (br_if $l (i32.ne (local.tee $i (i32.add (local.get $i) (i32.const 4))) (i32.const 4000))))
    (call $sum))
  (func (export "narrower") (result f64) (local $i i32) (local $v v128)
    (call $fill)
    (loop $l
      (local.set $v (i32x4.trunc_sat_f32x4_s (v128.load (i32.shl (local.get $i) (i32.const 2)))))
      (local.set $v (i16x8.narrow_i32x4_s (local.get $v) (local.get $v)))
      (v128.store32_lane offset=16384 0 (local.get $i) (i8x16.narrow_i16x8_s (local.get $v) (local.get $v)))
      (br_if $l (i32.ne (local.tee $i (i32.add (local.get $i) (i32.const 4))) (i32.const 4000))))
    (call $sum))
  (func $dot (param $from v128) (result v128) (local $i i32)
    (call $fill)
    (loop $l
      (local.set $from (i32x4.add (local.get $from)
        (i32x4.dot_i16x8_s (i16x8.extend_low_i8x16_s (v128.load64_zero (local.get $i)))
                           (i16x8.extend_low_i8x16_s (v128.load64_zero offset=9001 (local.get $i))))))
      (br_if $l (i32.ne (local.tee $i (i32.add (local.get $i) (i32.const 8))) (i32.const 8000))))
    (local.get $from))
  (func (export "all_lanes") (result i32) (local $s v128)
    (local.set $s (call $dot (v128.const i32x4 1 2 3 4)))
    (i32.add (i32.add (i32x4.extract_lane 0 (local.get $s)) (i32x4.extract_lane 1 (local.get $s)))
             (i32.add (i32x4.extract_lane 2 (local.get $s)) (i32x4.extract_lane 3 (local.get $s)))))
  (func (export "all_lanes_moved") (result i32) (local $s v128)
    (local.set $s (call $dot (v128.const i32x4 9 0 0 0)))
    (local.set $s (i32x4.add (local.get $s) (i8x16.shuffle 8 9 10 11 12 13 14 15 0 1 2 3 4 5 6 7 (local.get $s) (local.get $s))))
    (i32x4.extract_lane 0 (i32x4.add (local.get $s) (i8x16.shuffle 4 5 6 7 0 1 2 3 0 1 2 3 0 1 2 3 (local.get $s) (local.get $s)))))
  (func (export "three_lanes") (result i32) (local $s v128)
    (local.set $s (call $dot (v128.const i32x4 1 2 3 4)))
    (i32.add (i32.add (i32x4.extract_lane 0 (local.get $s)) (i32x4.extract_lane 1 (local.get $s))) (i32x4.extract_lane 2 (local.get $s))))
  (func (export "a_lane_twice") (result i32) (local $s v128)
    (local.set $s (call $dot (v128.const i32x4 1 2 3 4)))
    (local.set $s (i32x4.add (local.get $s) (i8x16.shuffle 8 9 10 11 12 13 14 15 0 1 2 3 4 5 6 7 (local.get $s) (local.get $s))))
    (i32x4.extract_lane 0 (i32x4.add (local.get $s) (i8x16.shuffle 0 1 2 3 0 1 2 3 0 1 2 3 0 1 2 3 (local.get $s) (local.get $s)))))
  (func (export "gathered") (result i32) (local $p i32) (local $n i32) (local $s v128) ;; lanes are loaded one by one, with a stride
    (call $fill)
    (local.set $n (i32.const 512))
    (loop $l
      (local.set $s (i32x4.add (local.get $s)
        (v128.load32_lane 3 (i32.add (local.get $p) (i32.const 36))
          (v128.load32_lane 2 (i32.add (local.get $p) (i32.const 24))
            (v128.load32_lane 1 (i32.add (local.get $p) (i32.const 12)) (v128.load32_splat (local.get $p)))))))
      (local.set $p (i32.add (local.get $p) (i32.const 48)))
      (br_if $l (local.tee $n (i32.add (local.get $n) (i32.const -4)))))
    (local.set $s (i32x4.add (local.get $s) (i8x16.shuffle 8 9 10 11 12 13 14 15 0 1 2 3 0 1 2 3 (local.get $s) (local.get $s))))
    (i32x4.extract_lane 0 (i32x4.add (local.get $s) (i8x16.shuffle 4 5 6 7 0 1 2 3 0 1 2 3 0 1 2 3 (local.get $s) (local.get $s)))))
  (func (export "one_sum_and_both") (result i32) (local $i i32) (local $s v128) (local $t v128)
    (call $fill)
    (loop $l
      (local.set $s (i32x4.add (local.get $s) (v128.load (local.get $i))))
      (local.set $t (i32x4.add (local.get $t) (v128.load offset=8192 (local.get $i))))
      (br_if $l (i32.ne (local.tee $i (i32.add (local.get $i) (i32.const 16))) (i32.const 4000))))
    (local.set $t (i32x4.add (local.get $s) (local.get $t)))
    (local.set $t (i32x4.add (local.get $t) (i8x16.shuffle 8 9 10 11 12 13 14 15 0 1 2 3 0 1 2 3 (local.get $t) (local.get $t))))
    (local.set $t (i32x4.add (local.get $t) (i8x16.shuffle 4 5 6 7 0 1 2 3 0 1 2 3 0 1 2 3 (local.get $t) (local.get $t))))
    (local.set $s (i32x4.add (local.get $s) (i8x16.shuffle 8 9 10 11 12 13 14 15 0 1 2 3 0 1 2 3 (local.get $s) (local.get $s))))
    (local.set $s (i32x4.add (local.get $s) (i8x16.shuffle 4 5 6 7 0 1 2 3 0 1 2 3 0 1 2 3 (local.get $s) (local.get $s))))
    (i32.add (i32.mul (i32.const 3) (i32x4.extract_lane 0 (local.get $t))) (i32x4.extract_lane 0 (local.get $s))))
  (func (export "float_sum") (result f64) (local $i i32) (local $s v128) ;; keeps the order of each lane
    (call $fill)
    (loop $l
      (local.set $s (f32x4.add (f32x4.mul (local.get $s) (v128.const f32x4 0.999 0.999 0.999 0.999)) (v128.load (local.get $i))))
      (br_if $l (i32.ne (local.tee $i (i32.add (local.get $i) (i32.const 16))) (i32.const 4000))))
    (f64.add (f64.promote_f32 (f32x4.extract_lane 0 (local.get $s))) (f64.promote_f32 (f32x4.extract_lane 3 (local.get $s)))))
  (func (export "left_in_the_middle") (result f64) (local $i i32)
    (call $fill)
    (block $out
      (loop $l
        (f32.store offset=16384 (local.get $i) (f32.add (f32.load (local.get $i)) (f32.load offset=4 (local.get $i))))
        (br_if $out (i32.eq (local.get $i) (i32.const 4000)))
        (f32.store offset=16388 (local.get $i) (f32.add (f32.load offset=4 (local.get $i)) (f32.load offset=8 (local.get $i))))
        (local.set $i (i32.add (local.get $i) (i32.const 8)))
        (br $l)))
    (call $sum))
  (func (export "to_the_end") (result f64) (local $i i32) ;; traps behind the last lane
    (call $fill)
    (loop $l
      (v128.store offset=57344 (local.get $i) (f32x4.add (v128.load (local.get $i)) (v128.load offset=4096 (local.get $i))))
      (br_if $l (i32.ne (local.tee $i (i32.add (local.get $i) (i32.const 16))) (i32.const 8208))))
    (call $sum)))
