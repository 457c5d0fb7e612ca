;; tiers: auto
;; exit: 1
;; err: anneal: FILE: offset 0x16: unknown import "env"."missing": nothing provides it
(module (import "env" "missing" (func $missing (param i32)))
  (memory (export "memory") 1)
  (func $_start (export "_start") (call $missing (i32.const 1))))
