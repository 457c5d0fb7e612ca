;; run: --fuzz FILE
;; fuel: about
;; Loops that go up through one array and down through another, unrolled as clang does it: n - 1 - (i + 1) of an even i is n + (i ^ -2). The
;; one that goes down ends inside memory, or passes its beginning in the first or second copy and traps there. The parameters are 0.
;; exit: 0
;; out: apart = c1d5a1fcb6000000
;; out: onto_itself = 41d0236ce8800000
;; out: to_the_beginning = 41dd682305800000
;; out: past_it_in_the_first_copy = trap
;; out: past_it_in_the_second_copy = trap
;; out: even = 41c45c47d6800000
;; out: odd = 41b059a3d4000000
(module (memory 1)
  (func $fill (param $i i32)
    (loop
      (f64.store (local.get $i) (f64.convert_i32_u (i32.mul (local.get $i) (i32.const 40503))))
      (br_if 0 (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 8))) (i32.const 16384)))))
  (func $mixed (param $i i32) (result i32) (local $x i32)
    (loop
      (local.set $x (i32.add (i32.rotl (local.get $x) (i32.const 5)) (i32.load (local.get $i))))
      (br_if 0 (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 4))) (i32.const 16384))))
    (local.get $x))
  ;; c[i] = b[i] * a[n - 1 - i], i from 0 to m - 1, m even
  (func $product (param $c i32) (param $b i32) (param $a i32) (param $n i32) (param $m i32) (result i32) (local $i i32) (local $up i32) (local $down i32)
    (call $fill (i32.const 0))
    (local.set $down (i32.sub (i32.add (i32.shl (local.get $n) (i32.const 3)) (local.get $a)) (i32.const 8)))
    (loop $next
      (f64.store (i32.add (local.get $up) (local.get $c))
        (f64.mul (f64.load (i32.add (local.get $up) (local.get $b))) (f64.load (local.get $down))))
      (f64.store (i32.add (i32.add (local.get $up) (local.get $c)) (i32.const 8))
        (f64.mul (f64.load (i32.add (i32.add (local.get $up) (local.get $b)) (i32.const 8)))
          (f64.load (i32.add (i32.shl (i32.add (i32.xor (local.get $i) (i32.const 536870910)) (local.get $n)) (i32.const 3)) (local.get $a)))))
      (local.set $down (i32.sub (local.get $down) (i32.const 16)))
      (local.set $up (i32.add (local.get $up) (i32.const 16)))
      (br_if $next (i32.ne (local.get $m) (local.tee $i (i32.add (local.get $i) (i32.const 2))))))
    (call $mixed (i32.const 0)))
  ;; the same with a counter that may be odd, for which the exclusive or is no difference
  (func $odd (param $c i32) (param $a i32) (param $n i32) (param $i i32) (result i32)
    (call $fill (i32.const 0))
    (loop $next
      (f64.store (i32.add (i32.shl (local.get $i) (i32.const 3)) (local.get $c))
        (f64.load (i32.add (i32.shl (i32.add (i32.xor (local.get $i) (i32.const 536870910)) (local.get $n)) (i32.const 3)) (local.get $a))))
      (br_if $next (i32.ne (local.get $n) (local.tee $i (i32.add (local.get $i) (i32.const 2))))))
    (call $mixed (i32.const 0)))
  (func (export "apart") (param $p i32) (result i32)
    (call $product (local.get $p) (i32.const 4096) (i32.const 8192) (i32.const 300) (i32.const 300)))
  (func (export "onto_itself") (param $p i32) (result i32)
    (call $product (local.get $p) (i32.const 4096) (local.get $p) (i32.const 300) (i32.const 300)))
  (func (export "to_the_beginning") (param $p i32) (result i32)
    (call $product (i32.const 8192) (i32.const 4096) (local.get $p) (i32.const 302) (i32.const 302)))
  (func (export "past_it_in_the_first_copy") (param $p i32) (result i32)
    (call $product (i32.const 8192) (i32.const 4096) (local.get $p) (i32.const 300) (i32.const 306)))
  (func (export "past_it_in_the_second_copy") (param $p i32) (result i32)
    (call $product (i32.const 8192) (i32.const 4096) (local.get $p) (i32.const 301) (i32.const 306)))
  (func (export "even") (param $p i32) (result i32) (call $odd (i32.const 8192) (local.get $p) (i32.const 300) (i32.const 0)))
  (func (export "odd") (param $p i32) (result i32) (call $odd (i32.const 8192) (i32.const 16) (i32.const 301) (i32.const 1))))
