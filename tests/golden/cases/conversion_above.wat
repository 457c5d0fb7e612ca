;; run: --fuzz FILE
;; What stands before a conversion may as well ask for a great magnitude, or for another one: that is no test for NaN.
;; exit: 0
;; out: above = 41b17bc09a000000
;; out: not_below = 41d9d71dd1800000
;; out: equal = 41b17bc022000000
;; out: straight = c008000000000000
;; out: memory 38b9d7558727edde
(module (memory (export "memory") 1)
  (data (i32.const 0) "\00\00\00\3f\00\00\40\c0\00\00\c8\41\00\00\c8\c1\00\00\98\41\00\00\00\00\00\00\a0\41\01\00\a0\c1")
  (func (export "above") (result i32)
    (local $i i32) (local $x f32) (local $sum i32)
    (loop $next
      (local.set $x (f32.load (i32.shl (local.get $i) (i32.const 2))))
      (local.set $sum (i32.add (i32.mul (local.get $sum) (i32.const 31))
        (if (result i32) (f32.gt (f32.abs (local.get $x)) (f32.const 20)) (then (i32.const 100)) (else (i32.trunc_f32_s (local.get $x))))))
      (br_if $next (i32.ne (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 8))))
    (local.get $sum))
  (func (export "not_below") (result i32)
    (local $i i32) (local $x f32) (local $sum i32)
    (loop $next
      (local.set $x (f32.load (i32.shl (local.get $i) (i32.const 2))))
      (local.set $sum (i32.add (i32.mul (local.get $sum) (i32.const 31))
        (if (result i32) (f32.ge (f32.abs (local.get $x)) (f32.const 20)) (then (i32.trunc_f32_s (local.get $x))) (else (i32.const 100)))))
      (br_if $next (i32.ne (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 8))))
    (local.get $sum))
  (func (export "equal") (result i32)
    (local $i i32) (local $x f32) (local $sum i32)
    (loop $next
      (local.set $x (f32.load (i32.shl (local.get $i) (i32.const 2))))
      (local.set $sum (i32.add (i32.mul (local.get $sum) (i32.const 31))
        (if (result i32) (f32.ne (f32.abs (local.get $x)) (f32.const 25)) (then (i32.trunc_f32_s (local.get $x))) (else (i32.const 100)))))
      (br_if $next (i32.ne (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 8))))
    (local.get $sum))
  (func (export "straight") (result i32)
    (local $x f32)
    (local.set $x (f32.load (i32.const 4)))
    (if (result i32) (f32.gt (f32.abs (local.get $x)) (f32.const 20)) (then (i32.const 100)) (else (i32.trunc_f32_s (local.get $x))))))
