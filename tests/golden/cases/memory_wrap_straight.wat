;; run: --fuzz FILE
;; exit: 0
;; out: copy_down = trap
;; out: copy_down_was_stored = 401c000000000000
;; out: copy_four = trap
;; out: copy_four_was_stored = 4022000000000000
;; out: zero_down = trap
;; out: zero_down_was_stored = 0000000000000000
;; out: below = 4026000000000000
;; out: below_beginning = trap
;; out: back_by_offset = 402a000000000000
;; out: above_beginning = 402a000000000000
;; Sums that wrap around without a loop: what is stored before the access that traps stays, and nothing else traps. The parameters are 0.
(module (memory 1)
  ;; 16 bytes, the upper half first: at -4 + 8 there is memory, at -4 there is not
  (func (export "copy_down") (param $q i32) (param $p i32) (local $a i64) (local $b i64)
    (i64.store (i32.const 1032) (i64.const 7))
    (local.set $p (i32.add (local.get $p) (i32.const 1024)))
    (local.set $q (i32.sub (local.get $q) (i32.const 4)))
    (local.set $a (i64.load (i32.add (local.get $p) (i32.const 8))))
    (local.set $b (i64.load (local.get $p)))
    (i64.store (i32.add (local.get $q) (i32.const 8)) (local.get $a))
    (i64.store (local.get $q) (local.get $b)))
  (func (export "copy_down_was_stored") (result i32)
    (i32.load (i32.const 4)))
  ;; the third word of four wraps around
  (func (export "copy_four") (param $q i32) (param $p i32) (local $a i32) (local $b i32) (local $c i32) (local $d i32)
    (i32.store (i32.const 1032) (i32.const 9))
    (local.set $p (i32.add (local.get $p) (i32.const 1024)))
    (local.set $q (i32.sub (local.get $q) (i32.const 8)))
    (local.set $a (i32.load (i32.add (local.get $p) (i32.const 12))))
    (local.set $b (i32.load (i32.add (local.get $p) (i32.const 8))))
    (local.set $c (i32.load (i32.add (local.get $p) (i32.const 4))))
    (local.set $d (i32.load (local.get $p)))
    (i32.store (i32.add (local.get $q) (i32.const 12)) (local.get $a))
    (i32.store (i32.add (local.get $q) (i32.const 8)) (local.get $b))
    (i32.store (i32.add (local.get $q) (i32.const 4)) (local.get $c))
    (i32.store (local.get $q) (local.get $d)))
  (func (export "copy_four_was_stored") (result i32)
    (i32.load (i32.const 0)))
  (func (export "zero_down") (param $q i32)
    (i32.store (i32.const 4) (i32.const 5))
    (local.set $q (i32.sub (local.get $q) (i32.const 4)))
    (i64.store (i32.add (local.get $q) (i32.const 8)) (i64.const 0))
    (i64.store (local.get $q) (i64.const 0)))
  (func (export "zero_down_was_stored") (result i32)
    (i32.load (i32.const 4)))
  ;; p - 8 with p above 8, behind an access at p and without one
  (func (export "below") (param $p i32) (result i32)
    (i32.store (i32.const 16) (i32.const 11))
    (local.set $p (i32.add (local.get $p) (i32.const 24)))
    (i32.load (i32.sub (local.get $p) (i32.const 8))))
  (func (export "below_beginning") (param $p i32) (result i32)
    (i32.add (i32.load (local.get $p)) (i32.load (i32.sub (local.get $p) (i32.const 8)))))
  ;; (p - 8) + 16 is p + 8, though p - 8 wraps around: no access is at p - 8 itself
  (func (export "back_by_offset") (param $p i32) (result i32)
    (i32.store (i32.const 8) (i32.const 13))
    (i32.load (i32.add (i32.sub (local.get $p) (i32.const 8)) (i32.const 16))))
  ;; the access at p + 4 says nothing of p, which is -4
  (func (export "above_beginning") (param $p i32) (result i32)
    (local.set $p (i32.sub (local.get $p) (i32.const 4)))
    (drop (i32.load (i32.add (local.get $p) (i32.const 4))))
    (i32.load (i32.add (local.get $p) (i32.const 12)))))
