;; run: --fuzz FILE
;; Numbers that are clamped in ways that C writes, and conversions that saturate, with and without need; NaN becomes 0.
;; exit: 0
;; out: saturated_nested = c1bdf9471d000000
;; out: saturated_nested_high = c1bdf9471d000000
;; out: saturated_word = c1d277f247400000
;; out: saturated_nested_word = 41dad21892c00000
;; out: saturated_crossed = c1d4347310400000
;; out: saturated_equal = 41d1d47da8000000
;; out: saturated_from_zero = 41cb5b45b2800000
;; out: saturated_unsigned_below = 41cb5b45b2800000
;; out: saturated_too_wide = c1dfa42650c00000
;; out: saturated_just_in = c1bf4e9b65000000
;; out: saturated_open = 41d54ec055c00000
;; out: memory 7cfebbcc53a22276
(module (memory (export "memory") 1)
  (data (i32.const 0) "\00\00\80\3f\00\00\80\bf\00\00\80\7f\00\00\80\ff\00\00\c0\7f\01\00\c0\ff\00\00\00\4f\00\00\00\cf\01\00\00\cf\ff\ff\ff\4e\00\00\80\4f\ff\ff\7f\4f\00\00\00\80\01\00\00\00\00\00\fe\42\00\00\00\c3\00\00\01\c3\00\00\00\43\00\00\7a\44\00\00\c8\42\00\00\00\3f\00\00\00\bf\ff\ff\7f\bf\00\00\7f\43")
  (func $hash (result i32) (local $i i32) (local $sum i32)
    (loop $next
      (local.set $sum (i32.add (i32.mul (local.get $sum) (i32.const 31)) (i32.load offset=256 (i32.shl (local.get $i) (i32.const 2)))))
      (br_if $next (i32.ne (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 24))))
    (local.get $sum))
  (func (export "saturated_nested") (result i32)
    (local $i i32) (local $x f32) (local $sum i32)
    (loop $next
      (local.set $x (f32.load (i32.shl (local.get $i) (i32.const 2))))
      (local.set $x (select (f32.const -128) (select (f32.const 127) (local.get $x) (f32.gt (local.get $x) (f32.const 127))) (f32.lt (local.get $x) (f32.const -128))))
      (i32.store8 offset=256 (i32.shl (local.get $i) (i32.const 2)) (i32.trunc_sat_f32_s (local.get $x)))
      (br_if $next (i32.ne (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 24))))
    (call $hash))
  (func (export "saturated_nested_high") (result i32)
    (local $i i32) (local $x f32) (local $sum i32)
    (loop $next
      (local.set $x (f32.load (i32.shl (local.get $i) (i32.const 2))))
      (local.set $x (select (f32.const 127) (select (f32.const -128) (local.get $x) (f32.lt (local.get $x) (f32.const -128))) (f32.gt (local.get $x) (f32.const 127))))
      (i32.store8 offset=256 (i32.shl (local.get $i) (i32.const 2)) (i32.trunc_sat_f32_s (local.get $x)))
      (br_if $next (i32.ne (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 24))))
    (call $hash))
  (func (export "saturated_word") (result i32)
    (local $i i32) (local $x f32) (local $sum i32)
    (loop $next
      (local.set $x (f32.load (i32.shl (local.get $i) (i32.const 2))))
      (local.set $x (select (f32.const -128) (local.get $x) (f32.lt (local.get $x) (f32.const -128))))
      (local.set $x (select (f32.const 127) (local.get $x) (f32.gt (local.get $x) (f32.const 127))))
      (i32.store offset=256 (i32.shl (local.get $i) (i32.const 2)) (i32.trunc_sat_f32_s (local.get $x)))
      (br_if $next (i32.ne (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 24))))
    (call $hash))
  (func (export "saturated_nested_word") (result i32)
    (local $i i32) (local $x f32) (local $sum i32)
    (loop $next
      (local.set $x (f32.load (i32.shl (local.get $i) (i32.const 2))))
      (local.set $x (select (f32.const -1000) (select (f32.const 1000) (local.get $x) (f32.gt (local.get $x) (f32.const 1000))) (f32.lt (local.get $x) (f32.const -1000))))
      (i32.store offset=256 (i32.shl (local.get $i) (i32.const 2)) (i32.trunc_sat_f32_s (local.get $x)))
      (br_if $next (i32.ne (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 24))))
    (call $hash))
  (func (export "saturated_crossed") (result i32)
    (local $i i32) (local $x f32) (local $sum i32)
    (loop $next
      (local.set $x (f32.load (i32.shl (local.get $i) (i32.const 2))))
      (local.set $x (select (f32.const 127) (select (f32.const -128) (local.get $x) (f32.gt (local.get $x) (f32.const -128))) (f32.lt (local.get $x) (f32.const 127))))
      (i32.store offset=256 (i32.shl (local.get $i) (i32.const 2)) (i32.trunc_sat_f32_s (local.get $x)))
      (br_if $next (i32.ne (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 24))))
    (call $hash))
  (func (export "saturated_equal") (result i32)
    (local $i i32) (local $x f32) (local $sum i32)
    (loop $next
      (local.set $x (f32.load (i32.shl (local.get $i) (i32.const 2))))
      (local.set $x (select (f32.const 127) (select (f32.const 127) (local.get $x) (f32.ge (local.get $x) (f32.const 127))) (f32.le (local.get $x) (f32.const 127))))
      (i32.store offset=256 (i32.shl (local.get $i) (i32.const 2)) (i32.trunc_sat_f32_s (local.get $x)))
      (br_if $next (i32.ne (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 24))))
    (call $hash))
  (func (export "saturated_from_zero") (result i32)
    (local $i i32) (local $x f32) (local $sum i32)
    (loop $next
      (local.set $x (f32.load (i32.shl (local.get $i) (i32.const 2))))
      (local.set $x (select (f32.const 0) (select (f32.const 0x1.fffffep7) (local.get $x) (f32.gt (local.get $x) (f32.const 0x1.fffffep7))) (f32.lt (local.get $x) (f32.const 0))))
      (i32.store offset=256 (i32.shl (local.get $i) (i32.const 2)) (i32.trunc_sat_f32_u (local.get $x)))
      (br_if $next (i32.ne (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 24))))
    (call $hash))
  (func (export "saturated_unsigned_below") (result i32)
    (local $i i32) (local $x f32) (local $sum i32)
    (loop $next
      (local.set $x (f32.load (i32.shl (local.get $i) (i32.const 2))))
      (local.set $x (select (f32.const -1) (select (f32.const 255) (local.get $x) (f32.gt (local.get $x) (f32.const 255))) (f32.lt (local.get $x) (f32.const -1))))
      (i32.store offset=256 (i32.shl (local.get $i) (i32.const 2)) (i32.trunc_sat_f32_u (local.get $x)))
      (br_if $next (i32.ne (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 24))))
    (call $hash))
  (func (export "saturated_too_wide") (result i32)
    (local $i i32) (local $x f32) (local $sum i32)
    (loop $next
      (local.set $x (f32.load (i32.shl (local.get $i) (i32.const 2))))
      (local.set $x (select (f32.const -0x1p31) (select (f32.const 0x1p31) (local.get $x) (f32.gt (local.get $x) (f32.const 0x1p31))) (f32.lt (local.get $x) (f32.const -0x1p31))))
      (i32.store offset=256 (i32.shl (local.get $i) (i32.const 2)) (i32.trunc_sat_f32_s (local.get $x)))
      (br_if $next (i32.ne (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 24))))
    (call $hash))
  (func (export "saturated_just_in") (result i32)
    (local $i i32) (local $x f32) (local $sum i32)
    (loop $next
      (local.set $x (f32.load (i32.shl (local.get $i) (i32.const 2))))
      (local.set $x (select (f32.const -0x1p31) (select (f32.const 0x1.fffffep30) (local.get $x) (f32.gt (local.get $x) (f32.const 0x1.fffffep30))) (f32.lt (local.get $x) (f32.const -0x1p31))))
      (i32.store offset=256 (i32.shl (local.get $i) (i32.const 2)) (i32.trunc_sat_f32_s (local.get $x)))
      (br_if $next (i32.ne (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 24))))
    (call $hash))
  (func (export "saturated_open") (result i32)
    (local $i i32) (local $x f32) (local $sum i32)
    (loop $next
      (local.set $x (f32.load (i32.shl (local.get $i) (i32.const 2))))
      (local.set $x (select (f32.const 0x1p40) (local.get $x) (f32.gt (local.get $x) (f32.const 0x1p40))))
      (local.set $x (select (f32.const -5) (local.get $x) (f32.lt (local.get $x) (f32.const -5))))
      (i32.store offset=256 (i32.shl (local.get $i) (i32.const 2)) (i32.trunc_sat_f32_s (local.get $x)))
      (br_if $next (i32.ne (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 24))))
    (call $hash)))
