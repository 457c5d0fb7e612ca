;; module: truncated 60
;; tiers: auto
;; exit: 1
;; err: anneal: FILE: offset 0x3c: unexpected end
(module (memory (export "memory") 1)
  (func $_start (export "_start") (drop (i32.add (i32.const 1) (i32.const 2))) (drop (i32.const 3))))
