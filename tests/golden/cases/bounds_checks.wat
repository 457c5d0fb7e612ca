;; run: --fuzz FILE
;; Products of matrices whose indices are compared with a length: where a check fails, what came before it is in memory.
;; exit: 0
;; out: all_hold = 42703d4cd137de6a
;; out: behind_all_hold = 42703d4cd137de6a
;; out: the_last_fails = trap
;; out: behind_the_last_fails = 427035026271e0cf
;; out: half_fail = trap
;; out: behind_half_fail = 427035026185debd
;; out: none_holds = trap
;; out: behind_none_holds = 4270350260b4c137
;; out: one_round = 42703d4ccfb45075
;; out: behind_one_round = 42703d4ccfb45075
;; out: round_the_end = trap
;; out: behind_round_the_end = 42703d4ccfae9c59
;; out: above_zero = 42703d4cd137de6a
;; out: behind_above_zero = 42703d4cd137de6a
;; out: below_zero = trap
;; out: behind_below_zero = 42703d4ccfae9c59
;; out: never_equal = 42703d4cd137de6a
;; out: behind_never_equal = 42703d4cd137de6a
;; out: equal_at_the_end = trap
;; out: behind_equal_at_the_end = 427035026271e0cf
;; out: equal_once = trap
;; out: behind_equal_once = 4270350260f6db2a
;; out: equal_before = 42703d4cd13a5361
;; out: behind_equal_before = 42703d4cd13a5361
;; out: equal_far_below = 42703d4cd159a91f
;; out: behind_equal_far_below = 42703d4cd159a91f
(module (memory (export "memory") 1)
  (func $out_of_range (param i32 i32)
    (i32.store (i32.const 65528) (local.get 0))
    (i32.store (i32.const 65532) (local.get 1))
    unreachable)
  (func $fill (local $i i32)
    (loop $l
      (f32.store (i32.shl (local.get $i) (i32.const 2)) (f32.convert_i32_s (i32.rem_s (i32.mul (local.get $i) (i32.const 7919)) (i32.const 257))))
      (br_if $l (i32.ne (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 16384)))))
  (func $sum (result f64) (local $i i32) (local $s f64)
    (loop $l
      (local.set $s (f64.add (f64.mul (local.get $s) (f64.const 0.999))
                             (f64.convert_i32_u (i32.load (i32.shl (local.get $i) (i32.const 2))))))
      (br_if $l (i32.ne (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 16384))))
    (local.get $s))
  ;; c[i][j] = the sum of a[i][p] * b[p][j]; all indices begin at $from
  (func $below (param $n i32) (param $length i32) (param $from i32)
    (local $i i32) (local $j i32) (local $p i32) (local $at i32) (local $other i32) (local $s f32)
    (block $failed
      (loop $rows
        (local.set $j (i32.const 0))
        (loop $columns
          (local.set $s (f32.const 0))
          (local.set $p (i32.const 0))
          (loop $steps
            (local.set $at (i32.add (local.get $from) (i32.add (i32.mul (local.get $i) (local.get $n)) (local.get $p))))
            (br_if $failed (i32.ge_u (local.get $at) (local.get $length)))
            (local.set $other (i32.add (i32.mul (local.get $p) (local.get $n)) (local.get $j)))
            (br_if $failed (i32.ge_u (local.get $other) (i32.const 4096)))
            (local.set $s (f32.add (local.get $s)
              (f32.mul (f32.load offset=16384 (i32.shl (local.get $at) (i32.const 2))) (f32.load offset=32768 (i32.shl (local.get $other) (i32.const 2))))))
            (br_if $steps (i32.ne (local.tee $p (i32.add (local.get $p) (i32.const 1))) (local.get $n))))
          (local.set $at (i32.add (local.get $from) (i32.add (i32.mul (local.get $i) (local.get $n)) (local.get $j))))
          (br_if $failed (i32.ge_u (local.get $at) (local.get $length)))
          (f32.store (i32.shl (local.get $at) (i32.const 2)) (local.get $s))
          (br_if $columns (i32.ne (local.tee $j (i32.add (local.get $j) (i32.const 1))) (local.get $n))))
        (br_if $rows (i32.ne (local.tee $i (i32.add (local.get $i) (i32.const 1))) (local.get $n))))
      (return))
    (call $out_of_range (local.get $at) (local.get $length))
    unreachable)
  ;; c[i][j] = the sum of a[i][p] * b[p][j]; all indices begin at $from
  (func $signed (param $n i32) (param $length i32) (param $from i32)
    (local $i i32) (local $j i32) (local $p i32) (local $at i32) (local $other i32) (local $s f32)
    (block $failed
      (loop $rows
        (local.set $j (i32.const 0))
        (loop $columns
          (local.set $s (f32.const 0))
          (local.set $p (i32.const 0))
          (loop $steps
            (local.set $at (i32.add (local.get $from) (i32.add (i32.mul (local.get $i) (local.get $n)) (local.get $p))))
            (br_if $failed (i32.ge_s (local.get $at) (local.get $length)))
            (local.set $other (i32.add (i32.mul (local.get $p) (local.get $n)) (local.get $j)))
            (br_if $failed (i32.ge_u (local.get $other) (i32.const 4096)))
            (local.set $s (f32.add (local.get $s)
              (f32.mul (f32.load offset=16384 (i32.shl (local.get $at) (i32.const 2))) (f32.load offset=32768 (i32.shl (local.get $other) (i32.const 2))))))
            (br_if $steps (i32.ne (local.tee $p (i32.add (local.get $p) (i32.const 1))) (local.get $n))))
          (local.set $at (i32.add (local.get $from) (i32.add (i32.mul (local.get $i) (local.get $n)) (local.get $j))))
          (br_if $failed (i32.ge_s (local.get $at) (local.get $length)))
          (f32.store (i32.shl (local.get $at) (i32.const 2)) (local.get $s))
          (br_if $columns (i32.ne (local.tee $j (i32.add (local.get $j) (i32.const 1))) (local.get $n))))
        (br_if $rows (i32.ne (local.tee $i (i32.add (local.get $i) (i32.const 1))) (local.get $n))))
      (return))
    (call $out_of_range (local.get $at) (local.get $length))
    unreachable)
  ;; c[i][j] = the sum of a[i][p] * b[p][j]; all indices begin at $from
  (func $unequal (param $n i32) (param $length i32) (param $from i32)
    (local $i i32) (local $j i32) (local $p i32) (local $at i32) (local $other i32) (local $s f32)
    (block $failed
      (loop $rows
        (local.set $j (i32.const 0))
        (loop $columns
          (local.set $s (f32.const 0))
          (local.set $p (i32.const 0))
          (loop $steps
            (local.set $at (i32.add (local.get $from) (i32.add (i32.mul (local.get $i) (local.get $n)) (local.get $p))))
            (br_if $failed (i32.eq (local.get $at) (local.get $length)))
            (local.set $other (i32.add (i32.mul (local.get $p) (local.get $n)) (local.get $j)))
            (br_if $failed (i32.ge_u (local.get $other) (i32.const 4096)))
            (local.set $s (f32.add (local.get $s)
              (f32.mul (f32.load offset=16384 (i32.shl (local.get $at) (i32.const 2))) (f32.load offset=32768 (i32.shl (local.get $other) (i32.const 2))))))
            (br_if $steps (i32.ne (local.tee $p (i32.add (local.get $p) (i32.const 1))) (local.get $n))))
          (local.set $at (i32.add (local.get $from) (i32.add (i32.mul (local.get $i) (local.get $n)) (local.get $j))))
          (br_if $failed (i32.eq (local.get $at) (local.get $length)))
          (f32.store (i32.shl (local.get $at) (i32.const 2)) (local.get $s))
          (br_if $columns (i32.ne (local.tee $j (i32.add (local.get $j) (i32.const 1))) (local.get $n))))
        (br_if $rows (i32.ne (local.tee $i (i32.add (local.get $i) (i32.const 1))) (local.get $n))))
      (return))
    (call $out_of_range (local.get $at) (local.get $length))
    unreachable)
  (func (export "all_hold") (result f64) (call $fill) (call $below (i32.const 24) (i32.const 576) (i32.const 0)) (call $sum))
  (func (export "behind_all_hold") (result f64) (call $sum))
  (func (export "the_last_fails") (result f64) (call $fill) (call $below (i32.const 24) (i32.const 575) (i32.const 0)) (call $sum))
  (func (export "behind_the_last_fails") (result f64) (call $sum))
  (func (export "half_fail") (result f64) (call $fill) (call $below (i32.const 24) (i32.const 300) (i32.const 0)) (call $sum))
  (func (export "behind_half_fail") (result f64) (call $sum))
  (func (export "none_holds") (result f64) (call $fill) (call $below (i32.const 24) (i32.const 0) (i32.const 0)) (call $sum))
  (func (export "behind_none_holds") (result f64) (call $sum))
  (func (export "one_round") (result f64) (call $fill) (call $below (i32.const 1) (i32.const 1) (i32.const 0)) (call $sum))
  (func (export "behind_one_round") (result f64) (call $sum))
  (func (export "round_the_end") (result f64) (call $fill) (call $below (i32.const 24) (i32.const -1) (i32.const -300)) (call $sum))
  (func (export "behind_round_the_end") (result f64) (call $sum))
  (func (export "above_zero") (result f64) (call $fill) (call $signed (i32.const 24) (i32.const 576) (i32.const 0)) (call $sum))
  (func (export "behind_above_zero") (result f64) (call $sum))
  (func (export "below_zero") (result f64) (call $fill) (call $signed (i32.const 24) (i32.const 300) (i32.const -100)) (call $sum))
  (func (export "behind_below_zero") (result f64) (call $sum))
  (func (export "never_equal") (result f64) (call $fill) (call $unequal (i32.const 24) (i32.const 576) (i32.const 0)) (call $sum))
  (func (export "behind_never_equal") (result f64) (call $sum))
  (func (export "equal_at_the_end") (result f64) (call $fill) (call $unequal (i32.const 24) (i32.const 575) (i32.const 0)) (call $sum))
  (func (export "behind_equal_at_the_end") (result f64) (call $sum))
  (func (export "equal_once") (result f64) (call $fill) (call $unequal (i32.const 24) (i32.const 100) (i32.const 0)) (call $sum))
  (func (export "behind_equal_once") (result f64) (call $sum))
  (func (export "equal_before") (result f64) (call $fill) (call $unequal (i32.const 24) (i32.const 20) (i32.const 21)) (call $sum))
  (func (export "behind_equal_before") (result f64) (call $sum))
  (func (export "equal_far_below") (result f64) (call $fill) (call $unequal (i32.const 24) (i32.const -1) (i32.const 100)) (call $sum))
  (func (export "behind_equal_far_below") (result f64) (call $sum))
  )
