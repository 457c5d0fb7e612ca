;; run: --invoke=call FILE 9
;; exit: 134
;; err: trap: undefined element
;; err:   #0  call, offset 0x2d
(module (table 2 funcref) (type $v (func))
  (func $call (export "call") (param i32) (call_indirect (type $v) (local.get 0))))
