;; run: --timeout=250 FILE
;; exit: 134
;; err: trap: timeout: 250 ms are over
;; err...
(module
  (import "wasi_snapshot_preview1" "sched_yield" (func $yield (result i32)))
  (memory (export "memory") 1)
  (func $fib (param i32) (result i32)
    (if (result i32) (i32.lt_u (local.get 0) (i32.const 2)) (then (local.get 0))
      (else (i32.add (call $fib (i32.sub (local.get 0) (i32.const 1))) (call $fib (i32.sub (local.get 0) (i32.const 2)))))))
  (func (export "_start")
    (loop $again
      (drop (call $yield))
      (drop (call $fib (i32.const 10)))
      (br $again))))
