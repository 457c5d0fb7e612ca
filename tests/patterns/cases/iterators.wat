;; Loops over iterators as compilers leave them that simplify little, and what is nearly one: the counter goes on by whether there is a
;; next number; what was found is chosen a round later; a pointer's end is also zero.
;; replaced: product where folded
;; map: checked scale
;; refused: other_condition late
;; kernel: product 0 262144 524288 37
;; kernel: product 0 262144 524288 20
;; either: product 0 262144 524288 1..45
;; either: product 0 4 8 1..45
;; either: product 0 1048000 4 40
;; either: other_condition 0 262144 524288 1..45
;; either: greatest 0 0 0 66..1000
;; either: greatest 262144 1 0 66..1000
;; either: greatest 1048000 0 0 100
;; either: late 262144 0 0 66..1000
;; either: where 262144 0 0 66..1000
;; either: where 262144 1 0 66..1000
;; either: where 0 1 0 1..10
;; either: folded 262144 0 0 66..1000
;; either: folded 1048000 0 0 1000
;; either: folded 0 0 0 66..1000
;; either: folded 4294967200 0 0 24
;; either: null 0 524288 0 66..1000
;; either: null 262144 524288 0 66..1000
;; either: null 4294967232 524288 0 66
;; either: checked 524288 0 100000 0..3000
;; either: checked 4 0 100000 100..2000
;; either: turns 0 0 1 1..100
;; either: turns 3 7 0 100
(module
  (memory 16 16)
  (func (export "fill") (param i32 i32 i32)
    (local $p i32)
    (loop $l
      (f32.store (local.get $p) (f32.div (f32.const 1)
        (f32.convert_i32_u (i32.rem_u (i32.mul (i32.add (local.get $p) (i32.const 4)) (i32.add (local.get 0) (i32.const 40503))) (i32.const 65521)))))
      (br_if $l (i32.lt_u (local.tee $p (i32.add (local.get $p) (i32.const 4))) (i32.const 1048576)))))
  (func (export "hash") (param i32) (result i64)
    (local $p i32) (local $h i64)
    (loop $l
      (local.set $h (i64.mul (i64.xor (local.get $h) (i64.load32_u (local.get $p))) (i64.const 1099511628211)))
      (br_if $l (i32.lt_u (local.tee $p (i32.add (local.get $p) (i32.const 4))) (i32.const 1048576))))
    (local.get $h))
  (func (export "product") (param $c i32) (param $a i32) (param $b i32) (param $n i32)
    (local $i i32) (local $j i32) (local $p i32) (local $more i32) (local $s f32)
    (loop $rows
      (local.set $j (i32.const 0))
      (loop $columns
        (local.set $s (f32.const 0))
        (local.set $p (i32.const 0))
        (local.set $more (i32.const 1))
        (loop $steps
          (local.set $s (f32.add (local.get $s)
            (f32.mul (f32.load (i32.add (local.get $a) (i32.shl (i32.add (i32.mul (local.get $i) (local.get $n)) (local.get $p)) (i32.const 2))))
              (f32.load (i32.add (local.get $b) (i32.shl (i32.add (i32.mul (local.get $p) (local.get $n)) (local.get $j)) (i32.const 2)))))))
          (local.set $p (i32.add (local.get $p) (i32.and (local.get $more) (i32.const 1))))
          (br_if $steps (local.tee $more (i32.lt_u (local.get $p) (local.get $n)))))
        (f32.store (i32.add (local.get $c) (i32.shl (i32.add (i32.mul (local.get $i) (local.get $n)) (local.get $j)) (i32.const 2))) (local.get $s))
        (br_if $columns (i32.ne (local.tee $j (i32.add (local.get $j) (i32.const 1))) (local.get $n))))
      (br_if $rows (i32.ne (local.tee $i (i32.add (local.get $i) (i32.const 1))) (local.get $n)))))
  ;; It goes on by another condition than the one that is tested.
  (func (export "other_condition") (param $c i32) (param $a i32) (param $b i32) (param $n i32)
    (local $i i32) (local $j i32) (local $p i32) (local $k i32) (local $more i32) (local $s f32)
    (loop $rows
      (local.set $j (i32.const 0))
      (loop $columns
        (local.set $s (f32.const 0))
        (local.set $p (i32.const 0))
        (local.set $k (i32.const 0))
        (local.set $more (i32.const 1))
        (loop $steps
          (local.set $s (f32.add (local.get $s)
            (f32.mul (f32.load (i32.add (local.get $a) (i32.shl (i32.add (i32.mul (local.get $i) (local.get $n)) (local.get $p)) (i32.const 2))))
              (f32.load (i32.add (local.get $b) (i32.shl (i32.add (i32.mul (local.get $p) (local.get $n)) (local.get $j)) (i32.const 2)))))))
          (local.set $p (i32.add (local.get $p) (local.get $more)))
          (local.set $more (i32.lt_u (i32.add (local.get $p) (i32.const 3)) (local.get $n)))
          (br_if $steps (i32.lt_u (local.tee $k (i32.add (local.get $k) (i32.const 1))) (local.get $n))))
        (f32.store (i32.add (local.get $c) (i32.shl (i32.add (i32.mul (local.get $i) (local.get $n)) (local.get $j)) (i32.const 2))) (local.get $s))
        (br_if $columns (i32.ne (local.tee $j (i32.add (local.get $j) (i32.const 1))) (local.get $n))))
      (br_if $rows (i32.ne (local.tee $i (i32.add (local.get $i) (i32.const 1))) (local.get $n)))))
  ;; max, chosen when the next round begins; $taken may be set before the first one.
  (func (export "greatest") (param $p i32) (param $taken i32) (param $unused i32) (param $n i32) (result f32)
    (local $end i32) (local $most f32) (local $last f32)
    (local.set $end (i32.add (local.get $p) (i32.shl (local.get $n) (i32.const 2))))
    (local.set $last (f32.const 0.25))
    (loop $l
      (local.set $most (select (local.get $last) (local.get $most) (local.get $taken)))
      (local.set $taken (f32.gt (local.tee $last (f32.load (local.get $p))) (local.get $most)))
      (br_if $l (i32.ne (local.tee $p (i32.add (local.get $p) (i32.const 4))) (local.get $end))))
    (select (local.get $last) (local.get $most) (local.get $taken)))
  ;; What was found two rounds before is chosen.
  (func (export "late") (param $p i32) (param $taken i32) (param $unused i32) (param $n i32) (result f32)
    (local $end i32) (local $most f32) (local $last f32) (local $before f32)
    (local.set $end (i32.add (local.get $p) (i32.shl (local.get $n) (i32.const 2))))
    (loop $l
      (local.set $most (select (local.get $before) (local.get $most) (local.get $taken)))
      (local.set $before (local.get $last))
      (local.set $taken (f32.gt (local.tee $last (f32.load (local.get $p))) (local.get $most)))
      (br_if $l (i32.ne (local.tee $p (i32.add (local.get $p) (i32.const 4))) (local.get $end))))
    (select (local.get $last) (local.get $most) (local.get $taken)))
  (func (export "where") (param $p i32) (param $taken i32) (param $unused i32) (param $n i32) (result i32)
    (local $end i32) (local $i i32) (local $at i32) (local $most f32) (local $last f32)
    (local.set $end (i32.add (local.get $p) (i32.shl (local.get $n) (i32.const 2))))
    (local.set $at (i32.const -1))
    (loop $l
      (local.set $most (select (local.get $last) (local.get $most) (local.get $taken)))
      (local.set $taken (f32.gt (local.tee $last (f32.load (local.get $p))) (local.get $most)))
      (local.set $at (select (local.get $i) (local.get $at) (local.get $taken)))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br_if $l (i32.ne (local.tee $p (i32.add (local.get $p) (i32.const 4))) (local.get $end))))
    (local.get $at))
  ;; Two choices by what goes round in a circle: moved to the round before, each is the same choice again.
  (func (export "turns") (param $a i32) (param $b i32) (param $c i32) (param $n i32) (result i32)
    (local $d i32) (local $swap i32) (local $s i32) (local $t i32)
    (loop $l
      (i32.store (i32.shl (local.get $n) (i32.const 2)) (i32.xor (local.get $s) (local.get $t)))
      (local.set $s (i32.add (i32.mul (local.get $s) (i32.const 3)) (select (local.get $a) (local.get $b) (local.get $c))))
      (local.set $t (i32.add (i32.mul (local.get $t) (i32.const 5)) (select (local.get $b) (local.get $n) (local.get $d))))
      (local.set $t (i32.add (local.get $t) (select (local.get $b) (local.get $a) (local.get $d))))
      (local.set $swap (local.get $c))
      (local.set $c (local.get $d))
      (local.set $d (local.get $swap))
      (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (i32.sub (local.get $s) (local.get $t)))
  ;; Ends where the pointer is zero, too, which it never is behind an access.
  (func (export "folded") (param $p i32) (param $unused i32) (param $unused2 i32) (param $n i32) (result f32)
    (local $end i32) (local $most f32)
    (local.set $end (i32.add (local.get $p) (i32.shl (local.get $n) (i32.const 2))))
    (local.set $most (f32.const -inf))
    (loop $l
      (local.set $most (select (f32.load (local.get $p)) (local.get $most) (f32.lt (local.get $most) (f32.load (local.get $p)))))
      (local.set $p (i32.add (local.get $p) (i32.const 4)))
      (br_if $l (i32.eqz (i32.or (i32.eq (local.get $p) (local.get $end)) (i32.eqz (local.get $p))))))
    (local.get $most))
  ;; The pointer that may be zero is not the one that is accessed.
  (func (export "null") (param $q i32) (param $p i32) (param $unused i32) (param $n i32) (result f32)
    (local $end i32) (local $most f32)
    (local.set $end (i32.add (local.get $p) (i32.shl (local.get $n) (i32.const 2))))
    (local.set $most (f32.const -inf))
    (loop $l
      (local.set $most (select (f32.load (local.get $p)) (local.get $most) (f32.lt (local.get $most) (f32.load (local.get $p)))))
      (local.set $p (i32.add (local.get $p) (i32.const 4)))
      (local.set $q (i32.add (local.get $q) (i32.const 4)))
      (br_if $l (i32.eqz (i32.or (i32.eq (local.get $p) (local.get $end)) (i32.eqz (local.get $q))))))
    (local.get $most))
  ;; Each index is compared with a length, and what is out of range does not return.
  (func (export "checked") (param $c i32) (param $a i32) (param $length i32) (param $n i32)
    (local $i i32)
    (block $none
      (br_if $none (i32.eqz (local.get $n)))
      (block $failed
        (loop $l
          (br_if $failed (i32.ge_u (local.get $i) (local.get $length)))
          (f32.store (i32.add (local.get $c) (i32.shl (local.get $i) (i32.const 2)))
            (f32.mul (f32.load (i32.add (local.get $a) (i32.shl (local.get $i) (i32.const 2)))) (f32.const 1.5)))
          (br_if $l (i32.ne (local.tee $i (i32.add (local.get $i) (i32.const 1))) (local.get $n))))
        (return))
      unreachable)))
