;; run: --invoke-list=- FILE
;; in: # a comment, and an empty line
;; in:
;; in: next
;; in: next  
;; in: count
;; in: div 7 0
;; in: half -nan:0x7 inf
;; in: "two\20\"words\"\0a" 0x00000000000000010000000000000002 17
;; in: "next"
;; in: drop 4
;; in: stop 3
;; in: next
;; exit: 3
;; out: next = 1
;; out: next = 2
;; out: count = 2
;; out: div 7 0 = trap: integer divide by zero
;; out: half -nan:0x7 inf = -nan:0x7 inf
;; out: "two\20\"words\"\0a" 0x00000000000000010000000000000002 17 = 17 0x00000000000000010000000000000002
;; out: "next" = 3
;; out: drop 4 =
(module
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (memory (export "memory") 1)
  (global $count (export "count") (mut i64) (i64.const 0))
  (func (export "next") (result i64)
    (global.set $count (i64.add (global.get $count) (i64.const 1))) (global.get $count))
  (func (export "div") (param i32 i32) (result i32) (i32.div_u (local.get 0) (local.get 1)))
  (func (export "half") (param f32 f64) (result f32 f64) (local.get 0) (local.get 1))
  (func (export "two \"words\"\0a") (param v128 externref) (result externref v128) (local.get 1) (local.get 0))
  (func (export "drop") (param i32))
  (func (export "stop") (param i32) (call $exit (local.get 0))))
