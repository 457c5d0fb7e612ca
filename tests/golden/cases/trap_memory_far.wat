;; run: --invoke=store FILE -1
;; exit: 134
;; err: trap: out of bounds memory access
;; err:   #0  put, offset 0x2d
;; err:   #1  store, offset 0x39
(module (memory 1)
  (func $put (param i32) (i64.store offset=0xffffffff (local.get 0) (i64.const 1)))
  (func $store (export "store") (param i32) (call $put (local.get 0))))
