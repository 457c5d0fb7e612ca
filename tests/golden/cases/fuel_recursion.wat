;; run: --fuel=2000 FILE
;; exit: 134
;; err: trap: all fuel used: 2000 were given
;; err...
(module
  (memory (export "memory") 1)
  (global $depth (mut i32) (i32.const 0))
  (func $down (global.set $depth (i32.add (global.get $depth) (i32.const 1))) (call $down) (global.set $depth (i32.const 0)))
  (func (export "_start") (call $down)))
