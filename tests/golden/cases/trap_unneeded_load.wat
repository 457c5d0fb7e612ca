;; run: --fuzz FILE
;; exit: 0
;; out: byte_is_not_1000 = trap
;; out: through_a_local = trap
;; out: on_the_other_path = trap
;; out: in_the_last_round = trap
(module (memory (export "memory") 1)
  (global $fuel (mut i32) (i32.const 10))
  (func (export "byte_is_not_1000") (result i32)
    (i32.ne (i32.load8_u (i32.const 65536)) (i32.const 1000)))
  (func (export "through_a_local") (result i32) (local i32)
    (local.set 0 (i32.load (i32.const 65533)))
    (i32.and (local.get 0) (i32.const 0)))
  (func $number (param f64) (result f64)
    (if (result f64) (f64.eq (local.get 0) (local.get 0)) (then (local.get 0)) (else (f64.const 0))))
  (func (export "on_the_other_path") (result i32) (local i32)
    (if (i32.eqz (global.get $fuel)) (then (return (i32.const -111))))
    (global.set $fuel (i32.sub (global.get $fuel) (i32.const 1)))
    (local.set 0 (i32.load8_s offset=2 (i32.and (i32.load16_u offset=22 align=1 (i32.const -42)) (i32.const 15))))
    (i32.add (i32.shl (local.get 0) (i32.const 5)) (local.get 0))
    (if (result i32)
      (i32.trunc_sat_f64_u (call $number (f64.copysign (call $number (f64.const 250)) (call $number
        (f64.load offset=22 align=2 (i32.and (i32.load16_s offset=22 (i32.const 7)) (i32.const 15)))))))
      (then (return (i32.const -75)))
      (else (i32.const -2147483648)))
    (i32.xor))
  ;; the value of one round is used in the next, if there is one
  (func (export "in_the_last_round") (param i32) (result i32) (local $i i32) (local $last i32) (local $sum i32)
    (local.set $i (i32.const 65536))
    (loop $more
      (local.set $sum (i32.add (local.get $sum) (local.get $last)))
      (local.set $last (i32.load8_u (i32.add (local.get $i) (local.get 0))))
      (local.set $i (i32.sub (local.get $i) (i32.const 1)))
      (br_if $more (i32.gt_u (local.get $i) (i32.const 65536))))
    (local.get $sum)))
