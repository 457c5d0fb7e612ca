;; run: --fuzz FILE
;; Loops that write base64, read it, and count the letters of UTF-8, at the end of memory: what they read, write or look up ends there exactly,
;; or passes it in the middle of a round, whose first bytes are written then; or begins below 0. The parameters are 0.
;; exit: 0
;; out: encode_to_the_end = 41d25dc00e800000
;; out: encode_past_it = trap
;; out: memory_then = 41d80d460e800000
;; out: encode_what_ends_there = c1c410dcfb800000
;; out: encode_what_passes_it = trap
;; out: memory_behind_that = c1c410dcfb800000
;; out: encode_from_below = trap
;; out: encode_with_half_a_table = c1c410dcfb800000
;; out: encode_past_half_a_table = trap
;; out: memory_after_it = c1b4ded8c4000000
;; out: decode_to_the_end = 41c8530046000000
;; out: decode_past_it = trap
;; out: memory_of_that = c1d5d584ebc00000
;; out: decode_in_its_place = 41b57db76f000000
;; out: decode_above_it = 41de6407d8c00000
;; out: decode_with_half_a_table = 41b4c66232000000
;; out: points_to_the_end = 40b3f80000000000
;; out: points_past_it = trap
;; out: points_from_below = trap
;; out: points_of_nothing = 0000000000000000
(module (memory 1)
  ;; bytes from 4096 on, a table of 64 letters at 0, of 256 values at 256; all bytes are 0 from 61440 on
  (func $fill (local $i i32)
    (loop
      (i32.store8 (local.get $i) (i32.shr_u (i32.mul (local.get $i) (i32.const 40503)) (i32.const 7)))
      (br_if 0 (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 61440))))
    (local.set $i (i32.const 0))
    (loop
      (i32.store8 (i32.add (local.get $i) (i32.const 256)) (i32.shr_u (local.get $i) (i32.const 2)))
      (i32.store8 (i32.add (local.get $i) (i32.const 61440)) (i32.const 0))
      (br_if 0 (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 4096)))))
  (func $mixed (result i32) (local $i i32) (local $x i32)
    (loop
      (local.set $x (i32.mul (i32.xor (i32.rotl (local.get $x) (i32.const 5)) (i32.load (local.get $i))) (i32.const 40503)))
      (br_if 0 (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 4))) (i32.const 65536))))
    (local.get $x))
  (func $letter (param $t i32) (param $k i32) (result i32) (i32.load8_u (i32.add (local.get $t) (local.get $k))))
  (func $encode (param $x i32) (param $t i32) (param $y i32) (param $n i32) (result i32) (local $p i32) (local $q i32) (local $r i32)
    (call $fill)
    (block $done (loop $next
      (br_if $done (i32.lt_u (local.get $n) (i32.const 3)))
      (local.set $p (i32.load8_u (local.get $x)))
      (local.set $q (i32.load8_u offset=1 (local.get $x)))
      (local.set $r (i32.load8_u offset=2 (local.get $x)))
      (i32.store8 (local.get $y) (call $letter (local.get $t) (i32.shr_u (local.get $p) (i32.const 2))))
      (i32.store8 offset=1 (local.get $y) (call $letter (local.get $t)
        (i32.or (i32.shl (i32.and (local.get $p) (i32.const 3)) (i32.const 4)) (i32.shr_u (local.get $q) (i32.const 4)))))
      (i32.store8 offset=2 (local.get $y) (call $letter (local.get $t)
        (i32.or (i32.shl (i32.and (local.get $q) (i32.const 15)) (i32.const 2)) (i32.shr_u (local.get $r) (i32.const 6)))))
      (i32.store8 offset=3 (local.get $y) (call $letter (local.get $t) (i32.and (local.get $r) (i32.const 63))))
      (local.set $x (i32.add (local.get $x) (i32.const 3)))
      (local.set $y (i32.add (local.get $y) (i32.const 4)))
      (local.set $n (i32.sub (local.get $n) (i32.const 3)))
      (br $next)))
    (call $mixed))
  (func $decode (param $x i32) (param $t i32) (param $y i32) (param $n i32) (result i32) (local $p i32) (local $q i32) (local $r i32) (local $s i32)
    (call $fill)
    (block $done (loop $next
      (br_if $done (i32.lt_u (local.get $n) (i32.const 4)))
      (local.set $p (call $letter (local.get $t) (i32.load8_u (local.get $x))))
      (local.set $q (call $letter (local.get $t) (i32.load8_u offset=1 (local.get $x))))
      (local.set $r (call $letter (local.get $t) (i32.load8_u offset=2 (local.get $x))))
      (local.set $s (call $letter (local.get $t) (i32.load8_u offset=3 (local.get $x))))
      (br_if $done (i32.gt_u (i32.or (i32.or (local.get $p) (local.get $q)) (i32.or (local.get $r) (local.get $s))) (i32.const 63)))
      (i32.store8 (local.get $y) (i32.or (i32.shl (local.get $p) (i32.const 2)) (i32.shr_u (local.get $q) (i32.const 4))))
      (i32.store8 offset=1 (local.get $y) (i32.or (i32.shl (local.get $q) (i32.const 4)) (i32.shr_u (local.get $r) (i32.const 2))))
      (i32.store8 offset=2 (local.get $y) (i32.or (i32.shl (local.get $r) (i32.const 6)) (local.get $s)))
      (local.set $x (i32.add (local.get $x) (i32.const 4)))
      (local.set $y (i32.add (local.get $y) (i32.const 3)))
      (local.set $n (i32.sub (local.get $n) (i32.const 4)))
      (br $next)))
    (i32.add (call $mixed) (local.get $n)))
  (func $points (param $x i32) (param $n i32) (result i32) (local $count i32) (local $c i32)
    (call $fill)
    (local.set $n (i32.add (local.get $x) (local.get $n)))
    (block $done (loop $next
      (br_if $done (i32.ge_u (local.get $x) (local.get $n)))
      (local.set $count (i32.add (local.get $count) (i32.const 1)))
      (if (i32.lt_u (local.tee $c (i32.load8_u (local.get $x))) (i32.const 128))
        (then (local.set $x (i32.add (local.get $x) (i32.const 1))) (br $next)))
      (local.set $x (i32.add (local.get $x) (select (i32.const 2) (i32.const 3) (i32.lt_u (local.get $c) (i32.const 224)))))
      (br $next)))
    (local.get $count))
  (func (export "encode_to_the_end") (param $p i32) (result i32)
    (call $encode (i32.const 4096) (local.get $p) (i32.const 62336) (i32.const 2400)))
  (func (export "encode_past_it") (param $p i32) (result i32)
    (call $encode (i32.const 4096) (local.get $p) (i32.const 62339) (i32.const 2400)))
  (func (export "memory_then") (result i32) (call $mixed))
  (func (export "encode_what_ends_there") (param $p i32) (result i32)
    (call $encode (i32.const 62536) (local.get $p) (i32.const 8192) (i32.const 3000)))
  (func (export "encode_what_passes_it") (param $p i32) (result i32)
    (call $encode (i32.const 62536) (local.get $p) (i32.const 8192) (i32.const 3003)))
  (func (export "memory_behind_that") (result i32) (call $mixed))
  (func (export "encode_from_below") (param $p i32) (result i32)
    (call $encode (i32.const -90) (local.get $p) (i32.const 8192) (i32.const 3000)))
  (func (export "encode_with_half_a_table") (param $p i32) (result i32)
    (call $encode (i32.const 61440) (i32.const 65504) (i32.const 8192) (i32.const 3000)))
  (func (export "encode_past_half_a_table") (param $p i32) (result i32)
    (call $encode (i32.const 4096) (i32.const 65504) (i32.const 8192) (i32.const 3000)))
  (func (export "memory_after_it") (result i32) (call $mixed))
  (func (export "decode_to_the_end") (param $p i32) (result i32)
    (call $decode (i32.const 4096) (i32.const 256) (i32.const 62536) (i32.const 4000)))
  (func (export "decode_past_it") (param $p i32) (result i32)
    (call $decode (i32.const 4096) (i32.const 256) (i32.const 62537) (i32.const 4000)))
  (func (export "memory_of_that") (result i32) (call $mixed))
  (func (export "decode_in_its_place") (param $p i32) (result i32)
    (call $decode (i32.const 4096) (i32.const 256) (i32.const 4096) (i32.const 4000)))
  (func (export "decode_above_it") (param $p i32) (result i32)
    (call $decode (i32.const 4096) (i32.const 256) (i32.const 4097) (i32.const 4000)))
  (func (export "decode_with_half_a_table") (param $p i32) (result i32)
    (call $decode (i32.const 61440) (i32.const 65408) (i32.const 8192) (i32.const 3000)))
  (func (export "points_to_the_end") (param $p i32) (result i32) (call $points (i32.const 60000) (i32.const 5536)))
  (func (export "points_past_it") (param $p i32) (result i32) (call $points (i32.const 60000) (i32.const 5537)))
  (func (export "points_from_below") (param $p i32) (result i32) (call $points (i32.const -10) (i32.const 5)))
  (func (export "points_of_nothing") (param $p i32) (result i32) (call $points (i32.const -10) (i32.const 20))))
