;; run: --threshold=20 --compile=sync --invoke-list=- FILE
;; in: flag 0
;; in: manyf 3000
;; in: manyg 3000
;; in: flag 1
;; in: manyg 100000
;; in: manyg 100000
;; in: manyg 100000
;; in: flag 0
;; in: manyf 100000
;; in: flag 1
;; in: manyf 100000
;; in: manyf 100000
;;
;; Calls that are left in a copy, which is in the code of its callers, and in code that a long call is still in although there is other code
;; by now: what has that code is compiled anew, or nothing, and not each time again what the copy was made of.
;; left: yes
;; compiled: 16
;; exit: 0
;; out: flag 0 =
;; out: manyf 3000 = 1086028324
;; out: manyg 3000 = 691921040
;; out: flag 1 =
;; out: manyg 100000 = -987496448
;; out: manyg 100000 = -987496448
;; out: manyg 100000 = -987496448
;; out: flag 0 =
;; out: manyf 100000 = 409550000
;; out: flag 1 =
;; out: manyf 100000 = 29949952
;; out: manyf 100000 = 29949952
(module
  (memory 1)
  (global $g (mut i32) (i32.const 0))
  (func $n (param i32) (global.set $g (i32.add (global.get $g) (local.get 0))))
  (func $f (export "f") (param $x i32) (param $how i32) (result i32)
    (local.set $x (i32.xor (i32.rotl (local.get $x) (i32.const 1)) (i32.add (local.get $how) (i32.load offset=64 (i32.and (local.get $x) (i32.const 0xffc))))))
    (local.set $x (i32.xor (i32.rotl (local.get $x) (i32.const 2)) (i32.add (local.get $how) (i32.load offset=64 (i32.and (local.get $x) (i32.const 0xffc))))))
    (local.set $x (i32.xor (i32.rotl (local.get $x) (i32.const 3)) (i32.add (local.get $how) (i32.load offset=64 (i32.and (local.get $x) (i32.const 0xffc))))))
    (local.set $x (i32.xor (i32.rotl (local.get $x) (i32.const 4)) (i32.add (local.get $how) (i32.load offset=64 (i32.and (local.get $x) (i32.const 0xffc))))))
    (local.set $x (i32.xor (i32.rotl (local.get $x) (i32.const 5)) (i32.add (local.get $how) (i32.load offset=64 (i32.and (local.get $x) (i32.const 0xffc))))))
    (local.set $x (i32.xor (i32.rotl (local.get $x) (i32.const 6)) (i32.add (local.get $how) (i32.load offset=64 (i32.and (local.get $x) (i32.const 0xffc))))))
    (local.set $x (i32.xor (i32.rotl (local.get $x) (i32.const 7)) (i32.add (local.get $how) (i32.load offset=64 (i32.and (local.get $x) (i32.const 0xffc))))))
    (local.set $x (i32.xor (i32.rotl (local.get $x) (i32.const 8)) (i32.add (local.get $how) (i32.load offset=64 (i32.and (local.get $x) (i32.const 0xffc))))))
    (local.set $x (i32.xor (i32.rotl (local.get $x) (i32.const 9)) (i32.add (local.get $how) (i32.load offset=64 (i32.and (local.get $x) (i32.const 0xffc))))))
    (local.set $x (i32.xor (i32.rotl (local.get $x) (i32.const 10)) (i32.add (local.get $how) (i32.load offset=64 (i32.and (local.get $x) (i32.const 0xffc))))))
    (local.set $x (i32.xor (i32.rotl (local.get $x) (i32.const 11)) (i32.add (local.get $how) (i32.load offset=64 (i32.and (local.get $x) (i32.const 0xffc))))))
    (local.set $x (i32.xor (i32.rotl (local.get $x) (i32.const 12)) (i32.add (local.get $how) (i32.load offset=64 (i32.and (local.get $x) (i32.const 0xffc))))))
    (local.set $x (i32.xor (i32.rotl (local.get $x) (i32.const 13)) (i32.add (local.get $how) (i32.load offset=64 (i32.and (local.get $x) (i32.const 0xffc))))))
    (local.set $x (i32.xor (i32.rotl (local.get $x) (i32.const 14)) (i32.add (local.get $how) (i32.load offset=64 (i32.and (local.get $x) (i32.const 0xffc))))))
    (local.set $x (i32.xor (i32.rotl (local.get $x) (i32.const 15)) (i32.add (local.get $how) (i32.load offset=64 (i32.and (local.get $x) (i32.const 0xffc))))))
    (local.set $x (i32.xor (i32.rotl (local.get $x) (i32.const 16)) (i32.add (local.get $how) (i32.load offset=64 (i32.and (local.get $x) (i32.const 0xffc))))))
    (local.set $x (i32.xor (i32.rotl (local.get $x) (i32.const 17)) (i32.add (local.get $how) (i32.load offset=64 (i32.and (local.get $x) (i32.const 0xffc))))))
    (local.set $x (i32.xor (i32.rotl (local.get $x) (i32.const 18)) (i32.add (local.get $how) (i32.load offset=64 (i32.and (local.get $x) (i32.const 0xffc))))))
    (local.set $x (i32.xor (i32.rotl (local.get $x) (i32.const 19)) (i32.add (local.get $how) (i32.load offset=64 (i32.and (local.get $x) (i32.const 0xffc))))))
    (local.set $x (i32.xor (i32.rotl (local.get $x) (i32.const 20)) (i32.add (local.get $how) (i32.load offset=64 (i32.and (local.get $x) (i32.const 0xffc))))))
    (local.set $x (i32.xor (i32.rotl (local.get $x) (i32.const 21)) (i32.add (local.get $how) (i32.load offset=64 (i32.and (local.get $x) (i32.const 0xffc))))))
    (local.set $x (i32.xor (i32.rotl (local.get $x) (i32.const 22)) (i32.add (local.get $how) (i32.load offset=64 (i32.and (local.get $x) (i32.const 0xffc))))))
    (local.set $x (i32.xor (i32.rotl (local.get $x) (i32.const 23)) (i32.add (local.get $how) (i32.load offset=64 (i32.and (local.get $x) (i32.const 0xffc))))))
    (local.set $x (i32.xor (i32.rotl (local.get $x) (i32.const 24)) (i32.add (local.get $how) (i32.load offset=64 (i32.and (local.get $x) (i32.const 0xffc))))))
    (if (i32.load (i32.const 0))
      (then
        (local.set $x (i32.add (i32.mul (local.get $x) (i32.const 5)) (i32.load offset=8 (i32.and (local.get $x) (i32.const 0xffc)))))
        (local.set $x (i32.add (i32.mul (local.get $x) (i32.const 82)) (i32.load offset=8 (i32.and (local.get $x) (i32.const 0xffc)))))
        (local.set $x (i32.add (i32.mul (local.get $x) (i32.const 159)) (i32.load offset=8 (i32.and (local.get $x) (i32.const 0xffc)))))
        (local.set $x (i32.add (i32.mul (local.get $x) (i32.const 236)) (i32.load offset=8 (i32.and (local.get $x) (i32.const 0xffc)))))
        (local.set $x (i32.add (i32.mul (local.get $x) (i32.const 313)) (i32.load offset=8 (i32.and (local.get $x) (i32.const 0xffc)))))
        (local.set $x (i32.add (i32.mul (local.get $x) (i32.const 390)) (i32.load offset=8 (i32.and (local.get $x) (i32.const 0xffc)))))
        (local.set $x (i32.add (i32.mul (local.get $x) (i32.const 467)) (i32.load offset=8 (i32.and (local.get $x) (i32.const 0xffc)))))
        (local.set $x (i32.add (i32.mul (local.get $x) (i32.const 544)) (i32.load offset=8 (i32.and (local.get $x) (i32.const 0xffc)))))
        (local.set $x (i32.add (i32.mul (local.get $x) (i32.const 621)) (i32.load offset=8 (i32.and (local.get $x) (i32.const 0xffc)))))
        (local.set $x (i32.add (i32.mul (local.get $x) (i32.const 698)) (i32.load offset=8 (i32.and (local.get $x) (i32.const 0xffc)))))
        (local.set $x (i32.add (i32.mul (local.get $x) (i32.const 775)) (i32.load offset=8 (i32.and (local.get $x) (i32.const 0xffc)))))
        (local.set $x (i32.add (i32.mul (local.get $x) (i32.const 852)) (i32.load offset=8 (i32.and (local.get $x) (i32.const 0xffc)))))
        (call $n (local.get $x))
        (call $n (i32.const 3))
        (call $n (i32.const 5))
        (call $n (local.get $how))))
    (local.get $x))
  (func $g (export "g") (param $x i32) (result i32)
    (i32.add (call $f (local.get $x) (i32.const 7)) (call $f (i32.add (local.get $x) (i32.const 1)) (i32.const 7))))
  (func (export "flag") (param i32) (i32.store (i32.const 0) (local.get 0)))
  (func (export "manyf") (param $n i32) (result i32)
    (local $s i32)
    (loop $l
      (local.set $s (i32.add (local.get $s) (call $f (local.get $n) (i32.and (local.get $n) (i32.const 3)))))
      (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $s))
  (func (export "manyg") (param $n i32) (result i32)
    (local $s i32)
    (loop $l
      (local.set $s (i32.add (local.get $s) (call $g (local.get $n))))
      (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $s)))
