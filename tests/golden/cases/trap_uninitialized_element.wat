;; run: --invoke=call FILE 1
;; exit: 134
;; err: trap: uninitialized element
;; err:   #0  call, offset 0x2d
(module (table 2 funcref) (type $v (func))
  (func $call (export "call") (param i32) (call_indirect (type $v) (local.get 0))))
