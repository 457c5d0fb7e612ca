;; forms.wat: loops as they are written by hand: the test on top, in the middle or at the end; pointers, indices, or a counter that goes down.
(module
  (memory 33 33)
  (func (export "fill") (param $seed i32) (param i32 i32)
    (local $p i32)
    (loop $l
      (f32.store (local.get $p)
        (f32.convert_i32_s (i32.shr_s (i32.mul (i32.add (local.get $p) (local.get $seed)) (i32.const -1640531535)) (i32.const 20))))
      (br_if $l (i32.lt_u (local.tee $p (i32.add (local.get $p) (i32.const 4))) (i32.const 2097152)))))
  (func (export "hash") (param i32) (result i64)
    (local $p i32) (local $h i64)
    (loop $l
      (local.set $h (i64.mul (i64.xor (local.get $h) (i64.load32_u (local.get $p))) (i64.const 0x100000001b3)))
      (local.set $h (i64.xor (local.get $h) (i64.shr_u (local.get $h) (i64.const 29))))
      (br_if $l (i32.lt_u (local.tee $p (i32.add (local.get $p) (i32.const 4))) (i32.const 2097152))))
    (local.get $h))
  (func (export "dot_top") (param $c i32) (param $a i32) (param $b i32) (param $n i32) (param i32) (result f64)
    (local $i i32) (local $s f32)
    (block $done
      (loop $l
        (br_if $done (i32.ge_u (local.get $i) (local.get $n)))
        (local.set $s (f32.add (local.get $s) (f32.mul
          (f32.load (i32.add (local.get $a) (i32.shl (local.get $i) (i32.const 2))))
          (f32.load (i32.add (local.get $b) (i32.shl (local.get $i) (i32.const 2)))))))
        (local.set $i (i32.add (local.get $i) (i32.const 1)))
        (br $l)))
    (f64.promote_f32 (local.get $s)))
  (func (export "dot_bottom") (param $c i32) (param $a i32) (param $b i32) (param $n i32) (param i32) (result f64)
    (local $s f64)
    (loop $l
      (local.set $s (f64.add (local.get $s) (f64.mul (f64.load (local.get $a)) (f64.load (local.get $b)))))
      (local.set $a (i32.add (local.get $a) (i32.const 8)))
      (local.set $b (i32.add (local.get $b) (i32.const 8)))
      (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $s))
  (func (export "sum_middle") (param $c i32) (param $a i32) (param $b i32) (param $n i32) (param i32) (result f64)
    (local $i i32) (local $s f64)
    (loop $l
      (if (i32.lt_s (local.get $i) (local.get $n))
        (then
          (local.set $s (f64.add (local.get $s) (f64.load (i32.add (local.get $a) (i32.mul (local.get $i) (i32.const 8))))))
          (local.set $i (i32.add (local.get $i) (i32.const 1)))
          (br $l))))
    (local.get $s))
  (func (export "idot_top") (param $c i32) (param $a i32) (param $b i32) (param $n i32) (param i32) (result f64)
    (local $i i32) (local $s i32)
    (block $done
      (loop $l
        (br_if $done (i32.eq (local.get $i) (local.get $n)))
        (local.set $s (i32.add (local.get $s) (i32.mul
          (i32.load8_s (i32.add (local.get $a) (local.get $i)))
          (i32.load8_s (i32.add (local.get $b) (local.get $i))))))
        (local.set $i (i32.add (local.get $i) (i32.const 1)))
        (br $l)))
    (f64.convert_i32_s (local.get $s)))
  (func (export "matrix_top") (param $c i32) (param $a i32) (param $b i32) (param $n i32) (param i32) (result f64)
    (local $i i32) (local $j i32) (local $p i32) (local $s f32)
    (block $rows_end
      (loop $rows
        (br_if $rows_end (i32.ge_s (local.get $i) (local.get $n)))
        (local.set $j (i32.const 0))
        (block $columns_end
          (loop $columns
            (br_if $columns_end (i32.ge_s (local.get $j) (local.get $n)))
            (local.set $s (f32.const 0))
            (local.set $p (i32.const 0))
            (block $end
              (loop $l
                (br_if $end (i32.ge_s (local.get $p) (local.get $n)))
                (local.set $s (f32.add (local.get $s) (f32.mul
                  (f32.load (i32.add (local.get $a) (i32.mul (i32.add (i32.mul (local.get $i) (local.get $n)) (local.get $p)) (i32.const 4))))
                  (f32.load (i32.add (local.get $b) (i32.mul (i32.add (i32.mul (local.get $p) (local.get $n)) (local.get $j)) (i32.const 4)))))))
                (local.set $p (i32.add (local.get $p) (i32.const 1)))
                (br $l)))
            (f32.store (i32.add (local.get $c) (i32.mul (i32.add (i32.mul (local.get $i) (local.get $n)) (local.get $j)) (i32.const 4)))
              (local.get $s))
            (local.set $j (i32.add (local.get $j) (i32.const 1)))
            (br $columns)))
        (local.set $i (i32.add (local.get $i) (i32.const 1)))
        (br $rows)))
    (f64.const 0))
  (func (export "matrix_bottom") (param $c i32) (param $a i32) (param $b i32) (param $n i32) (param i32) (result f64)
    (local $i i32) (local $j i32) (local $p i32) (local $s f64) (local $x i32) (local $y i32) (local $row i32)
    (local.set $row (i32.shl (local.get $n) (i32.const 3)))
    (local.set $i (local.get $n))
    (loop $rows
      (local.set $j (i32.const 0))
      (loop $columns
        (local.set $s (f64.const 0))
        (local.set $p (local.get $n))
        (local.set $x (local.get $a))
        (local.set $y (i32.add (local.get $b) (i32.shl (local.get $j) (i32.const 3))))
        (loop $l
          (local.set $s (f64.add (local.get $s) (f64.mul (f64.load (local.get $x)) (f64.load (local.get $y)))))
          (local.set $x (i32.add (local.get $x) (i32.const 8)))
          (local.set $y (i32.add (local.get $y) (local.get $row)))
          (br_if $l (local.tee $p (i32.sub (local.get $p) (i32.const 1)))))
        (f64.store (local.get $c) (local.get $s))
        (local.set $c (i32.add (local.get $c) (i32.const 8)))
        (br_if $columns (i32.ne (local.tee $j (i32.add (local.get $j) (i32.const 1))) (local.get $n))))
      (local.set $a (i32.add (local.get $a) (local.get $row)))
      (br_if $rows (local.tee $i (i32.sub (local.get $i) (i32.const 1)))))
    (f64.const 0))
  (func (export "matrix_memory") (param $c i32) (param $a i32) (param $b i32) (param $n i32) (param i32) (result f64)
    (local $i i32) (local $j i32) (local $p i32) (local $x i32) (local $to i32)
    (loop $rows
      (local.set $p (i32.const 0))
      (loop $steps
        (local.set $j (i32.const 0))
        (local.set $x (i32.load8_s (i32.add (local.get $a) (i32.add (i32.mul (local.get $i) (local.get $n)) (local.get $p)))))
        (loop $l
          (local.set $to (i32.add (local.get $c) (i32.shl (i32.add (i32.mul (local.get $i) (local.get $n)) (local.get $j)) (i32.const 2))))
          (i32.store (local.get $to) (i32.add (i32.load (local.get $to)) (i32.mul (local.get $x)
            (i32.load8_s (i32.add (local.get $b) (i32.add (i32.mul (local.get $p) (local.get $n)) (local.get $j)))))))
          (br_if $l (i32.lt_s (local.tee $j (i32.add (local.get $j) (i32.const 1))) (local.get $n))))
        (br_if $steps (i32.lt_s (local.tee $p (i32.add (local.get $p) (i32.const 1))) (local.get $n))))
      (br_if $rows (i32.lt_s (local.tee $i (i32.add (local.get $i) (i32.const 1))) (local.get $n))))
    (f64.const 0))
  (func (export "search_length") (param $c i32) (param $a i32) (param $b i32) (param $n i32) (param i32) (result f64)
    (local $p i32)
    (local.set $p (local.get $a))
    (block $done
      (loop $l
        (br_if $done (i32.eqz (i32.load8_u (local.get $p))))
        (local.set $p (i32.add (local.get $p) (i32.const 1)))
        (br $l)))
    (f64.convert_i32_u (i32.sub (local.get $p) (local.get $a))))
  (func (export "search_compare") (param $c i32) (param $a i32) (param $b i32) (param $n i32) (param i32) (result f64)
    (local $i i32)
    (block $done
      (loop $l
        (br_if $done (i32.ge_u (local.get $i) (local.get $n)))
        (br_if $done (i32.ne (i32.load8_u (i32.add (local.get $a) (local.get $i))) (i32.load8_u (i32.add (local.get $b) (local.get $i)))))
        (local.set $i (i32.add (local.get $i) (i32.const 1)))
        (br $l)))
    (f64.convert_i32_u (local.get $i)))
  (func (export "text_points") (param $c i32) (param $a i32) (param $b i32) (param $n i32) (param i32) (result f64)
    (local $end i32) (local $x i32) (local $count i32)
    (local.set $end (i32.add (local.get $a) (local.get $n)))
    (block $done
      (loop $l
        (br_if $done (i32.ge_u (local.get $a) (local.get $end)))
        (local.set $x (i32.load8_u (local.get $a)))
        (local.set $count (i32.add (local.get $count) (i32.const 1)))
        (if (i32.lt_u (local.get $x) (i32.const 128))
          (then (local.set $a (i32.add (local.get $a) (i32.const 1))) (br $l)))
        (local.set $a (i32.add (local.get $a) (select (i32.const 2) (i32.const 3) (i32.lt_u (local.get $x) (i32.const 224)))))
        (br $l)))
    (f64.convert_i32_u (local.get $count))))
