;; run: --threshold=20 --compile=sync --cold=1 --invoke=run FILE 2000
;; left: yes
;; exit: 134
;; err: trap: integer divide by zero
;; err:   #0  middle, offset 0x5d
;; err:   #1  run, offset 0x75
(module
  (func $nothing)
  (func $middle (param $n i32) (result i32) (local $x i32)
    (call $nothing) (call $nothing) (call $nothing)
    (local.set $x (i32.mul (local.get $n) (i32.const 77)))
    (if (i32.eqz (local.get $n))
      (then
        (local.set $x (i32.add (i32.mul (local.get $x) (i32.const 0x12345)) (i32.const 0x333)))
        (local.set $x (i32.sub (i32.mul (local.get $x) (i32.const 0x54321)) (i32.const 0x444)))
        (local.set $x (i32.div_u (local.get $x) (local.get $n)))))
    (local.get $x))
  (func $run (export "run") (param $n i32) (result i32) (local $sum i32)
    (loop $next
      (local.set $n (i32.sub (local.get $n) (i32.const 1)))
      (local.set $sum (i32.add (local.get $sum) (call $middle (local.get $n))))
      (br_if $next (local.get $n)))
    (local.get $sum)))
