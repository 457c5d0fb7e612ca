;; Where the greatest number is, from the end on, loaded again by its index each round: below the beginning of memory that access is out of
;; bounds, whose index has become negative.
;; listed: where extreme (
;; either: where 1600 400
;; either: where 1600 401
;; either: where 1600 403
;; either: where 1600 404
;; either: where 1600 405
;; either: where 1600 406
;; either: where 400..8000 100..3000
(module
  (memory 1)
  (func (export "fill") (param $seed i32) (param $kind i32) (param i32)
    (local $i i32)
    (loop $l
      (f32.store (i32.shl (local.get $i) (i32.const 2))
        (f32.convert_i32_s (i32.sub (i32.const 100000) (i32.mul (local.get $i) (i32.add (local.get $kind) (i32.const 1))))))
      (br_if $l (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 16384)))))
  (func (export "hash") (param i32) (result f32)
    (f32.load (i32.const 1000)))
  (func (export "where") (param $n i32) (param $rounds i32) (result i32)
    (local $p i32) (local $q i32) (local $best i32)
    (local.set $q (local.tee $best (i32.and (local.get $n) (i32.const 0xfff0))))
    (local.set $p (i32.add (local.get $q) (i32.const 16)))
    (loop $l
      (local.set $best (select (local.get $q) (local.get $best)
        (f32.gt (f32.load (local.get $p)) (f32.load offset=16 (local.get $best)))))
      (local.set $p (i32.sub (local.get $p) (i32.const 4)))
      (local.set $q (i32.sub (local.get $q) (i32.const 4)))
      (br_if $l (local.tee $rounds (i32.sub (local.get $rounds) (i32.const 1)))))
    (local.get $best))
)
