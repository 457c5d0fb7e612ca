;; run: --fuzz FILE
;; exit: 0
;; out: stores_until_the_end = trap
;; out: steps = 4031000000000000
;; out: overwrites_after_a_trap = trap
;; out: overwritten = 3ff0000000000000
(module (memory 1)
  (global $steps (mut i32) (i32.const 0))
  (func (export "stores_until_the_end") (local i32)
    (loop $next
      (global.set $steps (i32.add (global.get $steps) (i32.const 1)))
      (i32.store8 (local.get 0) (i32.const 7))
      (local.set 0 (i32.add (local.get 0) (i32.const 4096)))
      (br_if $next (i32.lt_u (local.get 0) (i32.const 1000000)))))
  (func (export "steps") (result i32) (global.get $steps))
  (func (export "overwrites_after_a_trap") (param i32)
    (i32.store (i32.const 8) (i32.const 1))
    (i32.store (i32.sub (local.get 0) (i32.const 2)) (i32.const 2))
    (i32.store (i32.const 8) (i32.const 3)))
  (func (export "overwritten") (result i32) (i32.load (i32.const 8))))
