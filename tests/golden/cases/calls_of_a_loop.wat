;; run: --compile=sync --invoke=often FILE 5000
;; where: hosted
;; osr: no
;; A function with a loop is called again and again from the same place, so that each of its frames is where the last
;; one was: it gets code for its next call, and its loop is not left as if it were one that goes on.
;; exit: 0
;; out: -954341999
(module (memory 1)
  (func $some (param $n i32) (result i32) (local $x i32)
    (loop $next
      (i32.store (i32.and (i32.mul (local.get $n) (i32.const 12)) (i32.const 0xfffc)) (local.get $x))
      (local.set $x (i32.add (i32.rotl (local.get $x) (i32.const 5)) (i32.add (local.get $n) (i32.load (i32.and (local.get $x) (i32.const 0xfffc))))))
      (br_if $next (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $x))
  (func (export "often") (param $n i32) (result i32) (local $sum i32)
    (loop $again
      (local.set $sum (i32.add (i32.mul (local.get $sum) (i32.const 3)) (call $some (i32.const 3000))))
      (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $sum)))
