;; module: unchecked
;; tiers: auto
;; exit: 1
;; err: anneal: FILE: offset 0x3c: type mismatch: expected i32, got f64 (i32.add)
(module (memory (export "memory") 1)
  (func $_start (export "_start") (drop (i32.add (i32.const 1) (f64.const 2)))))
