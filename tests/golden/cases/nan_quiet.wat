;; run: --fuzz FILE
;; Signalling NaN that meets neutral constants comes out quiet, whether arithmetic follows that does it or none.
;; A NaN's sign is nobody's promise.
;; exit: 0
;; out: turned_32 = c1dafedb08000000
;; out: turned_added_32 = c1c8c1de10000000
;; out: turned_from_zero_32 = c1dafedb08000000
;; out: turned_from_minus_zero_32 = c1dafedb08000000
;; out: turned_twice_32 = c1dafedb08000000
;; out: taken_from_zero_32 = c1dafedb08000000
;; out: taken_from_minus_zero_32 = c1dafedb08000000
;; out: less_zero_32 = c1dafedb08000000
;; out: plus_zero_32 = c1dafedb08000000
;; out: plus_zero_times_32 = c1d2e20308000000
;; out: divided_by_one_32 = c1dafedb08000000
;; out: divided_by_one_less_32 = c1c8c1de10000000
;; out: chosen_32 = c1d971e708000000
;; out: chosen_less_32 = c1ccca5610000000
;; out: compared_32 = 41d4c40338000000
;; out: copied_32 = c1dafedb08000000
;; out: turned_64 = 41db3407d2c00000
;; out: turned_added_64 = c1dbf8242d400000
;; out: turned_from_zero_64 = 41db3407d2c00000
;; out: turned_from_minus_zero_64 = 41db3407d2c00000
;; out: turned_twice_64 = 41db3407d2c00000
;; out: taken_from_zero_64 = 41db3407d2c00000
;; out: taken_from_minus_zero_64 = 41db3407d2c00000
;; out: less_zero_64 = 41db3407d2c00000
;; out: plus_zero_64 = 41db3407d2c00000
;; out: plus_zero_times_64 = 41dad8df52c00000
;; out: divided_by_one_64 = 41db3407d2c00000
;; out: divided_by_one_less_64 = c1dbf8242d400000
;; out: chosen_64 = c1c49bd85a800000
;; out: chosen_less_64 = 419da91d2c000000
;; out: compared_64 = 41ddf2e1d2c00000
;; out: copied_64 = 41db3407d2c00000
;; out: memory eb05052ea5b62325
(module (memory (export "memory") 1)
  (func $fill_32
    (local $i i32)
    (loop $next
      (f32.store (i32.shl (local.get $i) (i32.const 2)) (f32.mul (f32.convert_i32_s (i32.sub (local.get $i) (i32.const 1000))) (f32.const 0.375)))
      (if (i32.eqz (i32.rem_u (local.get $i) (i32.const 3))) (then
        (i32.store (i32.shl (local.get $i) (i32.const 2)) (i32.or (i32.const 0x7f800001) (i32.mul (local.get $i) (i32.const 0x10101010))))))
      (f32.store offset=16384 (i32.shl (local.get $i) (i32.const 2)) (f32.convert_i32_s (i32.sub (i32.and (local.get $i) (i32.const 63)) (i32.const 20))))
      (br_if $next (i32.ne (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 4096)))))
  (func $fill_64
    (local $i i32)
    (loop $next
      (f64.store (i32.shl (local.get $i) (i32.const 3)) (f64.mul (f64.convert_i32_s (i32.sub (local.get $i) (i32.const 500))) (f64.const 0.375)))
      (if (i32.eqz (i32.rem_u (local.get $i) (i32.const 3))) (then
        (i64.store (i32.shl (local.get $i) (i32.const 3)) (i64.or (i64.const 0x7ff0000000000001)
          (i64.mul (i64.extend_i32_u (local.get $i)) (i64.const 0x1010101010101010))))))
      (f64.store offset=16384 (i32.shl (local.get $i) (i32.const 3)) (f64.convert_i32_s (i32.sub (i32.and (local.get $i) (i32.const 63)) (i32.const 20))))
      (br_if $next (i32.ne (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 2048)))))
  (func $hash (result i32) (local $i i32) (local $sum i32)
    (loop $next
      (local.set $sum (i32.add (i32.mul (local.get $sum) (i32.const 31)) (i32.and (i32.const 0x7fffffff) (i32.load offset=32768 (i32.shl (local.get $i) (i32.const 2))))))
      (br_if $next (i32.ne (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 4096))))
    (memory.fill (i32.const 0) (i32.const 0) (i32.const 65536))
    (local.get $sum))
  (func (export "turned_32") (result i32)
    (local $i i32) (local $a i32)
    (call $fill_32)
    (loop $next
      (local.set $a (i32.shl (local.get $i) (i32.const 2)))
      (f32.store offset=32768 (local.get $a) (f32.mul (f32.load offset=0 (local.get $a)) (f32.const -1)))
      (br_if $next (i32.ne (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 2003))))
    (call $hash))
  (func (export "turned_added_32") (result i32)
    (local $i i32) (local $a i32)
    (call $fill_32)
    (loop $next
      (local.set $a (i32.shl (local.get $i) (i32.const 2)))
      (f32.store offset=32768 (local.get $a) (f32.add (f32.load offset=16384 (local.get $a)) (f32.mul (f32.load offset=0 (local.get $a)) (f32.const -1))))
      (br_if $next (i32.ne (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 2003))))
    (call $hash))
  (func (export "turned_from_zero_32") (result i32)
    (local $i i32) (local $a i32)
    (call $fill_32)
    (loop $next
      (local.set $a (i32.shl (local.get $i) (i32.const 2)))
      (f32.store offset=32768 (local.get $a) (f32.add (f32.const 0) (f32.mul (f32.load offset=0 (local.get $a)) (f32.const -1))))
      (br_if $next (i32.ne (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 2003))))
    (call $hash))
  (func (export "turned_from_minus_zero_32") (result i32)
    (local $i i32) (local $a i32)
    (call $fill_32)
    (loop $next
      (local.set $a (i32.shl (local.get $i) (i32.const 2)))
      (f32.store offset=32768 (local.get $a) (f32.add (f32.const -0) (f32.mul (f32.load offset=0 (local.get $a)) (f32.const -1))))
      (br_if $next (i32.ne (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 2003))))
    (call $hash))
  (func (export "turned_twice_32") (result i32)
    (local $i i32) (local $a i32)
    (call $fill_32)
    (loop $next
      (local.set $a (i32.shl (local.get $i) (i32.const 2)))
      (f32.store offset=32768 (local.get $a) (f32.mul (f32.const -1) (f32.mul (f32.load offset=0 (local.get $a)) (f32.const -1))))
      (br_if $next (i32.ne (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 2003))))
    (call $hash))
  (func (export "taken_from_zero_32") (result i32)
    (local $i i32) (local $a i32)
    (call $fill_32)
    (loop $next
      (local.set $a (i32.shl (local.get $i) (i32.const 2)))
      (f32.store offset=32768 (local.get $a) (f32.sub (f32.const 0) (f32.load offset=0 (local.get $a))))
      (br_if $next (i32.ne (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 2003))))
    (call $hash))
  (func (export "taken_from_minus_zero_32") (result i32)
    (local $i i32) (local $a i32)
    (call $fill_32)
    (loop $next
      (local.set $a (i32.shl (local.get $i) (i32.const 2)))
      (f32.store offset=32768 (local.get $a) (f32.sub (f32.const -0) (f32.load offset=0 (local.get $a))))
      (br_if $next (i32.ne (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 2003))))
    (call $hash))
  (func (export "less_zero_32") (result i32)
    (local $i i32) (local $a i32)
    (call $fill_32)
    (loop $next
      (local.set $a (i32.shl (local.get $i) (i32.const 2)))
      (f32.store offset=32768 (local.get $a) (f32.sub (f32.load offset=0 (local.get $a)) (f32.const 0)))
      (br_if $next (i32.ne (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 2003))))
    (call $hash))
  (func (export "plus_zero_32") (result i32)
    (local $i i32) (local $a i32)
    (call $fill_32)
    (loop $next
      (local.set $a (i32.shl (local.get $i) (i32.const 2)))
      (f32.store offset=32768 (local.get $a) (f32.add (f32.load offset=0 (local.get $a)) (f32.const 0)))
      (br_if $next (i32.ne (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 2003))))
    (call $hash))
  (func (export "plus_zero_times_32") (result i32)
    (local $i i32) (local $a i32)
    (call $fill_32)
    (loop $next
      (local.set $a (i32.shl (local.get $i) (i32.const 2)))
      (f32.store offset=32768 (local.get $a) (f32.mul (f32.add (f32.load offset=0 (local.get $a)) (f32.const -0)) (f32.const 3)))
      (br_if $next (i32.ne (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 2003))))
    (call $hash))
  (func (export "divided_by_one_32") (result i32)
    (local $i i32) (local $a i32)
    (call $fill_32)
    (loop $next
      (local.set $a (i32.shl (local.get $i) (i32.const 2)))
      (f32.store offset=32768 (local.get $a) (f32.div (f32.load offset=0 (local.get $a)) (f32.const 1)))
      (br_if $next (i32.ne (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 2003))))
    (call $hash))
  (func (export "divided_by_one_less_32") (result i32)
    (local $i i32) (local $a i32)
    (call $fill_32)
    (loop $next
      (local.set $a (i32.shl (local.get $i) (i32.const 2)))
      (f32.store offset=32768 (local.get $a) (f32.sub (f32.div (f32.load offset=0 (local.get $a)) (f32.const 1)) (f32.load offset=16384 (local.get $a))))
      (br_if $next (i32.ne (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 2003))))
    (call $hash))
  (func (export "chosen_32") (result i32)
    (local $i i32) (local $a i32)
    (call $fill_32)
    (loop $next
      (local.set $a (i32.shl (local.get $i) (i32.const 2)))
      (f32.store offset=32768 (local.get $a) (f32.add (f32.mul (f32.load offset=0 (local.get $a)) (f32.const 1)) (select (f32.const -0) (f32.load offset=16384 (local.get $a)) (f32.gt (f32.load offset=16384 (local.get $a)) (f32.const 0)))))
      (br_if $next (i32.ne (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 2003))))
    (call $hash))
  (func (export "chosen_less_32") (result i32)
    (local $i i32) (local $a i32)
    (call $fill_32)
    (loop $next
      (local.set $a (i32.shl (local.get $i) (i32.const 2)))
      (f32.store offset=32768 (local.get $a) (f32.sub (f32.mul (f32.load offset=0 (local.get $a)) (f32.const 1)) (select (f32.const 0) (f32.load offset=16384 (local.get $a)) (f32.gt (f32.load offset=16384 (local.get $a)) (f32.const 0)))))
      (br_if $next (i32.ne (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 2003))))
    (call $hash))
  (func (export "compared_32") (result i32)
    (local $i i32) (local $a i32)
    (call $fill_32)
    (loop $next
      (local.set $a (i32.shl (local.get $i) (i32.const 2)))
      (f32.store offset=32768 (local.get $a) (select (f32.add (f32.load offset=0 (local.get $a)) (f32.const -0)) (f32.mul (f32.add (f32.load offset=0 (local.get $a)) (f32.const -0)) (f32.load offset=16384 (local.get $a))) (f32.gt (f32.load offset=16384 (local.get $a)) (f32.const 0))))
      (br_if $next (i32.ne (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 2003))))
    (call $hash))
  (func (export "copied_32") (result i32)
    (local $i i32) (local $a i32)
    (call $fill_32)
    (loop $next
      (local.set $a (i32.shl (local.get $i) (i32.const 2)))
      (f32.store offset=32768 (local.get $a) (f32.copysign (f32.mul (f32.load offset=0 (local.get $a)) (f32.const 1)) (f32.load offset=16384 (local.get $a))))
      (br_if $next (i32.ne (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 2003))))
    (call $hash))
  (func (export "turned_64") (result i32)
    (local $i i32) (local $a i32)
    (call $fill_64)
    (loop $next
      (local.set $a (i32.shl (local.get $i) (i32.const 3)))
      (f64.store offset=32768 (local.get $a) (f64.mul (f64.load offset=0 (local.get $a)) (f64.const -1)))
      (br_if $next (i32.ne (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 1003))))
    (call $hash))
  (func (export "turned_added_64") (result i32)
    (local $i i32) (local $a i32)
    (call $fill_64)
    (loop $next
      (local.set $a (i32.shl (local.get $i) (i32.const 3)))
      (f64.store offset=32768 (local.get $a) (f64.add (f64.load offset=16384 (local.get $a)) (f64.mul (f64.load offset=0 (local.get $a)) (f64.const -1))))
      (br_if $next (i32.ne (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 1003))))
    (call $hash))
  (func (export "turned_from_zero_64") (result i32)
    (local $i i32) (local $a i32)
    (call $fill_64)
    (loop $next
      (local.set $a (i32.shl (local.get $i) (i32.const 3)))
      (f64.store offset=32768 (local.get $a) (f64.add (f64.const 0) (f64.mul (f64.load offset=0 (local.get $a)) (f64.const -1))))
      (br_if $next (i32.ne (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 1003))))
    (call $hash))
  (func (export "turned_from_minus_zero_64") (result i32)
    (local $i i32) (local $a i32)
    (call $fill_64)
    (loop $next
      (local.set $a (i32.shl (local.get $i) (i32.const 3)))
      (f64.store offset=32768 (local.get $a) (f64.add (f64.const -0) (f64.mul (f64.load offset=0 (local.get $a)) (f64.const -1))))
      (br_if $next (i32.ne (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 1003))))
    (call $hash))
  (func (export "turned_twice_64") (result i32)
    (local $i i32) (local $a i32)
    (call $fill_64)
    (loop $next
      (local.set $a (i32.shl (local.get $i) (i32.const 3)))
      (f64.store offset=32768 (local.get $a) (f64.mul (f64.const -1) (f64.mul (f64.load offset=0 (local.get $a)) (f64.const -1))))
      (br_if $next (i32.ne (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 1003))))
    (call $hash))
  (func (export "taken_from_zero_64") (result i32)
    (local $i i32) (local $a i32)
    (call $fill_64)
    (loop $next
      (local.set $a (i32.shl (local.get $i) (i32.const 3)))
      (f64.store offset=32768 (local.get $a) (f64.sub (f64.const 0) (f64.load offset=0 (local.get $a))))
      (br_if $next (i32.ne (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 1003))))
    (call $hash))
  (func (export "taken_from_minus_zero_64") (result i32)
    (local $i i32) (local $a i32)
    (call $fill_64)
    (loop $next
      (local.set $a (i32.shl (local.get $i) (i32.const 3)))
      (f64.store offset=32768 (local.get $a) (f64.sub (f64.const -0) (f64.load offset=0 (local.get $a))))
      (br_if $next (i32.ne (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 1003))))
    (call $hash))
  (func (export "less_zero_64") (result i32)
    (local $i i32) (local $a i32)
    (call $fill_64)
    (loop $next
      (local.set $a (i32.shl (local.get $i) (i32.const 3)))
      (f64.store offset=32768 (local.get $a) (f64.sub (f64.load offset=0 (local.get $a)) (f64.const 0)))
      (br_if $next (i32.ne (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 1003))))
    (call $hash))
  (func (export "plus_zero_64") (result i32)
    (local $i i32) (local $a i32)
    (call $fill_64)
    (loop $next
      (local.set $a (i32.shl (local.get $i) (i32.const 3)))
      (f64.store offset=32768 (local.get $a) (f64.add (f64.load offset=0 (local.get $a)) (f64.const 0)))
      (br_if $next (i32.ne (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 1003))))
    (call $hash))
  (func (export "plus_zero_times_64") (result i32)
    (local $i i32) (local $a i32)
    (call $fill_64)
    (loop $next
      (local.set $a (i32.shl (local.get $i) (i32.const 3)))
      (f64.store offset=32768 (local.get $a) (f64.mul (f64.add (f64.load offset=0 (local.get $a)) (f64.const -0)) (f64.const 3)))
      (br_if $next (i32.ne (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 1003))))
    (call $hash))
  (func (export "divided_by_one_64") (result i32)
    (local $i i32) (local $a i32)
    (call $fill_64)
    (loop $next
      (local.set $a (i32.shl (local.get $i) (i32.const 3)))
      (f64.store offset=32768 (local.get $a) (f64.div (f64.load offset=0 (local.get $a)) (f64.const 1)))
      (br_if $next (i32.ne (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 1003))))
    (call $hash))
  (func (export "divided_by_one_less_64") (result i32)
    (local $i i32) (local $a i32)
    (call $fill_64)
    (loop $next
      (local.set $a (i32.shl (local.get $i) (i32.const 3)))
      (f64.store offset=32768 (local.get $a) (f64.sub (f64.div (f64.load offset=0 (local.get $a)) (f64.const 1)) (f64.load offset=16384 (local.get $a))))
      (br_if $next (i32.ne (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 1003))))
    (call $hash))
  (func (export "chosen_64") (result i32)
    (local $i i32) (local $a i32)
    (call $fill_64)
    (loop $next
      (local.set $a (i32.shl (local.get $i) (i32.const 3)))
      (f64.store offset=32768 (local.get $a) (f64.add (f64.mul (f64.load offset=0 (local.get $a)) (f64.const 1)) (select (f64.const -0) (f64.load offset=16384 (local.get $a)) (f64.gt (f64.load offset=16384 (local.get $a)) (f64.const 0)))))
      (br_if $next (i32.ne (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 1003))))
    (call $hash))
  (func (export "chosen_less_64") (result i32)
    (local $i i32) (local $a i32)
    (call $fill_64)
    (loop $next
      (local.set $a (i32.shl (local.get $i) (i32.const 3)))
      (f64.store offset=32768 (local.get $a) (f64.sub (f64.mul (f64.load offset=0 (local.get $a)) (f64.const 1)) (select (f64.const 0) (f64.load offset=16384 (local.get $a)) (f64.gt (f64.load offset=16384 (local.get $a)) (f64.const 0)))))
      (br_if $next (i32.ne (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 1003))))
    (call $hash))
  (func (export "compared_64") (result i32)
    (local $i i32) (local $a i32)
    (call $fill_64)
    (loop $next
      (local.set $a (i32.shl (local.get $i) (i32.const 3)))
      (f64.store offset=32768 (local.get $a) (select (f64.add (f64.load offset=0 (local.get $a)) (f64.const -0)) (f64.mul (f64.add (f64.load offset=0 (local.get $a)) (f64.const -0)) (f64.load offset=16384 (local.get $a))) (f64.gt (f64.load offset=16384 (local.get $a)) (f64.const 0))))
      (br_if $next (i32.ne (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 1003))))
    (call $hash))
  (func (export "copied_64") (result i32)
    (local $i i32) (local $a i32)
    (call $fill_64)
    (loop $next
      (local.set $a (i32.shl (local.get $i) (i32.const 3)))
      (f64.store offset=32768 (local.get $a) (f64.copysign (f64.mul (f64.load offset=0 (local.get $a)) (f64.const 1)) (f64.load offset=16384 (local.get $a))))
      (br_if $next (i32.ne (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 1003))))
    (call $hash)))
