;; run: --threshold=1000 --compile=sync --invoke=f FILE 3000000 3
;;
;; A function whose loop was left for optimised code calls itself from there: that is another call, and has its line.
;; osr: yes
;; exit: 134
;; err: trap: integer divide by zero
;; err:   #0  f, offset 0x7c
;; err:   #1  f, offset 0x72
;; err:   #2  f, offset 0x72
;; err:   #3  f, offset 0x72
(module
  (memory 1)
  (global $g (mut i32) (i32.const 0))
  (func $n (global.set $g (i32.add (global.get $g) (i32.const 1))))
  (func $f (export "f") (param $n i32) (param $d i32) (result i32)
    (local $x i32) (local $k i32)
    (call $n)
    (call $n)
    (call $n)
    (local.set $k (local.get $n))
    (loop $l
      (local.set $x (i32.add (i32.mul (local.get $x) (i32.const 31)) (i32.load (i32.and (local.get $k) (i32.const 0xfff)))))
      (br_if $l (local.tee $k (i32.sub (local.get $k) (i32.const 1)))))
    (if (local.get $d)
      (then (local.set $x (i32.add (local.get $x) (call $f (i32.const 1) (i32.sub (local.get $d) (i32.const 1))))))
      (else (local.set $x (i32.div_u (local.get $x) (local.get $d)))))
    (local.get $x)))
