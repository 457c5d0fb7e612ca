;; run: --fuzz FILE
;; exit: 0
;; out: above_and_out = 401c000000000000
;; out: below = 403e000000000000
;; out: down_to_the_end = trap
;; out: down_with_offset = trap
;; out: not_in_every_round = 4035000000000000
;; out: starts_wrapped = 402e000000000000
;; out: up_past_the_end = trap
;; out: up_to_zero = 4024000000000000
;; out: written_down = 3ff0000000000000
;; out: written_up = trap
;; Addresses wrap around at 4 GiB; the parameters, all zero, keep that from the compiler.
(module (memory 1)
  (data (i32.const 0) "\01\02\03\04\05\06\07\08")
  ;; the first access leaves the loop before there is one that traps
  (func (export "above_and_out") (param $p i32) (result i32)
    (local.set $p (i32.sub (local.get $p) (i32.const 2)))
    (loop $next
      (if (i32.eq (i32.load8_u (i32.add (local.get $p) (i32.const 8))) (i32.const 7))
        (then (return (i32.load8_u (i32.add (local.get $p) (i32.const 8))))))
      (drop (i32.load8_u (local.get $p)))
      (local.set $p (i32.add (local.get $p) (i32.const 1)))
      (br_if $next (i32.lt_u (local.get $p) (i32.const 100))))
    (i32.const -1))
  (func (export "below") (param $p i32) (result i32) (local $sum i32)
    (local.set $p (i32.add (local.get $p) (i32.const 8)))
    (loop $next
      (local.set $p (i32.sub (local.get $p) (i32.const 1)))
      (local.set $sum (i32.add (local.get $sum) (i32.load8_u (local.get $p))))
      (br_if $next (i32.gt_u (local.get $p) (i32.const 3))))
    (local.get $sum))
  (func (export "down_to_the_end") (param $p i32) (result i32) (local $sum i32)
    (local.set $p (i32.add (local.get $p) (i32.const 8)))
    (loop $next
      (local.set $sum (i32.add (local.get $sum) (i32.load8_u (local.get $p))))
      (local.set $p (i32.sub (local.get $p) (i32.const 4)))
      (br_if $next (i32.ne (local.get $p) (i32.const -2000000))))
    (local.get $sum))
  (func (export "down_with_offset") (param $p i32) (result i32) (local $sum i32)
    (local.set $p (i32.add (local.get $p) (i32.const 8)))
    (loop $next
      (local.set $sum (i32.add (local.get $sum) (i32.load8_u offset=4000 (local.get $p))))
      (local.set $p (i32.sub (local.get $p) (i32.const 4)))
      (br_if $next (i32.ne (local.get $p) (i32.const -400))))
    (local.get $sum))
  (func (export "not_in_every_round") (param $p i32) (result i32) (local $sum i32)
    (local.set $p (i32.sub (local.get $p) (i32.const 64)))
    (loop $next
      (if (i32.lt_u (local.get $p) (i32.const 6))
        (then (local.set $sum (i32.add (local.get $sum) (i32.load8_u (local.get $p))))))
      (local.set $p (i32.add (local.get $p) (i32.const 1)))
      (br_if $next (i32.ne (local.get $p) (i32.const 64))))
    (local.get $sum))
  (func (export "starts_wrapped") (param $i i32) (param $base i32) (result i32) (local $sum i32)
    (local.set $base (i32.sub (local.get $base) (i32.const 16)))
    (loop $next
      (local.set $sum (i32.add (local.get $sum)
        (i32.load8_u (i32.add (i32.add (local.get $base) (local.get $i)) (i32.const 16)))))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br_if $next (i32.lt_u (local.get $i) (i32.const 5))))
    (local.get $sum))
  (func (export "up_past_the_end") (param $p i32) (result i32) (local $sum i32)
    (local.set $p (i32.sub (local.get $p) (i32.const 64)))
    (loop $next
      (local.set $sum (i32.add (local.get $sum) (i32.load8_u (local.get $p))))
      (local.set $p (i32.add (local.get $p) (i32.const 1)))
      (br_if $next (i32.ne (local.get $p) (i32.const 64))))
    (local.get $sum))
  ;; only the access that is beyond the wrap happens
  (func (export "up_to_zero") (param $p i32) (result i32) (local $sum i32)
    (local.set $p (i32.sub (local.get $p) (i32.const 4)))
    (loop $next
      (local.set $sum (i32.add (local.get $sum) (i32.load8_u (i32.add (local.get $p) (i32.const 4)))))
      (local.set $p (i32.add (local.get $p) (i32.const 1)))
      (br_if $next (i32.ne (local.get $p) (i32.const 0))))
    (local.get $sum))
  (func (export "written_down") (param $p i32) (result i32)
    (local.set $p (i32.add (local.get $p) (i32.const 64)))
    (loop $next
      (local.set $p (i32.sub (local.get $p) (i32.const 8)))
      (i64.store offset=8 (local.get $p) (i64.const 9))
      (br_if $next (i32.ne (local.get $p) (i32.const 0))))
    (i32.load8_u (i32.const 0)))
  (func (export "written_up") (param $p i32) (result i32)
    (local.set $p (i32.sub (local.get $p) (i32.const 64)))
    (loop $next
      (i64.store offset=8 (i32.add (local.get $p) (i32.const 128)) (i64.const 9))
      (i64.store offset=8 (local.get $p) (i64.const 9))
      (local.set $p (i32.add (local.get $p) (i32.const 8)))
      (br_if $next (i32.ne (local.get $p) (i32.const 64))))
    (i32.load8_u (i32.const 0))))
