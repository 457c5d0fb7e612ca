;; run: --fuzz FILE
;; Loops that end where a pointer is the end, which memory holds: where the way there is not a whole number of steps, they trap. The parameters, all
;; zero, keep values from the compiler.
;; exit: 0
;; out: whole = 4050800000000000
;; out: once = 3ff0000000000000
;; out: bytes = 4072c00000000000
;; out: down = 4050400000000000
;; out: twelve = 402c000000000000
;; out: written = 0000000000000000
;; out: not_whole = trap
;; out: not_whole_down = trap
;; out: twelve_and_two = trap
;; out: behind = trap
;; out: where_it_begins = trap
;; out: written_not_whole = trap
(module (memory 1)
  (data (i32.const 0) "\01\02\03\04\05\06\07\08\09\0a\0b\0c\0d\0e\0f\10\11\12\13\14\15\16\17\18")
  (func (export "whole") (param $p i32) (result i32) (local $sum i32) (local $end i32)
    (local.set $end (i32.add (i32.load (i32.const 512)) (i32.const 64)))
    (local.set $p (i32.add (local.get $p) (i32.const 0)))
    (loop $next
      (local.set $sum (i32.add (local.get $sum) (i32.load8_u (local.get $p))))
      (local.set $p (i32.add (local.get $p) (i32.const 4)))
      (br_if $next (i32.ne (local.get $p) (local.get $end))))
    (local.get $sum))
  (func (export "once") (param $p i32) (result i32) (local $sum i32) (local $end i32)
    (local.set $end (i32.add (i32.load (i32.const 512)) (i32.const 4)))
    (local.set $p (i32.add (local.get $p) (i32.const 0)))
    (loop $next
      (local.set $sum (i32.add (local.get $sum) (i32.load8_u (local.get $p))))
      (local.set $p (i32.add (local.get $p) (i32.const 4)))
      (br_if $next (i32.ne (local.get $p) (local.get $end))))
    (local.get $sum))
  (func (export "bytes") (param $p i32) (result i32) (local $sum i32) (local $end i32)
    (local.set $end (i32.add (i32.load (i32.const 512)) (i32.const 100)))
    (local.set $p (i32.add (local.get $p) (i32.const 0)))
    (loop $next
      (local.set $sum (i32.add (local.get $sum) (i32.load8_u (local.get $p))))
      (local.set $p (i32.add (local.get $p) (i32.const 1)))
      (br_if $next (i32.ne (local.get $p) (local.get $end))))
    (local.get $sum))
  (func (export "down") (param $p i32) (result i32) (local $sum i32) (local $end i32)
    (local.set $end (i32.add (i32.load (i32.const 512)) (i32.const 0)))
    (local.set $p (i32.add (local.get $p) (i32.const 64)))
    (loop $next
      (local.set $sum (i32.add (local.get $sum) (i32.load8_u (local.get $p))))
      (local.set $p (i32.add (local.get $p) (i32.const -4)))
      (br_if $next (i32.ne (local.get $p) (local.get $end))))
    (local.get $sum))
  (func (export "twelve") (param $p i32) (result i32) (local $sum i32) (local $end i32)
    (local.set $end (i32.add (i32.load (i32.const 512)) (i32.const 96)))
    (local.set $p (i32.add (local.get $p) (i32.const 0)))
    (loop $next
      (local.set $sum (i32.add (local.get $sum) (i32.load8_u (local.get $p))))
      (local.set $p (i32.add (local.get $p) (i32.const 12)))
      (br_if $next (i32.ne (local.get $p) (local.get $end))))
    (local.get $sum))
  (func (export "written") (param $p i32) (result i32) (local $sum i32) (local $end i32)
    (local.set $end (i32.add (i32.load (i32.const 512)) (i32.const 64)))
    (local.set $p (i32.add (local.get $p) (i32.const 0)))
    (loop $next
      (i32.store8 (i32.add (local.get $p) (i32.const 1024)) (i32.add (i32.load8_u (local.get $p)) (i32.const 1)))
      (local.set $p (i32.add (local.get $p) (i32.const 4)))
      (br_if $next (i32.ne (local.get $p) (local.get $end))))
    (local.get $sum))
  (func (export "not_whole") (param $p i32) (result i32) (local $sum i32) (local $end i32)
    (local.set $end (i32.add (i32.load (i32.const 512)) (i32.const 66)))
    (local.set $p (i32.add (local.get $p) (i32.const 0)))
    (loop $next
      (local.set $sum (i32.add (local.get $sum) (i32.load8_u (local.get $p))))
      (local.set $p (i32.add (local.get $p) (i32.const 4)))
      (br_if $next (i32.ne (local.get $p) (local.get $end))))
    (local.get $sum))
  (func (export "not_whole_down") (param $p i32) (result i32) (local $sum i32) (local $end i32)
    (local.set $end (i32.add (i32.load (i32.const 512)) (i32.const 2)))
    (local.set $p (i32.add (local.get $p) (i32.const 64)))
    (loop $next
      (local.set $sum (i32.add (local.get $sum) (i32.load8_u (local.get $p))))
      (local.set $p (i32.add (local.get $p) (i32.const -4)))
      (br_if $next (i32.ne (local.get $p) (local.get $end))))
    (local.get $sum))
  (func (export "twelve_and_two") (param $p i32) (result i32) (local $sum i32) (local $end i32)
    (local.set $end (i32.add (i32.load (i32.const 512)) (i32.const 98)))
    (local.set $p (i32.add (local.get $p) (i32.const 0)))
    (loop $next
      (local.set $sum (i32.add (local.get $sum) (i32.load8_u (local.get $p))))
      (local.set $p (i32.add (local.get $p) (i32.const 12)))
      (br_if $next (i32.ne (local.get $p) (local.get $end))))
    (local.get $sum))
  (func (export "behind") (param $p i32) (result i32) (local $sum i32) (local $end i32)
    (local.set $end (i32.add (i32.load (i32.const 512)) (i32.const 32)))
    (local.set $p (i32.add (local.get $p) (i32.const 64)))
    (loop $next
      (local.set $sum (i32.add (local.get $sum) (i32.load8_u (local.get $p))))
      (local.set $p (i32.add (local.get $p) (i32.const 4)))
      (br_if $next (i32.ne (local.get $p) (local.get $end))))
    (local.get $sum))
  (func (export "where_it_begins") (param $p i32) (result i32) (local $sum i32) (local $end i32)
    (local.set $end (i32.add (i32.load (i32.const 512)) (i32.const 0)))
    (local.set $p (i32.add (local.get $p) (i32.const 0)))
    (loop $next
      (local.set $sum (i32.add (local.get $sum) (i32.load8_u (local.get $p))))
      (local.set $p (i32.add (local.get $p) (i32.const 4)))
      (br_if $next (i32.ne (local.get $p) (local.get $end))))
    (local.get $sum))
  (func (export "written_not_whole") (param $p i32) (result i32) (local $sum i32) (local $end i32)
    (local.set $end (i32.add (i32.load (i32.const 512)) (i32.const 66)))
    (local.set $p (i32.add (local.get $p) (i32.const 0)))
    (loop $next
      (i32.store8 (i32.add (local.get $p) (i32.const 1024)) (i32.add (i32.load8_u (local.get $p)) (i32.const 1)))
      (local.set $p (i32.add (local.get $p) (i32.const 4)))
      (br_if $next (i32.ne (local.get $p) (local.get $end))))
    (local.get $sum)))
