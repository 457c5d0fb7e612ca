;; run: --invoke=walk FILE 40000000
;; osr: yes
;; exit: 0
;; out: 85896259966995235
;; out: 1260008800.75
;; out: 40000077
(module (memory 1)
  (global $g (mut f32) (f32.const 0))
  (func $step (param i32) (result i32) (i32.xor (local.get 0) (i32.shr_u (local.get 0) (i32.const 3))))
  ;; operands wait under the loop, and inside it under an inner one; locals are more than there are registers
  (func (export "walk") (param $n i32) (result i64 f64 i32)
    (local $i i32) (local $a i32) (local $b i64) (local $c f64) (local $d i32) (local $e i32) (local $f i32) (local $h i32) (local $k i32)
    (local $l i64) (local $m f32) (local $o i32)
    (local.set $f (i32.const 77)) (local.set $h (i32.const -1)) (local.set $l (i64.const -5)) (local.set $c (f64.const 0.5))
    (i64.const 1000) (f64.const 0.25) (i32.const 3)
    (loop $out
      (local.set $e (i32.const 0))
      (i32.add (local.get $i) (i32.const 5))
      (loop $in
        (local.set $a (i32.add (i32.mul (local.get $a) (i32.const 1103515245)) (i32.const 12345)))
        (local.set $d (i32.or (local.get $d) (i32.and (local.get $a) (local.get $h))))
        (local.set $b (i64.add (local.get $b) (i64.extend_i32_u (local.get $a))))
        (i32.store (i32.and (local.get $a) (i32.const 0xfffc)) (local.get $f))
        (br_if $in (i32.lt_u (local.tee $e (i32.add (local.get $e) (i32.const 1))) (i32.const 8))))
      (local.set $k (i32.add (local.get $k) (i32.load (i32.and (i32.mul (i32.const 12) (call $step)) (i32.const 0xfffc)))))
      (local.set $c (f64.add (local.get $c) (f64.convert_i32_s (i32.and (local.get $k) (i32.const 255)))))
      (local.set $m (f32.demote_f64 (local.get $c)))
      (global.set $g (local.get $m))
      (local.set $l (i64.sub (local.get $l) (i64.const 3)))
      (local.set $o (i32.ctz (local.get $k)))
      (br_if $out (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 8))) (local.get $n))))
    (local.set $f) (local.set $c (f64.add (local.get $c))) (local.set $b (i64.add (i64.add (local.get $l)) (local.get $b)))
    (local.get $b)
    (f64.add (local.get $c) (f64.promote_f32 (global.get $g)))
    (i32.add (local.get $f) (i32.add (local.get $d) (i32.add (local.get $k) (local.get $o))))))
