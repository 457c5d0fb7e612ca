;; run: --fuzz FILE
;; Loops that look for something: found at every place of a few blocks, nowhere, just before the end of memory, beyond it, by addresses that wrap
;; around; nearly such loops. The parameters are 0.
;; exit: 0
;; out: everywhere = -686360245465313846n
;; out: up_to_the_end = 2133347014914601276n
;; out: beyond_the_end = trap
;; out: one_too_many = trap
;; out: wrapped_around = trap
;; out: same_wrapped_around = trap
;; out: of_none = 0000000000000000
(module (memory 1)
  (func $is_same (param $a i32) (param $b i32) (param $n i32) (result i32)
    (block $out
      (br_if $out (i32.eqz (local.get $n)))
      (loop $l
        (br_if $out (i32.ne (i32.load8_u (local.get $a)) (i32.load8_u (local.get $b))))
        (local.set $a (i32.add (local.get $a) (i32.const 1)))
        (local.set $b (i32.add (local.get $b) (i32.const 1)))
        (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1))))))
    (local.get $n))
  (func $length (param $p i32) (result i32) (local $from i32)
    (local.set $from (local.get $p))
    (block $out
      (loop $l
        (br_if $out (i32.eqz (i32.load8_u (local.get $p))))
        (local.set $p (i32.add (local.get $p) (i32.const 1)))
        (br $l)))
    (i32.sub (local.get $p) (local.get $from)))
  (func $find (param $p i32) (param $c i32) (param $n i32) (result i32) (local $i i32)
    (block $out
      (loop $l
        (br_if $out (i32.ge_u (local.get $i) (local.get $n)))
        (br_if $out (i32.eq (i32.load8_u (i32.add (local.get $p) (local.get $i))) (local.get $c)))
        (local.set $i (i32.add (local.get $i) (i32.const 1)))
        (br $l)))
    (local.get $i))
  ;; words, up to an end: signed, so that the end may be below
  (func $words (param $a i32) (param $b i32) (param $end i32) (result i32)
    (block $out
      (loop $l
        (br_if $out (i32.ge_s (local.get $a) (local.get $end)))
        (br_if $out (i32.xor (i32.load (local.get $a)) (i32.load (local.get $b))))
        (local.set $a (i32.add (local.get $a) (i32.const 4)))
        (local.set $b (i32.add (local.get $b) (i32.const 4)))
        (br $l)))
    (local.get $a))
  ;; unrolled twice, ends by the byte's sign
  (func $sign (param $p i32) (result i32)
    (block $out
      (loop $l
        (br_if $out (i32.lt_s (i32.load8_s (local.get $p)) (i32.const 0)))
        (br_if $out (i32.lt_s (i32.load8_s offset=1 (local.get $p)) (i32.const 0)))
        (local.set $p (i32.add (local.get $p) (i32.const 2)))
        (br $l)))
    (local.get $p))
  ;; near misses: every other byte; one byte of each is loaded twice; what was seen is kept; stores
  (func $every_other (param $p i32) (result i32)
    (block $out
      (loop $l
        (br_if $out (i32.eqz (i32.load8_u (local.get $p))))
        (local.set $p (i32.add (local.get $p) (i32.const 2)))
        (br $l)))
    (local.get $p))
  (func $one_twice (param $p i32) (result i32)
    (block $out
      (loop $l
        (br_if $out (i32.eqz (i32.load8_u (local.get $p))))
        (br_if $out (i32.eqz (i32.load8_u (local.get $p))))
        (local.set $p (i32.add (local.get $p) (i32.const 2)))
        (br $l)))
    (local.get $p))
  (func $keeps (param $p i32) (result i32) (local $last i32) (local $c i32)
    (block $out
      (loop $l
        (br_if $out (i32.eqz (local.tee $c (i32.load8_u (local.get $p)))))
        (local.set $last (local.get $c))
        (local.set $p (i32.add (local.get $p) (i32.const 1)))
        (br $l)))
    (i32.add (i32.mul (local.get $last) (i32.const 65536)) (local.get $p)))
  (func $stores (param $p i32) (result i32)
    (block $out
      (loop $l
        (br_if $out (i32.eqz (i32.load8_u (local.get $p))))
        (i32.store8 (i32.add (local.get $p) (i32.const 1000)) (i32.const 1))
        (local.set $p (i32.add (local.get $p) (i32.const 1)))
        (br $l)))
    (local.get $p))
  (func $fill (param $p i32) (param $n i32) (param $v i32)
    (memory.fill (local.get $p) (local.get $v) (local.get $n)))
  ;; everything with the place of what is found, the length and the beginning varied
  (func (export "everywhere") (param $p i32) (result i64) (local $at i32) (local $n i32) (local $h i64) (local $a i32) (local $b i32)
    (local.set $p (i32.add (local.get $p) (i32.const 1024)))
    (loop $l
      (call $fill (i32.const 0) (i32.const 8192) (i32.const 1))
      (local.set $a (i32.add (local.get $p) (i32.rem_u (local.get $at) (i32.const 5))))
      (local.set $b (i32.add (local.get $p) (i32.const 2048)))
      (local.set $n (i32.rem_u (i32.mul (local.get $at) (i32.const 37)) (i32.const 131)))
      (i32.store8 (i32.add (local.get $a) (local.get $at)) (i32.const 0))
      (i32.store8 (i32.add (i32.add (local.get $a) (local.get $at)) (i32.const 2)) (i32.const 0))
      (i32.store8 (i32.add (i32.add (local.get $b) (local.get $at)) (i32.const 3)) (i32.const 200))
      (local.set $h (i64.add (i64.mul (local.get $h) (i64.const 31)) (i64.extend_i32_u (call $is_same (local.get $a) (local.get $b) (local.get $n)))))
      (local.set $h (i64.add (i64.mul (local.get $h) (i64.const 31)) (i64.extend_i32_u (call $is_same (local.get $a) (i32.add (local.get $a) (i32.const 1)) (local.get $n)))))
      (local.set $h (i64.add (i64.mul (local.get $h) (i64.const 31)) (i64.extend_i32_u (call $length (local.get $a)))))
      (local.set $h (i64.add (i64.mul (local.get $h) (i64.const 31)) (i64.extend_i32_u (call $find (local.get $a) (i32.const 0) (local.get $n)))))
      (local.set $h (i64.add (i64.mul (local.get $h) (i64.const 31)) (i64.extend_i32_u (call $find (local.get $b) (i32.const 200) (i32.const -1)))))
      (local.set $h (i64.add (i64.mul (local.get $h) (i64.const 31)) (i64.extend_i32_u (call $find (local.get $b) (i32.const 456) (local.get $n)))))
      (local.set $h (i64.add (i64.mul (local.get $h) (i64.const 31)) (i64.extend_i32_u
        (call $words (local.get $a) (local.get $b) (i32.add (local.get $a) (i32.sub (local.get $n) (i32.const 9)))))))
      (local.set $h (i64.add (i64.mul (local.get $h) (i64.const 31)) (i64.extend_i32_u (call $sign (local.get $b)))))
      (local.set $h (i64.add (i64.mul (local.get $h) (i64.const 31)) (i64.extend_i32_u (call $every_other (local.get $a)))))
      (local.set $h (i64.add (i64.mul (local.get $h) (i64.const 31)) (i64.extend_i32_u (call $one_twice (local.get $a)))))
      (local.set $h (i64.add (i64.mul (local.get $h) (i64.const 31)) (i64.extend_i32_u (call $keeps (local.get $a)))))
      (local.set $h (i64.add (i64.mul (local.get $h) (i64.const 31)) (i64.extend_i32_u (call $stores (local.get $a)))))
      (br_if $l (i32.lt_u (local.tee $at (i32.add (local.get $at) (i32.const 1))) (i32.const 300))))
    (local.get $h))
  ;; the last bytes of memory, and nothing behind them
  (func (export "up_to_the_end") (param $p i32) (result i64) (local $k i32) (local $h i64)
    (call $fill (i32.const 65000) (i32.const 536) (i32.const 3))
    (local.set $p (i32.add (local.get $p) (i32.const 65536)))
    (loop $l
      (local.set $h (i64.add (i64.mul (local.get $h) (i64.const 31))
        (i64.extend_i32_u (call $find (i32.sub (local.get $p) (local.get $k)) (i32.const 0) (local.get $k)))))
      (local.set $h (i64.add (i64.mul (local.get $h) (i64.const 31))
        (i64.extend_i32_u (call $is_same (i32.sub (local.get $p) (local.get $k)) (i32.const 65000) (local.get $k)))))
      (local.set $h (i64.add (i64.mul (local.get $h) (i64.const 31))
        (i64.extend_i32_u (call $words (i32.sub (local.get $p) (local.get $k)) (i32.const 65000) (local.get $p)))))
      (br_if $l (i32.lt_u (local.tee $k (i32.add (local.get $k) (i32.const 4))) (i32.const 120))))
    (local.get $h))
  (func (export "beyond_the_end") (param $p i32) (result i32)
    (call $length (i32.add (local.get $p) (i32.const 65100))))
  (func (export "one_too_many") (param $p i32) (result i32)
    (call $find (i32.add (local.get $p) (i32.const 65400)) (i32.const 0) (i32.const 137)))
  (func (export "wrapped_around") (param $p i32) (result i32)
    (call $length (i32.sub (local.get $p) (i32.const 100))))
  ;; begins at the top of the address space, where there is nothing, though it would end at 0
  (func (export "same_wrapped_around") (param $p i32) (result i32)
    (call $is_same (i32.add (local.get $p) (i32.const 65000)) (i32.sub (local.get $p) (i32.const 64)) (i32.const 80)))
  (func (export "of_none") (param $p i32) (result i32)
    (i32.add (call $find (i32.sub (local.get $p) (i32.const 100)) (i32.const 0) (local.get $p))
      (call $is_same (i32.sub (local.get $p) (i32.const 100)) (i32.const -1) (local.get $p)))))
