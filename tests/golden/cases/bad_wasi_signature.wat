;; tiers: auto
;; exit: 1
;; err: anneal: FILE: import "wasi_snapshot_preview1" "fd_write" has another type than WASI preview 1 gives it
(module (import "wasi_snapshot_preview1" "fd_write" (func (param i32)))
  (memory (export "memory") 1)
  (func $_start (export "_start")))
