;; run: --fuzz FILE
;; Pages that nothing has touched since the memory grew by them, each met by another kind of access. A page is met at its end first,
;; so that a part of it is beyond.
;; exit: 0
;; out: 01_load = 0000000000000000
;; out: 02_load_beyond = trap
;; out: 03_store = c0f0000000000000
;; out: 04_store_beyond = trap
;; out: 05_nothing_was_stored = 0n
;; out: 06_vector = 0000000000000000
;; out: 07_vector_beyond = trap
;; out: 08_fill = 401c000000000000
;; out: 09_fill_beyond = trap
;; out: 10_copy = 401c000000000000
;; out: 11_init = 4059000000000000
;; out: 12_many = 4000000000000000
;; out: 13_up_to_the_end = trap
;; out: 14_stored_up_to_the_end = 4014000000000000
;; out: 15_other = 4022000000000000
;; out: 16_other_beyond = trap
(module (memory $m 1) (memory $other 0)
  (data $text "untouched")
  (func $grow (result i32) (i32.shl (memory.grow $m (i32.const 1)) (i32.const 16)))
  (func (export "01_load") (result i32)
    (i32.load offset=65532 (call $grow)))
  (func (export "02_load_beyond") (result i32)
    (i32.load offset=65533 (call $grow)))
  (func (export "03_store") (result i32) (local $p i32)
    (local.set $p (call $grow))
    (i64.store offset=65528 (local.get $p) (i64.const -1))
    (i32.load offset=65526 (local.get $p)))
  (func (export "04_store_beyond")
    (i64.store offset=65529 (call $grow) (i64.const -1)))
  (func (export "05_nothing_was_stored") (result i64)
    (i64.load (i32.sub (i32.shl (memory.size $m) (i32.const 16)) (i32.const 8))))
  (func (export "06_vector") (result i32) (local $p i32)
    (local.set $p (call $grow))
    (v128.store offset=65519 (local.get $p) (i8x16.splat (i32.const 3)))
    (i8x16.extract_lane_u 15 (v128.load offset=65520 (local.get $p))))
  (func (export "07_vector_beyond")
    (v128.store offset=65521 (call $grow) (i8x16.splat (i32.const 3))))
  (func (export "08_fill") (result i32) (local $p i32)
    (local.set $p (call $grow))
    (memory.fill $m (local.get $p) (i32.const 7) (i32.const 65536))
    (i32.load8_u offset=65535 (local.get $p)))
  (func (export "09_fill_beyond")
    (memory.fill $m (call $grow) (i32.const 7) (i32.const 65537)))
  (func (export "10_copy") (result i32) (local $p i32) (local $q i32)
    (local.set $p (call $grow))
    (local.set $q (call $grow))
    (memory.copy $m $m (local.get $p) (local.get $q) (i32.const 65536))
    (memory.copy $m $m (local.get $p) (i32.sub (local.get $p) (i32.const 131072)) (i32.const 70000))
    (i32.load8_u (local.get $p)))
  (func (export "11_init") (result i32) (local $p i32)
    (local.set $p (call $grow))
    (memory.init $m $text (local.get $p) (i32.const 0) (i32.const 9))
    (i32.load8_u offset=8 (local.get $p)))
  ;; many pages: the last one first, then all of them up to the end and beyond
  (func (export "12_many") (result i32) (local $p i32) (local $n i32)
    (local.set $n (i32.const 40))
    (local.set $p (call $grow))
    (loop $next
      (drop (call $grow))
      (br_if $next (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (i32.store8 (i32.add (local.get $p) (i32.const 2621440)) (i32.const 1))
    (i32.store8 (local.get $p) (i32.const 1))
    (loop $next
      (local.set $n (i32.add (local.get $n) (i32.load8_u (local.get $p))))
      (local.set $p (i32.add (local.get $p) (i32.const 1)))
      (br_if $next (i32.lt_u (local.get $p) (i32.shl (memory.size $m) (i32.const 16)))))
    (local.get $n))
  (func (export "13_up_to_the_end") (local $p i32)
    (local.set $p (call $grow))
    (loop $next
      (i32.store (local.get $p) (i32.const 5))
      (local.set $p (i32.add (local.get $p) (i32.const 4)))
      (br $next)))
  (func (export "14_stored_up_to_the_end") (result i32)
    (i32.load (i32.sub (i32.shl (memory.size $m) (i32.const 16)) (i32.const 4))))
  ;; a memory that begins with nothing; both owe pages
  (func (export "15_other") (result i32) (local $n i32)
    (local.set $n (i32.const 5))
    (loop $next
      (drop (memory.grow $other (i32.const 1)))
      (drop (call $grow))
      (br_if $next (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (i32.store $other offset=327676 (i32.const 0) (i32.const 9))
    (i32.store $m (i32.sub (i32.shl (memory.size $m) (i32.const 16)) (i32.const 4)) (i32.const 8))
    (i32.add (i32.load $other offset=327676 (i32.const 0)) (i32.load $other (i32.const 65536))))
  (func (export "16_other_beyond") (result i32)
    (i32.load $other offset=65533 (i32.shl (memory.grow $other (i32.const 1)) (i32.const 16)))))
