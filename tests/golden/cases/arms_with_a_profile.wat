;; run: --threshold=20 --compile=sync --cold=all --profile=on --invoke-list=- FILE
;; in: many 100 5000
;; in: f 100
;; in: f 5
;; in: f 3
;; in: many 100 5000
;; in: f 5
;;
;; Where all calls are counted nobody leaves calls to code of the baseline, which has no way in for that then.
;; exit: 0
;; out: many 100 5000 = 489166161
;; out: f 100 = 2099297851
;; out: f 5 = -1380034264
;; out: f 3 = 1439411736
;; out: many 100 5000 = -1452936748
;; out: f 5 = 1674930393
(module (memory (export "memory") 1) (global $g (mut i32) (i32.const 0))
 (func $n (param i32) (result i32) (global.set $g (i32.add (global.get $g) (local.get 0))) (i32.mul (local.get 0) (i32.const 3)))
 (func $f (export "f") (param $a i32) (result i32) (local $x i32) (local $k i32)
  (local.set $k (i32.const 10))
  (loop $l
   (local.set $x (i32.add (i32.mul (local.get $x) (i32.const 31)) (local.get $k)))
   (if (i32.eq (local.get $k) (local.get $a)) (then
     (local.set $x (call $n (local.get $x)))
     (local.set $x (i32.add (local.get $x) (call $n (local.get $k))))
     (local.set $x (i32.add (local.get $x) (call $n (local.get $k))))
     (i32.store (i32.const 16) (i32.xor (local.get $x) (i32.load (i32.const 16))))
   ))
   (br_if $l (local.tee $k (i32.sub (local.get $k) (i32.const 1)))))
  (i32.add (local.get $x) (i32.load (i32.const 16))))
 (func (export "many") (param $a i32) (param $n i32) (result i32) (local $s i32) (loop $l (local.set $s (i32.add (i32.rotl (local.get $s) (i32.const 3)) (call $f (local.get $a)))) (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1))))) (local.get $s)))
