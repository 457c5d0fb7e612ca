;; run: --fuzz FILE
;; exit: 0
;; out: a_store_before = trap
;; out: a_was_stored = 401c000000000000
;; out: b_store_between = trap
;; out: b_was_stored = 4022000000000000
;; What is stored before an access that traps stays, also where an address of the same round has wrapped around before.
(module (memory 1)
  (func (export "a_store_before") (param $p i32)
    (local.set $p (i32.sub (local.get $p) (i32.const 4)))
    (loop $next
      (i32.store (i32.add (local.get $p) (i32.const 8)) (i32.const 7))
      (i32.store (local.get $p) (i32.const 9))
      (local.set $p (i32.add (local.get $p) (i32.const 16)))
      (br_if $next (i32.lt_u (local.get $p) (i32.const 4096)))))
  (func (export "a_was_stored") (result i32)
    (i32.load (i32.const 4)))
  ;; the load's address wraps, a store to somewhere else comes next, then the one that traps
  (func (export "b_store_between") (param $p i32) (param $q i32) (result i32) (local $sum i32)
    (local.set $p (i32.sub (local.get $p) (i32.const 4)))
    (loop $next
      (local.set $sum (i32.add (local.get $sum) (i32.load (i32.add (local.get $p) (i32.const 8)))))
      (i32.store offset=512 (local.get $q) (i32.const 9))
      (local.set $sum (i32.add (local.get $sum) (i32.load (local.get $p))))
      (local.set $q (i32.add (local.get $q) (i32.const 4)))
      (local.set $p (i32.add (local.get $p) (i32.const 16)))
      (br_if $next (i32.lt_u (local.get $p) (i32.const 4096))))
    (local.get $sum))
  (func (export "b_was_stored") (result i32)
    (i32.load (i32.const 512))))
