;; tiers: auto
;; exit: 1
;; err: anneal: FILE: offset 0x31: illegal opcode fd: it needs the SIMD proposal
(module (memory (export "memory") 1)
  (func $_start (export "_start") (drop (i32x4.extract_lane 0 (v128.const i32x4 1 2 3 4)))))
