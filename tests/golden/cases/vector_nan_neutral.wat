;; run: --fuzz FILE
;; A signalling NaN that meets a constant vector with a neutral lane comes out quiet in every lane, computed or loaded.
;; exit: 0
;; out: mul_one_lane = 402e000000000000
;; out: mul_last_lane = 402e000000000000
;; out: mul_no_lane = 402e000000000000
;; out: add_zero = 402e000000000000
;; out: sub_zero = 4008000000000000
;; out: div_one = 4008000000000000
;; out: other_lanes = 4018000000000000
;; out: memory ee39d9a24ecc383f
(module (memory (export "memory") 1)
  (data (i32.const 0) "\01\00\80\7f\01\00\80\ff\00\00\40\40\02\00\80\7f")
  (data (i32.const 16) "\01\00\00\00\00\00\f0\7f\00\00\00\00\00\00\f8\bf")
  ;; Whether lanes that must be NaN are quiet: their bits without the sign and without what a NaN may carry.
  (func $quiet32 (param $v v128) (result i32)
    (i32x4.bitmask (i32x4.eq (v128.and (local.get $v) (v128.const i32x4 0x7fc00000 0x7fc00000 0 0x7fc00000))
                             (v128.const i32x4 0x7fc00000 0x7fc00000 0 0x7fc00000))))
  (func $quiet64 (param $v v128) (result i32)
    (i64x2.bitmask (i64x2.eq (v128.and (local.get $v) (v128.const i64x2 0x7ff8000000000000 0))
                             (v128.const i64x2 0x7ff8000000000000 0))))
  (func (export "mul_one_lane") (result i32)
    (call $quiet32 (f32x4.mul (v128.load (i32.const 0)) (v128.const f32x4 1 2 3 4))))
  (func (export "mul_last_lane") (result i32)
    (call $quiet32 (f32x4.mul (v128.const f32x4 2 2 3 -1) (v128.load (i32.const 0)))))
  (func (export "mul_no_lane") (result i32)
    (call $quiet32 (f32x4.mul (v128.load (i32.const 0)) (v128.const f32x4 2 3 4 5))))
  (func (export "add_zero") (result i32)
    (call $quiet32 (f32x4.add (v128.load (i32.const 0)) (v128.const f32x4 -0 -0 1 -0))))
  (func (export "sub_zero") (result i32)
    (call $quiet64 (f64x2.sub (v128.load (i32.const 16)) (v128.const f64x2 0 1))))
  (func (export "div_one") (result i32)
    (call $quiet64 (f64x2.div (v128.load (i32.const 16)) (v128.const f64x2 1 3))))
  (func (export "other_lanes") (result i32) ;; what was computed as f64 is no quiet f32
    (call $quiet32 (f32x4.mul (f64x2.add (v128.load (i32.const 16)) (v128.const f64x2 0 1)) (v128.const f32x4 1 1 1 1)))))
