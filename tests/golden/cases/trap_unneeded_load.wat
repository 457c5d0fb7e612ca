;; run: --fuzz FILE
;; exit: 0
;; out: byte_is_not_1000 = trap
;; out: through_a_local = trap
(module (memory (export "memory") 1)
  (func (export "byte_is_not_1000") (result i32)
    (i32.ne (i32.load8_u (i32.const 65536)) (i32.const 1000)))
  (func (export "through_a_local") (result i32) (local i32)
    (local.set 0 (i32.load (i32.const 65533)))
    (i32.and (local.get 0) (i32.const 0))))
