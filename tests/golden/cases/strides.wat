;; run: --fuzz FILE
;; Loops whose loads advance by another stride than their stores, or not at all, from memory that the stores reach or do not. The parameters are 0.
;; exit: 0
;; out: apart = 41ca6c467c000000
;; out: load_in_front = c1d25901ec400000
;; out: load_behind = 41cf714e81000000
;; out: load_first = 41d3addf49000000
;; out: load_in_the_middle = 41c1b97722000000
;; out: load_across = 41df1a05a9c00000
;; out: load_last = c1d56e1dad800000
;; out: faster_load_from_there = 41d0380eb2c00000
;; out: faster_load_behind = c1cf4d3767000000
;; out: faster_load_overtakes = 41d22cfe60000000
;; out: once = 41d36385bd800000
;; out: memory 70cdf3e15cd5fe41
(module (memory 1)
  (func $fill (param $p i32) (local $i i32) (local $x i32)
    (local.set $x (i32.const 12345))
    (loop
      (i32.store (i32.add (local.get $p) (local.get $i))
        (local.tee $x (i32.add (i32.mul (local.get $x) (i32.const 1103515245)) (i32.const 12347))))
      (br_if 0 (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 4))) (i32.const 16384)))))
  (func $mixed (param $p i32) (result i32) (local $i i32) (local $x i32)
    (loop
      (local.set $x (i32.add (i32.rotl (local.get $x) (i32.const 5)) (i32.load (i32.add (local.get $p) (local.get $i)))))
      (br_if 0 (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 4))) (i32.const 16384))))
    (local.get $x))
  ;; c[j] += *a * b[j * 5], j from 0 to n - 1
  (func $product (param $c i32) (param $a i32) (param $b i32) (param $n i32) (result i32) (local $k i32)
    (call $fill (i32.const 0))
    (loop
      (i32.store (local.get $c) (i32.add (i32.load (local.get $c)) (i32.mul (i32.load (local.get $a)) (i32.load (local.get $b)))))
      (local.set $c (i32.add (local.get $c) (i32.const 4)))
      (local.set $b (i32.add (local.get $b) (i32.const 20)))
      (br_if 0 (i32.ne (local.tee $k (i32.add (local.get $k) (i32.const 1))) (local.get $n))))
    (call $mixed (i32.const 0)))
  (func (export "apart") (param $p i32) (result i32)
    (call $product (local.get $p) (i32.const 4096) (i32.const 8192) (i32.const 100)))
  (func (export "load_in_front") (param $p i32) (result i32)
    (call $product (i32.add (local.get $p) (i32.const 4)) (local.get $p) (i32.const 8192) (i32.const 100)))
  (func (export "load_behind") (param $p i32) (result i32)
    (call $product (local.get $p) (i32.add (local.get $p) (i32.const 400)) (i32.const 8192) (i32.const 100)))
  (func (export "load_first") (param $p i32) (result i32)
    (call $product (local.get $p) (local.get $p) (i32.const 8192) (i32.const 100)))
  (func (export "load_in_the_middle") (param $p i32) (result i32)
    (call $product (local.get $p) (i32.add (local.get $p) (i32.const 148)) (i32.const 8192) (i32.const 100)))
  (func (export "load_across") (param $p i32) (result i32)
    (call $product (local.get $p) (i32.add (local.get $p) (i32.const 150)) (i32.const 8192) (i32.const 100)))
  (func (export "load_last") (param $p i32) (result i32)
    (call $product (local.get $p) (i32.add (local.get $p) (i32.const 399)) (i32.const 8192) (i32.const 100)))
  (func (export "faster_load_from_there") (param $p i32) (result i32)
    (call $product (local.get $p) (i32.const 4096) (i32.add (local.get $p) (i32.const 4)) (i32.const 100)))
  (func (export "faster_load_behind") (param $p i32) (result i32)
    (call $product (local.get $p) (i32.const 4096) (i32.add (local.get $p) (i32.const 400)) (i32.const 100)))
  (func (export "faster_load_overtakes") (param $p i32) (result i32)
    (call $product (i32.add (local.get $p) (i32.const 800)) (i32.const 4096) (local.get $p) (i32.const 100)))
  (func (export "once") (param $p i32) (result i32)
    (call $product (local.get $p) (local.get $p) (local.get $p) (i32.const 1))))
