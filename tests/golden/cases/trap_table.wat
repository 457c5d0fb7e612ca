;; run: --invoke=get FILE 3
;; exit: 134
;; err: trap: out of bounds table access
;; err:   #0  get, offset 0x2a
(module (table $t 3 externref)
  (func $get (export "get") (param i32) (result i32) (ref.is_null (table.get $t (local.get 0)))))
