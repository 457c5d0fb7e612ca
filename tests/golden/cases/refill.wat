;; run: --fuzz FILE
;; Readers of bits, { bits, used, next, left } of 4 bytes each: what they load and store, and what they do not where they need not. The parameters are 0.
;; exit: 0
;; out: enough = 4181223340000000
;; out: enough_left = 1822926724592n
;; out: used_up = 41a5598448000000
;; out: used_up_left = 1875609424322n
;; out: at_the_end = trap
;; out: at_the_end_left = 8383776714495n
;; out: over_bits = 41b1221122000000
;; out: over_bits_left = 96922537986n
;; out: over_used = 40c4448000000000
;; out: over_used_left = 2877670592550n
;; out: over_next = 40c4810000000000
;; out: over_next_left = 6178914996298n
;; out: over_left = 4080080000000000
;; out: over_left_left = 6726187782254n
;; out: over_two = 40da000000000000
;; out: over_two_left = 7252052840581n
;; out: unseen_enough = 40c1220000000000
;; out: unseen_used_up = 41d5598448800000
;; out: unseen_left = 226341982658n
;; out: seen_beyond = trap
;; out: again = 41ade21558000000
;; out: again_left = 1820062299076n
(module (memory 1)
  ;; not used up, next is beyond memory
  (data (i32.const 64) "\44\33\22\11" "\03\00\00\00" "\f0\ff\ff\ff" "\20\00\00\00")
  ;; used up
  (data (i32.const 96) "\44\33\22\11" "\13\00\00\00" "\c0\00\00\00" "\20\00\00\00")
  (data (i32.const 192) "\66\55\88\77")
  ;; used up, next is the last byte of memory
  (data (i32.const 128) "\44\33\22\11" "\1f\00\00\00" "\ff\ff\00\00" "\20\00\00\00")
  ;; used up, next is bits, used, next, left, and between bits and used
  (data (i32.const 256) "\44\33\22\11" "\10\00\00\00" "\00\01\00\00" "\20\00\00\00")
  (data (i32.const 288) "\44\33\22\11" "\15\00\00\00" "\24\01\00\00" "\20\00\00\00")
  (data (i32.const 320) "\44\33\22\11" "\1b\00\00\00" "\48\01\00\00" "\20\00\00\00")
  (data (i32.const 352) "\44\33\22\11" "\1c\00\00\00" "\6c\01\00\00" "\20\00\00\00")
  (data (i32.const 384) "\44\33\22\11" "\1d\00\00\00" "\83\01\00\00" "\20\00\00\00")
  ;; the last bytes of memory, where left would be beyond: not used up, used up
  (data (i32.const 65524) "\44\33\22\11" "\0f\00\00\00" "\c0\00\00\00")
  (data (i32.const 32768) "\44\33\22\11" "\10\00\00\00" "\c0\00\00\00" "\20\00\00\00")
  ;; the bits that come next; `left` was looked at before
  (func $refill (param $p i32) (result i32) (local $bits i32) (local $used i32) (local $next i32)
    (if (i32.lt_u (i32.load offset=12 (local.get $p)) (i32.const 8)) (then (return (i32.const -1))))
    (local.set $bits (i32.load (local.get $p)))
    (if (i32.ge_u (local.tee $used (i32.load offset=4 (local.get $p))) (i32.const 16)) (then
      (i32.store offset=4 (local.get $p) (local.tee $used (i32.xor (local.get $used) (i32.const 16))))
      (i32.store (local.get $p) (local.tee $bits (i32.shr_u (local.get $bits) (i32.const 16))))
      (local.set $next (i32.load offset=8 (local.get $p)))
      (local.set $bits (i32.or (local.get $bits) (i32.shl (i32.load16_u (local.get $next)) (i32.const 16))))
      (i32.store offset=12 (local.get $p) (i32.sub (i32.load offset=12 (local.get $p)) (i32.const 2)))
      (i32.store offset=8 (local.get $p) (i32.add (local.get $next) (i32.const 2)))
      (i32.store (local.get $p) (local.get $bits))))
    (i32.shr_u (local.get $bits) (local.get $used)))
  ;; nothing has looked at `left`
  (func $refill_unseen (param $p i32) (result i32) (local $bits i32) (local $used i32) (local $next i32)
    (local.set $bits (i32.load (local.get $p)))
    (if (i32.ge_u (local.tee $used (i32.load offset=4 (local.get $p))) (i32.const 16)) (then
      (i32.store offset=4 (local.get $p) (local.tee $used (i32.xor (local.get $used) (i32.const 16))))
      (local.set $next (i32.load offset=8 (local.get $p)))
      (local.set $bits (i32.or (i32.shr_u (local.get $bits) (i32.const 16)) (i32.shl (i32.load16_u (local.get $next)) (i32.const 16))))
      (i32.store offset=8 (local.get $p) (i32.add (local.get $next) (i32.const 2)))
      (i32.store offset=12 (local.get $p) (i32.sub (i32.load offset=12 (local.get $p)) (i32.const 2)))
      (i32.store (local.get $p) (local.get $bits))))
    (i32.shr_u (local.get $bits) (local.get $used)))
  ;; all fields, mixed
  (func $fields (param $p i32) (result i64)
    (i64.xor (i64.rotl (i64.load (local.get $p)) (i64.const 7)) (i64.load offset=8 (local.get $p))))
  (func (export "enough") (param $p i32) (result i32) (call $refill (i32.add (local.get $p) (i32.const 64))))
  (func (export "enough_left") (param $p i32) (result i64) (call $fields (i32.const 64)))
  (func (export "used_up") (param $p i32) (result i32) (call $refill (i32.add (local.get $p) (i32.const 96))))
  (func (export "used_up_left") (result i64) (call $fields (i32.const 96)))
  (func (export "at_the_end") (param $p i32) (result i32) (call $refill (i32.add (local.get $p) (i32.const 128))))
  (func (export "at_the_end_left") (result i64) (call $fields (i32.const 128)))
  (func (export "over_bits") (param $p i32) (result i32) (call $refill (i32.add (local.get $p) (i32.const 256))))
  (func (export "over_bits_left") (result i64) (call $fields (i32.const 256)))
  (func (export "over_used") (param $p i32) (result i32) (call $refill (i32.add (local.get $p) (i32.const 288))))
  (func (export "over_used_left") (result i64) (call $fields (i32.const 288)))
  (func (export "over_next") (param $p i32) (result i32) (call $refill (i32.add (local.get $p) (i32.const 320))))
  (func (export "over_next_left") (result i64) (call $fields (i32.const 320)))
  (func (export "over_left") (param $p i32) (result i32) (call $refill (i32.add (local.get $p) (i32.const 352))))
  (func (export "over_left_left") (result i64) (call $fields (i32.const 352)))
  (func (export "over_two") (param $p i32) (result i32) (call $refill (i32.add (local.get $p) (i32.const 384))))
  (func (export "over_two_left") (result i64) (call $fields (i32.const 384)))
  (func (export "unseen_enough") (param $p i32) (result i32) (call $refill_unseen (i32.add (local.get $p) (i32.const 65524))))
  (func (export "unseen_used_up") (param $p i32) (result i32) (call $refill_unseen (i32.add (local.get $p) (i32.const 32768))))
  (func (export "unseen_left") (result i64) (call $fields (i32.const 32768)))
  (func (export "seen_beyond") (param $p i32) (result i32) (call $refill (i32.add (local.get $p) (i32.const 65524))))
  ;; again: what was stored by then is 16 bits further
  (func (export "again") (param $p i32) (result i32)
    (i32.store (i32.const 100) (i32.or (i32.load (i32.const 100)) (i32.const 16)))
    (call $refill (i32.add (local.get $p) (i32.const 96))))
  (func (export "again_left") (result i64) (call $fields (i32.const 96))))
