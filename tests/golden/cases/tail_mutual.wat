;; run: --invoke=even FILE 10000000
;; exit: 0
;; out: 1
;; out: 10000000
(module
  (table funcref (elem $odd))
  (func $even (export "even") (param i32) (result i32 i32)
    (return_call $step (local.get 0) (i32.const 0)))
  (func $step (param i32 i32) (result i32 i32)
    (if (i32.eqz (local.get 0)) (then (return (i32.const 1) (local.get 1))))
    (return_call_indirect (param i32 i32) (result i32 i32)
      (i32.sub (local.get 0) (i32.const 1)) (i32.add (local.get 1) (i32.const 1)) (i32.const 0)))
  (func $odd (param i32 i32) (result i32 i32)
    (if (i32.eqz (local.get 0)) (then (return (i32.const 0) (local.get 1))))
    (return_call $step (i32.sub (local.get 0) (i32.const 1)) (i32.add (local.get 1) (i32.const 1)))))
