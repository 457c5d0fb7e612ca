;; run: --fuzz FILE
;; fuel: about
;; A loop unrolled by hand that stores the second element of a round first: where its address wraps around, to what is there already, and
;; the first one traps.
;; exit: 0
;; out: wraps = trap
(module (memory (export "memory") 8)
  (func $sum (result f64) (local $i i32) (local $s f64)
    (loop $l
      (local.set $s (f64.add (f64.mul (local.get $s) (f64.const 0.9999)) (f64.load (i32.shl (local.get $i) (i32.const 3)))))
      (br_if $l (i32.ne (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 65536))))
    (local.get $s))
  (func (export "wraps") (result f64) (local $r i32) (local $p i32) (local $q i32) (local $a i32) (local $b i32) (local $c i32) (local $d i32) (local $x f64)
    (memory.fill (i32.const 0) (i32.const 0) (i32.const 64))
    (loop $rows
      (local.set $a (local.get $r))
      (local.set $b (i32.mul (local.get $r) (i32.const 2)))
      (local.set $p (i32.const -8))
      (local.set $q (i32.const 0))
      (loop $l
        (f64.store (i32.add (local.get $p) (i32.const 8)) (f64.mul (f64.convert_i32_u (i32.rem_u (local.get $b) (i32.const 411))) (f64.const 0.25)))
        (f64.store (local.get $p) (f64.mul (f64.convert_i32_u (i32.rem_u (local.get $a) (i32.const 411))) (f64.const 0.25)))
        (local.set $a (i32.add (local.get $a) (i32.mul (local.get $r) (i32.const 2))))
        (local.set $b (i32.add (local.get $b) (i32.mul (local.get $r) (i32.const 2))))
        (local.set $p (i32.add (local.get $p) (i32.const 16)))
        (br_if $l (i32.ne (local.tee $q (i32.add (local.get $q) (i32.const 16))) (i32.const 1600))))
      (br_if $rows (i32.ne (local.tee $r (i32.add (local.get $r) (i32.const 1))) (i32.const 23))))
    (call $sum)))
