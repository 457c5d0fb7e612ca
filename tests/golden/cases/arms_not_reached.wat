;; run: --threshold=20 --compile=sync --cold=1 --invoke-list=- FILE
;; in: many 0 3000
;; in: many 1 3000
;; in: table 2 5
;; in: table 3 5
;; in: table 9 5
;; in: many 9 3000
;; in: table 3 5
;; in: below 0 7 9
;; in: manybelow 0 2000
;; in: below 1 7 9
;; in: below 2 7 9
;; in: below 3 7 9
;; in: manybelow 3 2000
;; in: below 1 7 9
;; in: pair 1 1.5 2.5
;; in: manypair 2000
;; in: pair 0 1.5 2.5
;; in: pair -1 1.5 2.5
;; in: find 77
;; in: manyfind 2000
;; in: find 200
;; in: find 64
;; in: down 0 30
;; in: manydown 2000
;; in: down 1 30
;; in: down 2 30
;;
;; What a function has not reached is not compiled: calls that get there go on in code that has it, with the locals and
;; operands that there are: at a label of a table, in the arms of an `if`, behind a branch that was always taken, in loops, below
;; calls of the same function, with results of several types. What is reached often is compiled after all. The calls of a
;; function that does nothing are there because functions and loops without calls are compiled as a whole.
;; left: yes
;; exit: 0
;; out: many 0 3000 = 9004528500
;; out: many 1 3000 = 35651889000
;; out: table 2 5 = -5096528587943361286
;; out: table 3 5 = 81985504610703263
;; out: table 9 5 = 8
;; out: many 9 3000 = 4510500
;; out: table 3 5 = 81985504610703263
;; out: below 0 7 9 = -420
;; out: manybelow 0 2000 = 1571603840
;; out: below 1 7 9 = -322780831
;; out: below 2 7 9 = 239938661
;; out: below 3 7 9 = -1178423323
;; out: manybelow 3 2000 = 1501107710
;; out: below 1 7 9 = -322780831
;; out: pair 1 1.5 2.5 = 3.75 1.5 3 4615626668101337088
;; out: manypair 2000 = 1.000010000200006
;; out: pair 0 1.5 2.5 = 16.666666666666668 1.4832398 16 4625384467293973163
;; out: pair -1 1.5 2.5 = -16.666666666666668 -1.4832398 -1 9223372036854775807
;; out: find 77 = 231
;; out: manyfind 2000 = 600000
;; out: find 200 = 2110113736
;; out: find 64 = 192
;; out: down 0 30 = 3286
;; out: manydown 2000 = 2982000
;; out: down 1 30 = 1188379
;; out: down 2 30 = 227734215
(module
  (memory 1)
  (func $nothing)
  (func $table (export "table") (param $k i32) (param $x i64) (result i64) (local $y i64) (local $n i32)
    (call $nothing) (call $nothing) (call $nothing)
    (local.set $y (i64.const 3))
    (block $end
      (block $three
        (block $two
          (block $one
            (block $zero
              (br_table $zero $one $two $three $end (local.get $k)))
            (local.set $y (i64.mul (local.get $y) (i64.const 1000003)))
            (br $end))
          (local.set $y (i64.add (i64.mul (local.get $x) (i64.const 7919)) (local.get $y)))
          (br $end))
        (loop $next ;; in a loop of its own, with locals that are set here
          (local.set $n (i32.add (local.get $n) (i32.const 1)))
          (local.set $y (i64.add (i64.mul (local.get $y) (i64.const 31)) (i64.extend_i32_u (local.get $n))))
          (br_if $next (i32.lt_u (local.get $n) (i32.const 100))))
        (br $end))
      (local.set $y (i64.xor (i64.rotl (local.get $y) (i64.const 33)) (i64.const 0x0123456789abcdef)))
      (i64.store (i32.const 64) (local.get $y))
      (local.set $y (i64.add (local.get $y) (i64.load32_s (i32.const 66)))))
    (i64.add (local.get $y) (local.get $x)))
  (func (export "many") (param $k i32) (param $n i32) (result i64) (local $sum i64)
    (loop $next
      (local.set $sum (i64.add (local.get $sum) (call $table (local.get $k) (i64.extend_i32_u (local.get $n)))))
      (br_if $next (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $sum))

  ;; Operands lie below the blocks.
  (func $below (export "below") (param $k i32) (param $a i32) (param $b i32) (result i32)
    (call $nothing) (call $nothing) (call $nothing)
    (i32.mul (local.get $a) (i32.const 3))
    (i32.add (local.get $b) (i32.const 5))
    (if (result i32) (i32.and (local.get $k) (i32.const 1))
      (then
        (local.set $a (i32.mul (i32.add (local.get $a) (i32.const 0x12345)) (i32.const 0x54321)))
        (local.set $b (i32.xor (i32.mul (local.get $b) (i32.const 0x1234567)) (local.get $a)))
        (i32.add (local.get $a) (local.get $b)))
      (else
        (i32.sub (local.get $a) (local.get $b))))
    (block $behind (param i32) (result i32)
      (br_if $behind (i32.eqz (i32.and (local.get $k) (i32.const 2))))
      (drop)
      (local.set $b (i32.rotl (i32.mul (local.get $b) (i32.const 0x7654321)) (local.get $a)))
      (i32.add (i32.mul (local.get $b) (i32.const 0x111)) (i32.const 0x2222222)))
    (i32.mul (i32.const 17))
    (i32.add)
    (i32.mul))
  (func (export "manybelow") (param $k i32) (param $n i32) (result i32) (local $sum i32)
    (loop $next
      (local.set $sum (i32.add (local.get $sum) (call $below (local.get $k) (local.get $n) (local.get $sum))))
      (br_if $next (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $sum))

  ;; Results of several types.
  (func $pair (export "pair") (param $k i32) (param $x f32) (param $y f64) (result f64 f32 i32 i64)
    (local $z f64)
    (call $nothing) (call $nothing) (call $nothing)
    (local.set $z (f64.mul (local.get $y) (f64.promote_f32 (local.get $x))))
    (if (i32.le_s (local.get $k) (i32.const 0))
      (then
        (local.set $z (f64.div (f64.add (local.get $z) (f64.const 1.25)) (f64.const 0.3)))
        (local.set $x (f32.sqrt (f32.add (local.get $x) (f32.const 0.7))))
        (if (i32.lt_s (local.get $k) (i32.const 0))
          (then
            (return
              (f64.neg (local.get $z)) (f32.neg (local.get $x))
              (i32.const -1) (i64.const 0x7fffffffffffffff))))))
    (local.get $z)
    (local.get $x)
    (i32.trunc_f64_s (local.get $z))
    (i64.reinterpret_f64 (local.get $z)))
  (func (export "manypair") (param $n i32) (result f64) (local $sum f64)
    (loop $next
      (call $pair (i32.const 1) (f32.convert_i32_u (local.get $n)) (local.get $sum))
      (drop) (drop) (drop)
      (f64.mul (f64.const 0.00001))
      (local.set $sum (f64.add (f64.const 1)))
      (br_if $next (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $sum))

  ;; A loop is left where it never was; the end of a block that only then is reached.
  (func $find (export "find") (param $what i32) (result i32) (local $at i32) (local $steps i32)
    (call $nothing) (call $nothing) (call $nothing)
    (block $none
      (loop $next
        (call $nothing)
        (br_if $none (i32.ge_u (local.get $at) (i32.const 128)))
        (local.set $steps (i32.add (local.get $steps) (i32.const 3)))
        (if (i32.eq (local.get $at) (i32.const 64))
          (then
            (if (i32.eq (local.get $what) (i32.const 64))
              (then
                (local.set $steps (i32.mul (i32.add (local.get $steps) (i32.const 0x1111)) (i32.const 0x333)))
                (local.set $at (i32.sub (local.get $at) (i32.const 10)))
                (local.set $what (i32.const 70))))))
        (local.set $at (i32.add (local.get $at) (i32.const 1)))
        (br_if $next (i32.ne (local.get $at) (local.get $what))))
      (return (local.get $steps)))
    (local.set $steps (i32.sub (i32.mul (local.get $steps) (i32.const 0x101)) (local.get $what)))
    (local.set $steps (i32.xor (i32.mul (local.get $steps) (i32.const 0x10101)) (local.get $at)))
    (i32.sub (i32.const 0) (local.get $steps)))
  (func (export "manyfind") (param $n i32) (result i32) (local $sum i32)
    (loop $next
      (local.set $sum (i32.add (local.get $sum) (call $find (i32.const 100))))
      (br_if $next (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $sum))

  ;; Calls of itself on the way, in both kinds of code.
  (func $down (export "down") (param $k i32) (param $n i32) (result i32) (local $x i32)
    (call $nothing) (call $nothing) (call $nothing)
    (local.set $x (i32.add (i32.mul (local.get $n) (i32.const 7)) (i32.const 1)))
    (if (i32.eqz (local.get $n))
      (then (return (local.get $x))))
    (if (local.get $k)
      (then
        (local.set $x (i32.add (local.get $x) (call $down (i32.sub (local.get $k) (i32.const 1)) (i32.sub (local.get $n) (i32.const 1)))))
        (local.set $x (i32.mul (i32.add (local.get $x) (i32.const 0x777)) (i32.const 0x99)))
        (return (i32.xor (local.get $x) (i32.mul (local.get $n) (i32.const 0x10001))))))
    (i32.add (local.get $x) (call $down (local.get $k) (i32.sub (local.get $n) (i32.const 1)))))
  (func (export "manydown") (param $n i32) (result i32) (local $sum i32)
    (loop $next
      (local.set $sum (i32.add (local.get $sum) (call $down (i32.const 0) (i32.const 20))))
      (br_if $next (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $sum)))
