;; run: --threshold=20 --compile=sync --invoke-list=- FILE
;; in: many 0 0 1000
;; in: many 0 0 1000
;; in: many 0 0 1000
;; in: once 0 41
;; in: set 0 1
;; in: many 0 1 10
;; in: once 0 41
;; in: set 0 2
;; in: many 0 1 10
;; in: set 0 3
;; in: many 0 1 10
;; in: many 4 1 10
;; in: grow
;; in: many 4 1 10
;; in: set 4 0
;; in: many 4 1 10
;; in: set 0 0
;; in: many 0 1 10
;; in: pair 0 7 5
;; in: pair 0 7 5
;; in: pair 0 7 5
;; in: set 1 0
;; in: pair 1 7 5
;;
;; An indirect call whose callee was nearly always the same is compiled as a call of that one, if it is still
;; there. Then the table changes: another function, none, one of another type, an index that only exists after
;; the table has grown, and the old one again.
;; exit: 0
;; out: many 0 0 1000 = 1000
;; out: many 0 0 1000 = 1000
;; out: many 0 0 1000 = 1000
;; out: once 0 41 = 42
;; out: set 0 1 =
;; out: many 0 1 10 = 1024
;; out: once 0 41 = 82
;; out: set 0 2 =
;; out: many 0 1 10 = trap: indirect call type mismatch
;; out: set 0 3 =
;; out: many 0 1 10 = trap: uninitialized element
;; out: many 4 1 10 = trap: undefined element
;; out: grow = 4
;; out: many 4 1 10 = trap: uninitialized element
;; out: set 4 0 =
;; out: many 4 1 10 = 11
;; out: set 0 0 =
;; out: many 0 1 10 = 11
;; out: pair 0 7 5 = 5 7
;; out: pair 0 7 5 = 5 7
;; out: pair 0 7 5 = 5 7
;; out: set 1 0 =
;; out: pair 1 7 5 = 7 5
(module
  (type $unary (func (param i32) (result i32)))
  (type $swap (func (param i32 i32) (result i32 i32)))
  (table $t 4 20 funcref)
  (table $s 2 funcref)
  (table $all 5 funcref)
  (elem (table $t) (i32.const 0) func $plus)
  (elem (table $s) (i32.const 0) func $swapped $same)
  (elem (table $all) (i32.const 0) func $plus $twice $none)
  (elem declare func $plus $twice $none)
  (func $plus (type $unary) (i32.add (local.get 0) (i32.const 1)))
  (func $twice (type $unary) (i32.shl (local.get 0) (i32.const 1)))
  (func $none)
  (func $swapped (type $swap) (local.get 1) (local.get 0))
  (func $same (type $swap) (local.get 0) (local.get 1))
  (func (export "many") (param $at i32) (param $x i32) (param $n i32) (result i32)
    (loop $l
      (local.set $x (call $once (local.get $at) (local.get $x)))
      (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $x))
  (func $once (export "once") (param $at i32) (param $x i32) (result i32)
    (call_indirect $t (type $unary) (local.get $x) (local.get $at)))
  (func $swap_once (param $at i32) (param $a i32) (param $b i32) (result i32 i32)
    (call_indirect $s (type $swap) (local.get $a) (local.get $b) (local.get $at)))
  (func (export "pair") (param $at i32) (param $a i32) (param $b i32) (result i32 i32)
    (local $n i32)
    (local.set $n (i32.const 1001))
    (loop $l
      (call $swap_once (local.get $at) (local.get $a) (local.get $b))
      (local.set $b)
      (local.set $a)
      (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $a) (local.get $b))
  ;; puts plus (0), twice (1), none, which is of another type (2), or null (3) at an index
  (func (export "set") (param $at i32) (param $which i32)
    (table.set $t (local.get $at) (table.get $all (local.get $which))))
  (func (export "grow") (result i32) (table.grow $t (ref.null func) (i32.const 4))))
