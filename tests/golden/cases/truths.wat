;; run: --fuzz FILE
;; Conditions that are numbers where ways meet: of 0 and 1, and of others. The parameters, all zero, keep values from the compiler.
;; exit: 0
;; out: both = 4030000000000000
;; out: either = 4037000000000000
;; out: two = 4026000000000000
;; out: counted = 40b0100000000000
;; out: asked_again = bff0000000000000
;; out: memory d6ba93b1469c5305
(module (memory 1)
  (data (i32.const 0) "abcdefghijklmnopqrstuvwxyz")
  (data (i32.const 64) "abcdefghijklmnop-rstuvwxyz")
  (func (export "both") (param $i i32) (result i32) (local $n i32)
    (local.set $n (i32.add (local.get $i) (i32.const 26)))
    (loop $l
      (if (if (result i32) (i32.lt_s (local.get $i) (local.get $n))
            (then (i32.eq (i32.load8_u (local.get $i)) (i32.load8_u offset=64 (local.get $i))))
            (else (i32.const 0)))
        (then (local.set $i (i32.add (local.get $i) (i32.const 1))) (br $l))))
    (local.get $i))
  (func (export "either") (param $i i32) (result i32) (local $n i32)
    (local.set $n (i32.add (local.get $i) (i32.const 26)))
    (loop $l
      (if (i32.eqz (if (result i32) (i32.ge_s (local.get $i) (local.get $n))
            (then (i32.const 1))
            (else (i32.eq (i32.load8_u (local.get $i)) (i32.const 120)))))
        (then (local.set $i (i32.add (local.get $i) (i32.const 1))) (br $l))))
    (local.get $i))
  ;; two is true, too
  (func (export "two") (param $i i32) (result i32)
    (loop $l
      (if (if (result i32) (i32.lt_s (local.get $i) (i32.const 10))
            (then (i32.const 2))
            (else (i32.eq (i32.load8_u (local.get $i)) (i32.const 107))))
        (then (local.set $i (i32.add (local.get $i) (i32.const 1))) (br $l))))
    (local.get $i))
  ;; and counted
  (func (export "counted") (param $i i32) (result i32) (local $sum i32) (local $more i32)
    (loop $l
      (local.set $more (if (result i32) (i32.lt_s (local.get $i) (i32.const 26))
            (then (i32.lt_u (i32.load8_u (local.get $i)) (i32.const 113)))
            (else (i32.const 0))))
      (local.set $sum (i32.add (local.get $sum) (local.get $more)))
      (if (local.get $more)
        (then (local.set $i (i32.add (local.get $i) (i32.const 1))) (br $l))))
    (i32.add (local.get $sum) (i32.shl (local.get $i) (i32.const 8))))
  ;; what has ended it is asked for behind it
  (func (export "asked_again") (param $i i32) (result i32) (local $more i32) (local $n i32)
    (local.set $n (i32.add (local.get $i) (i32.const 16)))
    (loop $l
      (local.set $more (if (result i32) (i32.lt_s (local.get $i) (local.get $n))
            (then (i32.eq (i32.load8_u (local.get $i)) (i32.load8_u offset=64 (local.get $i))))
            (else (i32.const 1))))
      (if (i32.and (local.get $more) (i32.lt_s (local.get $i) (local.get $n)))
        (then (local.set $i (i32.add (local.get $i) (i32.const 1))) (br $l))))
    (if (result i32) (local.get $more) (then (i32.const -1)) (else (local.get $i)))))
