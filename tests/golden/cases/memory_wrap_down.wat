;; run: --fuzz FILE
;; exit: 0
;; out: a_from_above = trap
;; out: a_was_stored = 4022000000000000
;; out: b_from_above = trap
;; out: b_was_stored = 4022000000000000
;; A loop that goes down past the memory's beginning: an access with an offset that would bring it back comes first, and traps.
(module (memory 1)
  (func (export "a_from_above") (local $p i32)
    (local.set $p (i32.const 32))
    (loop $next
      (i32.store offset=16 (local.get $p) (i32.add (local.get $p) (i32.const 100)))
      (i32.store (local.get $p) (i32.const 9))
      (local.set $p (i32.sub (local.get $p) (i32.const 8)))
      (br_if $next (i32.ne (local.get $p) (i32.const 64)))))
  (func (export "a_was_stored") (result i32)
    (i32.load (i32.const 8)))
  ;; the same where only some rounds have it
  (func (export "b_from_above") (local $p i32)
    (local.set $p (i32.const 544))
    (loop $next
      (if (i32.ne (i32.and (local.get $p) (i32.const 16)) (i32.const 0))
        (then (i32.store offset=528 (local.get $p) (i32.const 7))))
      (i32.store (local.get $p) (i32.const 9))
      (local.set $p (i32.sub (local.get $p) (i32.const 8)))
      (br_if $next (i32.ne (local.get $p) (i32.const 1024)))))
  (func (export "b_was_stored") (result i32)
    (i32.load (i32.const 520))))
