;; Loops over the bits of a number as LLVM's loop passes leave none: tests before and behind what a round does, sums and rounds together.
;; replaced: halved added_left length cleared cleared_first lowest_first highest_left joined_left
;; refused: between two_ways
;; either: NAME 0..9999*8
;; either: NAME 8
;; either: between 0..9999*8
;; either: two_ways 0..9999*8
(module
  (memory 16 16)
  (func (export "fill") (param $seed i32) (param i32 i32)
    (local $p i32)
    (loop $l
      (local.set $seed (i32.add (i32.mul (local.get $seed) (i32.const 1664525)) (i32.const 1013904223)))
      (i32.store (local.get $p) (i32.xor (local.get $seed) (i32.shr_u (local.get $seed) (i32.const 15))))
      (br_if $l (i32.lt_u (local.tee $p (i32.add (local.get $p) (i32.const 4))) (i32.const 1048576)))))
  (func (export "hash") (param i32) (result i32) (i32.load (i32.const 8)))
  (func $halved (export "halved_") (param $x i64) (result i64)
    (local $n i64) (local $r i64)
    (local.set $n (i64.const 3))
    (loop $l
        (local.set $n (i64.add (local.get $n) (i64.and (local.get $x) (i64.const 1))))
        (local.set $r (i64.add (local.get $r) (i64.const 5)))
        (local.set $x (i64.shr_u (local.get $x) (i64.const 1)))
      (br_if $l (i64.ne (local.get $x) (i64.const 0))))
    (i64.add (i64.mul (local.get $n) (i64.const 1000)) (i64.add (local.get $r) (local.get $x))))
  (func (export "halved") (param $a i32) (result i64)
    (local $k i32) (local $s i64)
    (loop $all
      (local.set $s (i64.add (i64.mul (local.get $s) (i64.const 31))
        (call $halved (i64.shr_u (i64.load (local.get $a)) (i64.extend_i32_u (local.get $k))))))
      (br_if $all (i32.lt_u (local.tee $k (i32.add (local.get $k) (i32.const 1))) (i32.const 64))))
    (local.get $s))
  (func $added_left (export "added_left_") (param $x i32) (result i32)
    (local $n i32) (local $r i32)
    (local.set $n (i32.const 3))
    (block $out
      (loop $l
        (br_if $out (i32.eqz (local.get $x)))
        (local.set $r (i32.add (local.get $r) (i32.const 5)))
        (local.set $n (i32.add (local.get $n) (i32.shr_u (local.get $x) (i32.const 31))))
        (local.set $x (i32.shl (local.get $x) (i32.const 1)))
        (br $l)))
    (i32.add (i32.mul (local.get $n) (i32.const 1000)) (i32.add (local.get $r) (local.get $x))))
  (func (export "added_left") (param $a i32) (result i32)
    (local $k i32) (local $s i32)
    (loop $all
      (local.set $s (i32.add (i32.mul (local.get $s) (i32.const 31))
        (call $added_left (i32.shr_u (i32.load (local.get $a)) (local.get $k)))))
      (br_if $all (i32.lt_u (local.tee $k (i32.add (local.get $k) (i32.const 1))) (i32.const 32))))
    (local.get $s))
  (func $length (export "length_") (param $x i32) (result i32)
    (local $n i32) (local $r i32)
    (local.set $n (i32.const 3))
    (loop $l
        (local.set $r (i32.add (local.get $r) (i32.const 5)))
        (local.set $x (i32.shr_u (local.get $x) (i32.const 1)))
      (br_if $l (local.get $x)))
    (i32.add (i32.mul (local.get $n) (i32.const 1000)) (i32.add (local.get $r) (local.get $x))))
  (func (export "length") (param $a i32) (result i32)
    (local $k i32) (local $s i32)
    (loop $all
      (local.set $s (i32.add (i32.mul (local.get $s) (i32.const 31))
        (call $length (i32.shr_u (i32.load (local.get $a)) (local.get $k)))))
      (br_if $all (i32.lt_u (local.tee $k (i32.add (local.get $k) (i32.const 1))) (i32.const 32))))
    (local.get $s))
  (func $cleared (export "cleared_") (param $x i64) (result i64)
    (local $n i64) (local $r i64)
    (local.set $n (i64.const 3))
    (loop $l
        (local.set $r (i64.add (local.get $r) (i64.const 5)))
        (local.set $x (i64.and (local.get $x) (i64.sub (local.get $x) (i64.const 1))))
      (br_if $l (i64.ne (local.get $x) (i64.const 0))))
    (i64.add (i64.mul (local.get $n) (i64.const 1000)) (i64.add (local.get $r) (local.get $x))))
  (func (export "cleared") (param $a i32) (result i64)
    (local $k i32) (local $s i64)
    (loop $all
      (local.set $s (i64.add (i64.mul (local.get $s) (i64.const 31))
        (call $cleared (i64.shr_u (i64.load (local.get $a)) (i64.extend_i32_u (local.get $k))))))
      (br_if $all (i32.lt_u (local.tee $k (i32.add (local.get $k) (i32.const 1))) (i32.const 64))))
    (local.get $s))
  (func $cleared_first (export "cleared_first_") (param $x i32) (result i32)
    (local $n i32) (local $r i32)
    (local.set $n (i32.const 3))
    (block $out
      (loop $l
        (br_if $out (i32.eqz (local.get $x)))
        (local.set $r (i32.add (local.get $r) (i32.const 5)))
        (local.set $x (i32.and (local.get $x) (i32.sub (local.get $x) (i32.const 1))))
        (br $l)))
    (i32.add (i32.mul (local.get $n) (i32.const 1000)) (i32.add (local.get $r) (local.get $x))))
  (func (export "cleared_first") (param $a i32) (result i32)
    (local $k i32) (local $s i32)
    (loop $all
      (local.set $s (i32.add (i32.mul (local.get $s) (i32.const 31))
        (call $cleared_first (i32.shr_u (i32.load (local.get $a)) (local.get $k)))))
      (br_if $all (i32.lt_u (local.tee $k (i32.add (local.get $k) (i32.const 1))) (i32.const 32))))
    (local.get $s))
  (func $lowest_first (export "lowest_first_") (param $x i32) (result i32)
    (local $n i32) (local $r i32)
    (local.set $n (i32.const 3))
    (if (i32.eqz (local.get $x)) (then (return (i32.const 77))))
    (block $out
      (loop $l
        (br_if $out (i32.and (local.get $x) (i32.const 1)))
        (local.set $r (i32.add (local.get $r) (i32.const 5)))
        (local.set $x (i32.shr_u (local.get $x) (i32.const 1)))
        (br $l)))
    (i32.add (i32.mul (local.get $n) (i32.const 1000)) (i32.add (local.get $r) (local.get $x))))
  (func (export "lowest_first") (param $a i32) (result i32)
    (local $k i32) (local $s i32)
    (loop $all
      (local.set $s (i32.add (i32.mul (local.get $s) (i32.const 31))
        (call $lowest_first (i32.shr_u (i32.load (local.get $a)) (local.get $k)))))
      (br_if $all (i32.lt_u (local.tee $k (i32.add (local.get $k) (i32.const 1))) (i32.const 32))))
    (local.get $s))
  (func $highest_left (export "highest_left_") (param $x i64) (result i64)
    (local $n i64) (local $r i64)
    (local.set $n (i64.const 3))
    (if (i64.eqz (local.get $x)) (then (return (i64.const 77))))
    (block $out
      (loop $l
        (br_if $out (i64.lt_s (local.get $x) (i64.const 0)))
        (local.set $r (i64.add (local.get $r) (i64.const 5)))
        (local.set $x (i64.shl (local.get $x) (i64.const 1)))
        (br $l)))
    (i64.add (i64.mul (local.get $n) (i64.const 1000)) (i64.add (local.get $r) (local.get $x))))
  (func (export "highest_left") (param $a i32) (result i64)
    (local $k i32) (local $s i64)
    (loop $all
      (local.set $s (i64.add (i64.mul (local.get $s) (i64.const 31))
        (call $highest_left (i64.shr_u (i64.load (local.get $a)) (i64.extend_i32_u (local.get $k))))))
      (br_if $all (i32.lt_u (local.tee $k (i32.add (local.get $k) (i32.const 1))) (i32.const 64))))
    (local.get $s))
  (func $joined_left (export "joined_left_") (param $x i32) (result i32)
    (local $n i32) (local $r i32)
    (local.set $n (i32.const 3))
    (block $out
      (loop $l
        (br_if $out (i32.eqz (local.get $x)))
        (local.set $n (i32.xor (i32.shr_u (local.get $x) (i32.const 31)) (local.get $n)))
        (local.set $x (i32.shl (local.get $x) (i32.const 1)))
        (br $l)))
    (i32.add (i32.mul (local.get $n) (i32.const 1000)) (i32.add (local.get $r) (local.get $x))))
  (func (export "joined_left") (param $a i32) (result i32)
    (local $k i32) (local $s i32)
    (loop $all
      (local.set $s (i32.add (i32.mul (local.get $s) (i32.const 31))
        (call $joined_left (i32.shr_u (i32.load (local.get $a)) (local.get $k)))))
      (br_if $all (i32.lt_u (local.tee $k (i32.add (local.get $k) (i32.const 1))) (i32.const 32))))
    (local.get $s))
;; What is left one round before the end is looked at; the number goes either way.
  (func $between (export "between_") (param $x i32) (result i32)
    (local $n i32) (local $r i32)
    (local.set $n (i32.const 3))
    (loop $l
        (local.set $r (local.get $x))
        (local.set $x (i32.and (local.get $x) (i32.sub (local.get $x) (i32.const 1))))
      (br_if $l (local.get $x)))
    (i32.add (i32.mul (local.get $n) (i32.const 1000)) (i32.add (local.get $r) (local.get $x))))
  (func (export "between") (param $a i32) (result i32)
    (local $k i32) (local $s i32)
    (loop $all
      (local.set $s (i32.add (i32.mul (local.get $s) (i32.const 31))
        (call $between (i32.shr_u (i32.load (local.get $a)) (local.get $k)))))
      (br_if $all (i32.lt_u (local.tee $k (i32.add (local.get $k) (i32.const 1))) (i32.const 32))))
    (local.get $s))
  (func $two_ways (export "two_ways_") (param $x i32) (result i32)
    (local $n i32) (local $r i32)
    (local.set $n (i32.const 3))
    (block $out
      (loop $l
        (br_if $out (i32.eqz (local.get $x)))
        (local.set $n (i32.add (local.get $n) (i32.and (local.get $x) (i32.const 1))))
        (local.set $x (select (i32.shr_u (local.get $x) (i32.const 1)) (i32.and (local.get $x) (i32.sub (local.get $x) (i32.const 1))) (i32.and (local.get $x) (i32.const 16))))
        (br $l)))
    (i32.add (i32.mul (local.get $n) (i32.const 1000)) (i32.add (local.get $r) (local.get $x))))
  (func (export "two_ways") (param $a i32) (result i32)
    (local $k i32) (local $s i32)
    (loop $all
      (local.set $s (i32.add (i32.mul (local.get $s) (i32.const 31))
        (call $two_ways (i32.shr_u (i32.load (local.get $a)) (local.get $k)))))
      (br_if $all (i32.lt_u (local.tee $k (i32.add (local.get $k) (i32.const 1))) (i32.const 32))))
    (local.get $s)))
