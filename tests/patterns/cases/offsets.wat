;; Static offsets that bring an address to the memory only modulo 2^32: the access is out of bounds. The second of two products in a round
;; continues the first by arithmetic modulo 2^32, and is 4 GiB further on.
;; either: product 0 65536 131072 20 20 20
;; either: product 0 65532 131072 20 20 20
(module
  (memory 16 16)
  (func (export "fill") (param i32 i32 i32)
    (local $p i32)
    (loop $l
      (f32.store (local.get $p) (f32.convert_i32_u (i32.add (local.get $p) (local.get 0))))
      (br_if $l (i32.lt_u (local.tee $p (i32.add (local.get $p) (i32.const 4))) (i32.const 1048576)))))
  (func (export "hash") (param i32) (result f32)
    (local $p i32) (local $s f32)
    (loop $l
      (local.set $s (f32.add (f32.load (local.get $p)) (f32.mul (local.get $s) (f32.const 0.5))))
      (br_if $l (i32.lt_u (local.tee $p (i32.add (local.get $p) (i32.const 4))) (i32.const 1048576))))
    (local.get $s))
  (func (export "product") (param $c i32) (param $a i32) (param $b i32) (param $n i32) (param $m i32) (param $k i32)
    (local $i i32) (local $j i32) (local $p i32) (local $x i32) (local $y i32) (local $s f32)
    (loop $rows
      (local.set $j (i32.const 0))
      (loop $columns
        (local.set $s (f32.const 0))
        (local.set $p (i32.const 0))
        (local.set $x (i32.add (local.get $a) (i32.mul (local.get $i) (i32.shl (local.get $k) (i32.const 2)))))
        (local.set $y (i32.add (local.get $b) (i32.shl (local.get $j) (i32.const 2))))
        (loop $steps
          (local.set $s (f32.add (local.get $s) (f32.mul (f32.load (local.get $x)) (f32.load (local.get $y)))))
          (local.set $s (f32.add (local.get $s)
            (f32.mul (f32.load offset=4294967288 (i32.add (local.get $x) (i32.const 12)))
              (f32.load (i32.add (local.get $y) (i32.shl (local.get $m) (i32.const 2)))))))
          (local.set $x (i32.add (local.get $x) (i32.const 8)))
          (local.set $y (i32.add (local.get $y) (i32.shl (local.get $m) (i32.const 3))))
          (br_if $steps (i32.ne (local.tee $p (i32.add (local.get $p) (i32.const 2))) (local.get $k))))
        (f32.store (i32.add (local.get $c) (i32.shl (i32.add (i32.mul (local.get $i) (local.get $m)) (local.get $j)) (i32.const 2)))
          (local.get $s))
        (br_if $columns (i32.ne (local.tee $j (i32.add (local.get $j) (i32.const 1))) (local.get $m))))
      (br_if $rows (i32.ne (local.tee $i (i32.add (local.get $i) (i32.const 1))) (local.get $n))))))
