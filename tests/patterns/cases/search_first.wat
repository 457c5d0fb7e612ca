;; Searches whose round begins with what was loaded a round before: what LLVM found out about each next number need not be so of the
;; first. And one whose counters are there twice, of which LLVM leaves a value without uses.
;; listed: ascii search (
;; listed: twice search (
;; either: ascii 100 197 99999
;; either: ascii 0 197 99999
;; either: ascii 0..99 197 99999
;; either: ascii 101 0 99999
;; either: ascii 0 0 195
;; either: twice 700 701 2000
;; either: twice 0 1 2000
;; either: twice 0..999 0..999 0..500
;; either: twice 65535 0 0..500
(module
  (memory 1)
  (func (export "fill") (param i32 i32 i32)
    (memory.fill (i32.const 0) (i32.const 65) (i32.const 65536))
    (i32.store8 (i32.const 100) (i32.const 200))
    (i32.store8 (i32.const 900) (i32.const 37)))
  (func (export "hash") (param i32) (result i64)
    (i64.load (i32.const 896)))
  (func (export "ascii") (param $at i32) (param $x i32) (param $y i32) (result i32)
    (local $p i32) (local $c i32) (local $d i32)
    (local.set $c (i32.load8_u (local.tee $p (local.get $at))))
    (block $b (block $a
      (loop $l
        (br_if $a (i32.eq (i32.xor (i32.and (local.get $c) (i32.const 192)) (local.get $x)) (i32.const 5)))
        (local.set $d (i32.load8_u offset=1 (local.get $p)))
        (br_if $b (i32.gt_u (local.get $d) (i32.const 127)))
        (local.set $p (i32.add (local.get $p) (i32.const 1)))
        (local.set $c (local.get $d))
        (br_if $l (i32.ne (i32.mul (local.get $d) (i32.const 3)) (local.get $y))))
      (return (i32.const -3)))
     (return (i32.sub (local.get $p) (local.get $at))))
    (i32.const -2))
  (func (export "twice") (param $p0 i32) (param $q0 i32) (param $n i32) (result i32)
    (local $p i32) (local $q i32) (local $pn i32) (local $qn i32) (local $first i32)
    (local.set $first (i32.const 1))
    (block $out
      (loop $l
        (local.set $p (select (local.get $p0) (local.get $pn) (local.get $first)))
        (local.set $q (select (local.get $q0) (local.get $qn) (local.get $first)))
        (local.set $first (i32.const 0))
        (br_if $out (i32.ne (i32.load8_u (local.get $p)) (i32.load8_u (local.get $q))))
        (local.set $pn (i32.add (local.get $p) (i32.const 1)))
        (local.set $qn (i32.add (local.get $q) (i32.const 1)))
        (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1))))))
    (i32.sub (local.get $p) (local.get $p0)))
)
