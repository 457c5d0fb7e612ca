;; run: --invoke-list=- FILE
;; in: fill 0
;; in: pairs 0
;; in: pairs 1024
;; in: pairs 65448
;; in: before 0
;; in: before 65508
;; in: left 0
;; in: left 1
;; in: state
;; in: pairs 65472
;; in: before 65512
;; in: beyond 0
;; in: beyond 400
;; Small nests whose inner loop runs less often each round, inside memory and beyond its end. What memory has after a trap is not looked at: docs/limits.md says what may be missing.
;; exit: 0
;; out: fill 0 =
;; out: pairs 0 = 15.214165186020947
;; out: pairs 1024 = 0.9865282275461584
;; out: pairs 65448 = 0.1253311770236309
;; out: before 0 = -1825092120
;; out: before 65508 = 1714447719
;; out: left 0 = 42276350
;; out: left 1 = -1780440645
;; out: state = 1736855623180644578
;; out: pairs 65472 = trap: out of bounds memory access
;; out: before 65512 = trap: out of bounds memory access
;; out: beyond 0 = trap: out of bounds memory access
;; out: beyond 400 = trap: out of bounds memory access
(module (memory (export "memory") 1)
  (func (export "fill") (param $i i32)
    (loop $l
      (f64.store (i32.shl (local.get $i) (i32.const 3)) (f64.sqrt (f64.convert_i32_u (i32.mul (local.get $i) (i32.const 7)))))
      (br_if $l (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 8192)))))
  ;; each of five with each behind it, 16 bytes apart: both are written
  (func (export "pairs") (param $p i32) (result f64) (local $i i32) (local $j i32) (local $a i32) (local $b i32) (local $d f64) (local $s f64)
    (loop $outer
      (local.set $a (i32.add (local.get $p) (i32.shl (local.get $i) (i32.const 4))))
      (local.set $j (i32.add (local.get $i) (i32.const 1)))
      (if (i32.lt_u (local.get $j) (i32.const 5)) (then
        (loop $inner
          (local.set $b (i32.add (local.get $p) (i32.shl (local.get $j) (i32.const 4))))
          (local.set $d (f64.div (f64.const 3) (f64.sqrt (f64.add (f64.const 1) (f64.mul (f64.load (local.get $a)) (f64.load (local.get $b)))))))
          (f64.store offset=8 (local.get $a) (f64.sub (f64.load offset=8 (local.get $a)) (f64.mul (local.get $d) (f64.load (local.get $b)))))
          (f64.store offset=8 (local.get $b) (f64.add (f64.load offset=8 (local.get $b)) (f64.mul (local.get $d) (f64.load (local.get $a)))))
          (local.set $s (f64.add (local.get $s) (local.get $d)))
          (br_if $inner (i32.lt_u (local.tee $j (i32.add (local.get $j) (i32.const 1))) (i32.const 5))))))
      (br_if $outer (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 5))))
    (local.get $s))
  ;; each with those before it; what is written is read by the next pair
  (func (export "before") (param $p i32) (result i32) (local $i i32) (local $j i32) (local $s i32)
    (local.set $i (i32.const 1))
    (loop $outer
      (local.set $j (i32.const 0))
      (loop $inner
        (i32.store (i32.add (local.get $p) (i32.shl (local.get $i) (i32.const 2)))
          (i32.add (i32.load (i32.add (local.get $p) (i32.shl (local.get $j) (i32.const 2)))) (i32.mul (i32.load (i32.add (local.get $p) (i32.shl (local.get $i) (i32.const 2)))) (i32.const 31))))
        (local.set $s (i32.xor (i32.rotl (local.get $s) (i32.const 5)) (i32.load (i32.add (local.get $p) (i32.shl (local.get $i) (i32.const 2))))))
        (br_if $inner (i32.ne (local.tee $j (i32.add (local.get $j) (i32.const 1))) (local.get $i))))
      (br_if $outer (i32.ne (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 7))))
    (local.get $s))
  ;; the third round's second pair lies beyond the end of memory
  (func (export "beyond") (param $p i32) (local $i i32) (local $j i32)
    (loop $outer
      (local.set $j (local.get $i))
      (loop $inner
        (i32.store offset=57328 (i32.add (local.get $p) (i32.add (i32.mul (local.get $i) (i32.const 4080)) (i32.shl (local.get $j) (i32.const 4)))) (i32.add (local.get $j) (i32.const 77)))
        (br_if $inner (i32.lt_u (local.tee $j (i32.add (local.get $j) (i32.const 1))) (i32.const 6))))
      (br_if $outer (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 6)))))
  ;; the inner loop is left early
  (func (export "left") (param $p i32) (result i32) (local $i i32) (local $j i32) (local $s i32)
    (loop $outer
      (local.set $j (local.get $i))
      (block $out
        (loop $inner
          (br_if $out (i32.eq (local.tee $s (i32.add (i32.mul (local.get $s) (i32.const 5)) (i32.add (local.get $p) (local.get $j)))) (i32.const 8)))
          (br_if $inner (i32.lt_u (local.tee $j (i32.add (local.get $j) (i32.const 1))) (i32.const 6)))))
      (br_if $outer (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 6))))
    (local.get $s))
  (func (export "state") (result i64) (local $i i32) (local $s i64)
    (loop $l
      (local.set $s (i64.add (i64.mul (local.get $s) (i64.const 0x100000001b3)) (i64.load (local.get $i))))
      (br_if $l (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 8))) (i32.const 65536))))
    (local.get $s)))
