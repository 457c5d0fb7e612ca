;; run: --invoke=get FILE
;; exit: 0
;; out: 7
(module (global $g (mut i32) (i32.const 1))
  (func (export "_initialize") (global.set $g (i32.const 7)))
  (func (export "get") (result i32) (global.get $g)))
