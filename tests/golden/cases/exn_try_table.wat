;; run: --invoke=run FILE
;; module: bytes 0061736d0100000001460a60017f0060000060067f7e7d7c7b7f0060027f690060027f7f006000017f6000067f7e7d7c7b7f60017f017f6000027f696000117f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f03141300000004050507050700050707070705080709040802700103036900040d09040001000000020003060b026901d0690b7f0141000b0707010372756e00120909010041000b030001020abc05130600200008010b2e002000428080808010430000003f44000000000000d03ffd0c01000000020000000300000004000000410708020b0900230141016a24010b190020000440200041016b20011003417f240105200110000b0b1500027f1f7f0100010041e807412a100341000b0b0b5102017f017b02061f4001000200410510010b000b2100210120002001fd1b036a210020002001fd1b006a2100440000000000005940a2aa20006a2100430000204194a820006a2100422088a720006a6a0b3d0002400240027f1f400102021f4003000002000101000101200045044008000b4109200041016b1100000b0b41030f0b41e4006a0f0b41010f0b41020b60020169017f02081f4001010100410b10000b000b2400210141022300260102691f40010300410225010a0b000b210002081f40010003004114200008030b000b210020016a21012001027f1f40010001002000d06941011c01690a0b000b6a0b3401017f03400240027f1f40010001002000410370450440200010000b0c020b000b20016a21010b200041016b22000d000b20010b200002401f40010200034041001002200041016b22000d000b0b0b41cd0008010b1400027f1f400100010041a09c0110090b417f0b0b2d00024002401f4001020102400240024020000e020201000b4105120c0b41010f0b0c010b0b412108010b417b0b0900200041326a08010b1100027f1f7f010001002000100b0b0f0b0b1c0002401f40010200200045044008000b200041016b120e0b0b41080b10001f7f0100010041c000100041000b0b0f001f400101010041c10010000b000b2701017f200003002100200120006a2101200004401f4001000101200041016b08010b0b0b20010b3e001004100541001006410110064102100641031006100741b0ea011008100a4100100d4101100d4102100d41c0843d100e100f10101a41e807101123010b00ca02046e616d65019f011200077468726f775f69010a7468726f775f77696465020463616c6d03046465657004077468726f756768050676616c75657306066e657374656407097265666572656e636508056c6f6f7073090d6c6566745f686f745f6c6f6f700a046c6566740b066c65617665730c047461696c0d056c656176650e047370696e0f096f776e5f6c6162656c100a6f776e5f6c6162656c3211096261636b5f65646765026313000001000200030200016e01017804000502000173010176060100057768696368070200017201016e080200016e0106636175676874090100016e0a000b010003686f770c000d010003686f770e0100016e0f001000110200016e010373756d1200040a0100077468726f776572050702000166010165070e0200046b657074010573746570730b170400046e6f6e650101690204776964650305636861696e
;; exit: 0
;; out: 42
;; out: 48
;; out: 1
;; out: 109
;; out: 2
;; out: 3
;; out: 42
;; out: 150015000
;; out: 77
;; out: 33
;; out: 1
;; out: 55
;; out: 8
;; out: 64
;; out: 65
;; out: 500500
;; out: 20001
(module
  (tag $none)
  (tag $i (param i32))
  (tag $wide (param i32 i64 f32 f64 v128 i32))
  (tag $chain (param i32 exnref))
  (type $thrower (func (param i32)))
  (table $f funcref (elem $throw_i $throw_wide $calm))
  (table $e 4 exnref)
  (global $kept (mut exnref) (ref.null exn))
  (global $steps (mut i32) (i32.const 0))
  (func $throw_i (param i32) (throw $i (local.get 0)))
  (func $throw_wide (param i32)
    (throw $wide (local.get 0) (i64.const 0x100000000) (f32.const 0.5) (f64.const 0.25)
      (v128.const i32x4 1 2 3 4) (i32.const 7)))
  (func $calm (param i32) (global.set $steps (i32.add (global.get $steps) (i32.const 1))))
  ;; frames between the throw and whoever catches
  (func $deep (param $n i32) (param $x i32)
    (if (local.get $n)
      (then (call $deep (i32.sub (local.get $n) (i32.const 1)) (local.get $x))
            (global.set $steps (i32.const -1)))
      (else (call $throw_i (local.get $x)))))
  (func $through (result i32)
    (block $h (result i32)
      (try_table (result i32) (catch $i $h) (call $deep (i32.const 1000) (i32.const 42)) (i32.const 0))))
  ;; all values of all types arrive
  (func $values (result i32)
    (local $s i32) (local $v v128)
    (block $h (result i32 i64 f32 f64 v128 i32)
      (try_table (catch $wide $h) (call $throw_wide (i32.const 5)))
      (unreachable))
    (local.set $s)
    (local.set $v)
    (local.set $s (i32.add (local.get $s) (i32x4.extract_lane 3 (local.get $v))))
    (local.set $s (i32.add (local.get $s) (i32x4.extract_lane 0 (local.get $v))))
    (f64.const 100) (f64.mul) (i32.trunc_f64_s) (local.get $s) (i32.add) (local.set $s)
    (f32.const 10) (f32.mul) (i32.trunc_f32_s) (local.get $s) (i32.add) (local.set $s)
    (i64.const 32) (i64.shr_u) (i32.wrap_i64) (local.get $s) (i32.add)
    (i32.add))
  ;; the first clause that fits, outer ones when none does
  (func $nested (param $which i32) (result i32)
    (block $outer
      (block $all
        (block $mine (result i32)
          (try_table (catch_all $outer)
            (try_table (catch $none $all) (catch $i $mine) (catch $i 1)
              (if (i32.eqz (local.get $which)) (then (throw $none)))
              (call_indirect $f (type $thrower) (i32.const 9) (i32.sub (local.get $which) (i32.const 1)))))
          (return (i32.const 3)))
        (return (i32.add (i32.const 100))))
      (return (i32.const 1)))
    (i32.const 2))
  ;; references: kept in globals and tables, thrown again, in values of other exceptions
  (func $reference (result i32)
    (local $r exnref) (local $n i32)
    (block $h (result i32 exnref)
      (try_table (catch_ref $i $h) (call $throw_i (i32.const 11)))
      (unreachable))
    (global.set $kept)
    (local.set $n)
    (table.set $e (i32.const 2) (global.get $kept))
    (block $again (result exnref)
      (try_table (catch_all_ref $again) (throw_ref (table.get $e (i32.const 2))))
      (unreachable))
    (local.set $r)
    (block $c (result i32 exnref)
      (try_table (catch $chain $c) (throw $chain (i32.const 20) (local.get $r)))
      (unreachable))
    (local.set $r)
    (local.set $n (i32.add (local.get $n)))
    (i32.add (local.get $n)
      (block $last (result i32)
        (try_table (catch $i $last) (throw_ref (select (result exnref) (local.get $r) (ref.null exn) (i32.const 1))))
        (unreachable))))
  ;; hot loops inside and around regions; every third round throws
  (func $loops (param $n i32) (result i32)
    (local $caught i32)
    (loop $l
      (block $h
        (block $v (result i32)
          (try_table (catch $i $v)
            (if (i32.eqz (i32.rem_u (local.get $n) (i32.const 3))) (then (call $throw_i (local.get $n))))
            (br $h))
          (unreachable))
        (local.set $caught (i32.add (local.get $caught))))
      (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $caught))
  ;; the region is left before the loop that throws ends: nobody catches it twice
  (func $left_hot_loop (param $n i32)
    (block $h
      (try_table (catch_all $h)
        (loop $l (call $calm (i32.const 0))
          (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))))
    (throw $i (i32.const 77)))
  (func $left (result i32)
    (block $h (result i32)
      (try_table (catch $i $h) (call $left_hot_loop (i32.const 20000)))
      (i32.const -1)))
  ;; a branch, a return and a tail call leave a region
  (func $leaves (param $how i32) (result i32)
    (block $h
      (block $out
        (try_table (catch_all $h)
          (block $b0 (block $b1 (block $b2
            (br_table $b0 $b1 $b2 (local.get $how)))
            (return_call $tail (i32.const 5)))
            (return (i32.const 1)))
          (br $out)))
      (throw $i (i32.const 33)))
    (i32.const -5))
  (func $tail (param i32) (result i32) (throw $i (i32.add (local.get 0) (i32.const 50))))
  (func $leave (param $how i32) (result i32)
    (block $h (result i32)
      (return (try_table (result i32) (catch $i $h) (call $leaves (local.get $how))))))
  ;; tail calls out of functions that catch run in constant stack
  (func $spin (param $n i32) (result i32)
    (block $h
      (try_table (catch_all $h)
        (if (i32.eqz (local.get $n)) (then (throw $none)))
        (return_call $spin (i32.sub (local.get $n) (i32.const 1)))))
    (i32.const 8))
  ;; catches at the function's own label
  (func $own_label (result i32) (try_table (result i32) (catch $i 0) (call $throw_i (i32.const 64)) (i32.const 0)))
  (func $own_label2 (result i32 exnref) (try_table (catch_ref $i 0) (call $throw_i (i32.const 65))) (unreachable))
  (func $back_edge (param $n i32) (result i32)
    (local $sum i32)
    (local.get $n)
    (loop $l (param i32)
      (local.set $n)
      (local.set $sum (i32.add (local.get $sum) (local.get $n)))
      (if (local.get $n)
        (then (try_table (catch $i $l) (throw $i (i32.sub (local.get $n) (i32.const 1)))))))
    (local.get $sum))
  (func (export "run") (result i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32)
    (call $through)
    (call $values)
    (call $nested (i32.const 0))
    (call $nested (i32.const 1))
    (call $nested (i32.const 2))
    (call $nested (i32.const 3))
    (call $reference)
    (call $loops (i32.const 30000))
    (call $left)
    (call $leave (i32.const 0))
    (call $leave (i32.const 1))
    (call $leave (i32.const 2))
    (call $spin (i32.const 1000000))
    (call $own_label)
    (drop (call $own_label2))
    (call $back_edge (i32.const 1000))
    (global.get $steps)))
