;; A product of matrices as Rust compiles it: each index is compared with a length, and what is out of range does not return.
;; replaced: product
;; kernel: product 0 262144 524288 37 1369
;; kernel: product 0 262144 524288 20 4294967295
;; either: product 0 262144 524288 1..45 2025
(module
  (memory 16 16)
  (func (export "fill") (param i32 i32 i32)
    (local $p i32)
    (loop $l
      (f32.store (local.get $p) (f32.div (f32.const 1) (f32.convert_i32_u (i32.add (local.get $p) (i32.add (local.get 0) (i32.const 3))))))
      (br_if $l (i32.lt_u (local.tee $p (i32.add (local.get $p) (i32.const 4))) (i32.const 1048576)))))
  (func (export "hash") (param i32) (result i64)
    (local $p i32) (local $h i64)
    (loop $l
      (local.set $h (i64.mul (i64.xor (local.get $h) (i64.load32_u (local.get $p))) (i64.const 1099511628211)))
      (br_if $l (i32.lt_u (local.tee $p (i32.add (local.get $p) (i32.const 4))) (i32.const 1048576))))
    (local.get $h))
  (func $out_of_range (param i32 i32)
    unreachable)
  (func (export "product") (param $c i32) (param $a i32) (param $b i32) (param $n i32) (param $length i32)
    (local $i i32) (local $j i32) (local $p i32) (local $at i32) (local $s f32)
    (block $failed
      (loop $rows
        (local.set $j (i32.const 0))
        (loop $columns
          (local.set $s (f32.const 0))
          (local.set $p (i32.const 0))
          (loop $steps
            (br_if $failed (i32.ge_u (local.tee $at (i32.add (i32.mul (local.get $p) (local.get $n)) (local.get $j))) (local.get $length)))
            (br_if $failed (i32.ge_u (local.tee $at (i32.add (i32.mul (local.get $i) (local.get $n)) (local.get $p))) (local.get $length)))
            (local.set $s (f32.add (local.get $s)
              (f32.mul (f32.load (i32.add (local.get $a) (i32.shl (local.get $at) (i32.const 2))))
                (f32.load (i32.add (local.get $b) (i32.shl (i32.add (i32.mul (local.get $p) (local.get $n)) (local.get $j)) (i32.const 2)))))))
            (br_if $steps (i32.ne (local.tee $p (i32.add (local.get $p) (i32.const 1))) (local.get $n))))
          (br_if $failed (i32.ge_u (local.tee $at (i32.add (i32.mul (local.get $i) (local.get $n)) (local.get $j))) (local.get $length)))
          (f32.store (i32.add (local.get $c) (i32.shl (local.get $at) (i32.const 2))) (local.get $s))
          (br_if $columns (i32.ne (local.tee $j (i32.add (local.get $j) (i32.const 1))) (local.get $n))))
        (br_if $rows (i32.ne (local.tee $i (i32.add (local.get $i) (i32.const 1))) (local.get $n))))
      (return))
    (call $out_of_range (local.get $at) (local.get $length))
    unreachable))
