;; run: --invoke=walk FILE 3000000
;; exit: 134
;; err: trap: integer divide by zero
;; err:   #0  walk, offset 0x4e
(module (memory 1)
  (func $walk (export "walk") (param $n i32) (result i32) (local $i i32) (local $sum i32)
    (loop $next
      (local.set $sum (i32.add (local.get $sum) (i32.load8_u (i32.and (local.get $i) (i32.const 65535)))))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br_if $next (i32.lt_u (local.get $i) (local.get $n))))
    (i32.div_u (local.get $n) (local.get $sum))))
