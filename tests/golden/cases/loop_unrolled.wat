;; run: --fuzz FILE
;; exit: 0
;; out: scaled = 403b0b4eb7caa455
;; out: carried = 403b32a9aae03ee5
;; out: crossed = 403b32db36d609a2
;; out: counted = 403b32b255aeca2e
;; out: ahead = 403b32b2c21b2d83
;; out: memory f2ef2fed397931bc
;; Loops that were unrolled by hand, and some that only look so; the parameters, all zero, keep values from the compiler.
(module (memory (export "memory") 1)
  (func $fill (param $i i32)
    (loop $l
      (f64.store (i32.shl (local.get $i) (i32.const 3)) (f64.convert_i32_u (i32.mul (local.get $i) (i32.const 7))))
      (br_if $l (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 1000)))))
  (func $sum (result f64) (local $i i32) (local $s f64)
    (loop $l
      (local.set $s (f64.add (f64.mul (local.get $s) (f64.const 0.99)) (f64.load (local.get $i))))
      (local.set $s (f64.add (f64.mul (local.get $s) (f64.const 0.99)) (f64.load offset=8 (local.get $i))))
      (br_if $l (i32.ne (local.tee $i (i32.add (local.get $i) (i32.const 16))) (i32.const 16000))))
    (local.get $s))
  (func (export "scaled") (param $p i32) (result f64)
    (call $fill (local.get $p))
    (loop $l
      (f64.store offset=4096 (local.get $p) (f64.mul (f64.load (local.get $p)) (f64.const 3)))
      (f64.store offset=4104 (local.get $p) (f64.mul (f64.load offset=8 (local.get $p)) (f64.const 3)))
      (br_if $l (i32.ne (local.tee $p (i32.add (local.get $p) (i32.const 16))) (i32.const 800))))
    (call $sum))
  ;; the second copy reads what the first wrote
  (func (export "carried") (param $p i32) (result f64)
    (call $fill (local.get $p))
    (loop $l
      (f64.store offset=8 (local.get $p) (f64.add (f64.load (local.get $p)) (f64.const 1)))
      (f64.store offset=16 (local.get $p) (f64.add (f64.load offset=8 (local.get $p)) (f64.const 1)))
      (br_if $l (i32.ne (local.tee $p (i32.add (local.get $p) (i32.const 16))) (i32.const 800))))
    (call $sum))
  ;; the second copy reads before the first writes
  (func (export "crossed") (param $p i32) (result f64) (local $next f64)
    (call $fill (local.get $p))
    (loop $l
      (local.set $next (f64.load offset=8 (local.get $p)))
      (f64.store offset=8 (local.get $p) (f64.mul (f64.load (local.get $p)) (f64.const 3)))
      (f64.store offset=16 (local.get $p) (f64.mul (local.get $next) (f64.const 3)))
      (br_if $l (i32.ne (local.tee $p (i32.add (local.get $p) (i32.const 16))) (i32.const 800))))
    (call $sum))
  ;; what is stored goes up with the rounds, but the same in both copies
  (func (export "counted") (param $p i32) (result f64)
    (call $fill (local.get $p))
    (loop $l
      (f64.store (local.get $p) (f64.convert_i32_u (i32.and (local.get $p) (i32.const -16))))
      (f64.store offset=8 (local.get $p) (f64.convert_i32_u (i32.and (local.get $p) (i32.const -16))))
      (br_if $l (i32.ne (local.tee $p (i32.add (local.get $p) (i32.const 16))) (i32.const 800))))
    (call $sum))
  ;; the value of the next round
  (func (export "ahead") (param $p i32) (result f64)
    (call $fill (local.get $p))
    (loop $l
      (f64.store (local.get $p) (f64.convert_i32_u (i32.add (local.get $p) (i32.const 16))))
      (f64.store offset=8 (local.get $p) (f64.convert_i32_u (i32.add (local.get $p) (i32.const 24))))
      (br_if $l (i32.ne (local.tee $p (i32.add (local.get $p) (i32.const 16))) (i32.const 800))))
    (call $sum)))
