;; run: --invoke=main FILE
;; out: 600003
;; out: 600003
;; out: 1200010
;; out: 77
(module
  (tag $e (param i32))
  (tag $other)
  ;; Each loop runs long enough to be left in the middle of the call, through OSR, and then throws.
  (func $throw_at (param $i i32) (param $last i32)
    (if (i32.ge_u (local.get $i) (local.get $last)) (then (throw $e (local.get $i)))))
  ;; The loop is in the body of a `try`.
  (func $in_body (param $last i32) (result i32) (local $i i32)
    (try (result i32)
      (do
        (loop $again
          (call $throw_at (local.get $i) (local.get $last))
          (local.set $i (i32.add (local.get $i) (i32.const 1)))
          (br $again))
        (unreachable))
      (catch $other (unreachable))
      (catch $e (i32.add (i32.const 3)))))
  ;; The same below an operand, with a `try` that delegates between.
  (func $delegated (param $last i32) (result i32) (local $i i32)
    (i32.const 3)
    (try (result i32)
      (do
        (try
          (do (loop $again
            (call $throw_at (local.get $i) (local.get $last))
            (local.set $i (i32.add (local.get $i) (i32.const 1)))
            (br $again)))
          (delegate 0))
        (unreachable))
      (catch $e))
    (i32.add))
  ;; The loop is in a handler, which throws once more what it has.
  (func $in_handler (param $last i32) (result i32) (local $i i32)
    (try (result i32)
      (do
        (try
          (do (throw $e (i32.const 600010)))
          (catch $e
            (local.set $i)
            (loop $again
              (local.set $i (i32.add (local.get $i) (i32.const 1)))
              (br_if $again (i32.ne (local.get $i) (i32.const 1200010))))
            (rethrow 0)))
        (unreachable))
      (catch $e (i32.sub (i32.const 600010)) (i32.add (local.get $i)))))
  ;; Out of a loop that was entered in the middle, to a caller.
  (func $to_caller (param $last i32) (result i32)
    (try (result i32)
      (do (drop (call $no_handler (local.get $last))) (i32.const 1))
      (catch_all (i32.const 77))))
  (func $no_handler (param $last i32) (result i32) (local $i i32)
    (loop $again (result i32)
      (call $throw_at (local.get $i) (local.get $last))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br $again)))
  (func (export "main") (result i32 i32 i32 i32)
    (call $in_body (i32.const 600000)) (call $delegated (i32.const 600000)) (call $in_handler (i32.const 600000))
    (call $to_caller (i32.const 600000))))
