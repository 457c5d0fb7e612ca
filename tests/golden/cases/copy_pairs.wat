;; run: --fuzz FILE
;; Copies of neighbours, the upper one stored first, over themselves or not: both loads come before both stores, or they do not. The parameters are 0.
;; exit: 0
;; out: overlap_by_all_but_one = -586097243464362130n
;; out: high_load_first = -6372400446356962797n
;; out: load_store_load_store = -6083966845978732564n
;; out: store_between = 8895571834863865276n
;; out: halves_swapped = 5852178436642008911n
;; out: gap_between_loads = 5852171878377548362n
;; out: bytes_and_words = 5490461140141898335n
;; out: memory 3c9389c4170b79dd
(module (memory 1)
  (data (i32.const 1024) "abcdefghijklmnopqrstuvwxyz0123456789")
  (func $sum (param $p i32) (result i64)
    (i64.add
      (i64.add (i64.mul (i64.load (local.get $p)) (i64.const 3)) (i64.mul (i64.load offset=8 (local.get $p)) (i64.const 5)))
      (i64.add (i64.mul (i64.load offset=16 (local.get $p)) (i64.const 7)) (i64.mul (i64.load offset=24 (local.get $p)) (i64.const 11)))))
  ;; q is 1 above p: load, load, store, store
  (func (export "overlap_by_all_but_one") (param $p i32) (result i64) (local $q i32) (local $a i64) (local $b i64)
    (local.set $p (i32.add (local.get $p) (i32.const 1024)))
    (local.set $q (i32.add (local.get $p) (i32.const 1)))
    (local.set $a (i64.load (local.get $p)))
    (local.set $b (i64.load (i32.add (local.get $p) (i32.const 8))))
    (i64.store (i32.add (local.get $q) (i32.const 8)) (local.get $b))
    (i64.store (local.get $q) (local.get $a))
    (call $sum (i32.const 1024)))
  ;; the loads the other way round
  (func (export "high_load_first") (param $p i32) (result i64) (local $q i32) (local $a i64) (local $b i64)
    (local.set $p (i32.add (local.get $p) (i32.const 1024)))
    (local.set $q (i32.sub (local.get $p) (i32.const 3)))
    (local.set $b (i64.load offset=8 (local.get $p)))
    (local.set $a (i64.load (local.get $p)))
    (i64.store (i32.add (local.get $q) (i32.const 8)) (local.get $b))
    (i64.store (local.get $q) (local.get $a))
    (call $sum (i32.const 1020)))
  ;; near miss: the lower half is loaded behind the store of the upper one, which it overlaps
  (func (export "load_store_load_store") (param $p i32) (result i64) (local $q i32)
    (local.set $p (i32.add (local.get $p) (i32.const 1024)))
    (local.set $q (i32.sub (local.get $p) (i32.const 5)))
    (i64.store (i32.add (local.get $q) (i32.const 8)) (i64.load (i32.add (local.get $p) (i32.const 8))))
    (i64.store (local.get $q) (i64.load (local.get $p)))
    (call $sum (i32.const 1016)))
  ;; near miss: something else is stored between the two, over the lower one's place
  (func (export "store_between") (param $p i32) (param $r i32) (result i64) (local $q i32) (local $a i64) (local $b i64)
    (local.set $p (i32.add (local.get $p) (i32.const 1024)))
    (local.set $q (i32.add (local.get $p) (i32.const 16)))
    (local.set $r (i32.add (local.get $r) (i32.const 1046)))
    (local.set $a (i64.load (local.get $p)))
    (local.set $b (i64.load (i32.add (local.get $p) (i32.const 8))))
    (i64.store (i32.add (local.get $q) (i32.const 8)) (local.get $b))
    (i32.store (local.get $r) (i32.const -1))
    (i64.store (local.get $q) (local.get $a))
    (call $sum (i32.const 1040)))
  ;; near miss: what is stored below was loaded above
  (func (export "halves_swapped") (param $p i32) (result i64) (local $q i32) (local $a i64) (local $b i64)
    (local.set $p (i32.add (local.get $p) (i32.const 1024)))
    (local.set $q (i32.add (local.get $p) (i32.const 5)))
    (local.set $a (i64.load (local.get $p)))
    (local.set $b (i64.load (i32.add (local.get $p) (i32.const 8))))
    (i64.store (i32.add (local.get $q) (i32.const 8)) (local.get $a))
    (i64.store (local.get $q) (local.get $b))
    (call $sum (i32.const 1024)))
  ;; near miss: one word between what is loaded
  (func (export "gap_between_loads") (param $p i32) (result i64) (local $q i32) (local $a i32) (local $b i32)
    (local.set $p (i32.add (local.get $p) (i32.const 1024)))
    (local.set $q (i32.add (local.get $p) (i32.const 2)))
    (local.set $a (i32.load (local.get $p)))
    (local.set $b (i32.load (i32.add (local.get $p) (i32.const 8))))
    (i32.store (i32.add (local.get $q) (i32.const 4)) (local.get $b))
    (i32.store (local.get $q) (local.get $a))
    (call $sum (i32.const 1024)))
  (func (export "bytes_and_words") (param $p i32) (result i64) (local $q i32) (local $a i32) (local $b i32) (local $c i32) (local $d i32)
    (local.set $p (i32.add (local.get $p) (i32.const 1024)))
    (local.set $q (i32.add (local.get $p) (i32.const 9)))
    (local.set $a (i32.load8_u (local.get $p)))
    (local.set $b (i32.load8_u (i32.add (local.get $p) (i32.const 1))))
    (i32.store8 (i32.add (local.get $q) (i32.const 1)) (local.get $b))
    (i32.store8 (local.get $q) (local.get $a))
    (local.set $c (i32.load offset=9 (local.get $p)))
    (local.set $d (i32.load offset=13 (local.get $p)))
    (i32.store (i32.add (local.get $q) (i32.const 9)) (local.get $d))
    (i32.store offset=5 (local.get $q) (local.get $c))
    (call $sum (i32.const 1024))))
