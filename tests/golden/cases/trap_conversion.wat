;; run: --invoke=truncate FILE nan
;; exit: 134
;; err: trap: invalid conversion to integer
;; err:   #0  truncate, offset 0x29
(module
  (func $truncate (export "truncate") (param f64) (result i32) (i32.trunc_f64_s (local.get 0))))
