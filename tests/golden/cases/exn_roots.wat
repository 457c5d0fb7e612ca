;; run: --invoke=run FILE
;; module: bytes 0061736d01000000012f0960017f006002697f0060017f0169600169017f60017f017f6002697f017f6000017f600002697f6000047f7f7f7f030a090203000405040606080407026900646900000d0502000000010606016901d0690b0707010372756e00080ae10209100002691f40010300200008000b000b0b1000027f1f400100000020000a0b000b0b13000340200010001a200041016b22000d000b0b2e010169200010002101200041e8076c10002000047f200041016b10030541a08d06100241000b1004200110016a0b09002000100120016a0b3001036941011000210141141000210241ac02100021032000044041e0d40310020b2001100120021001200310016a6a0b6101027f03402000200010002600200041016a220041e400490d000b41a08d0610004102fc0f011a41c0843d1000240041e0d40310020340200041016b210020012000250010016a210120000d000b20014101250110016a21012001230010016a0b4e020169027f034002691f400103002000200108010b000b2100200141016a220141e807490d000b41e0d4031002034002071f400100010020000a0b000b20026a210221002000d1450d000b20020b0e004132100341011005100610070b009d01046e616d6501340800046d616b65010576616c75650205636875726e03066672616d6573040373756d050468656c6406046b65707407046c69737402410900000100020100016e030200016e01046d696e650400050400016e010161020162030163060200016b010373756d070300046865616401016b020373756d0800050b02000174010567726f776e0704010001670b0a02000169010470616972
;; exit: 0
;; out: 1276275
;; out: 321
;; out: 1104950
;; out: 499500
(module
  (tag $i (param i32))
  (tag $pair (param exnref i32))
  (table $t 100 exnref)
  (table $grown 0 exnref)
  (global $g (mut exnref) (ref.null exn))
  (func $make (param i32) (result exnref)
    (block $h (result exnref)
      (try_table (catch_all_ref $h) (throw $i (local.get 0)))
      (unreachable)))
  (func $value (param exnref) (result i32)
    (block $h (result i32) (try_table (catch $i $h) (throw_ref (local.get 0))) (unreachable)))
  ;; garbage for several collections
  (func $churn (param $n i32)
    (loop $l (drop (call $make (local.get $n))) (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1))))))
  ;; each frame keeps one in a local and one as an operand
  (func $frames (param $n i32) (result i32)
    (local $mine exnref)
    (local.set $mine (call $make (local.get $n)))
    (call $make (i32.mul (local.get $n) (i32.const 1000)))
    (if (result i32) (local.get $n)
      (then (call $frames (i32.sub (local.get $n) (i32.const 1))))
      (else (call $churn (i32.const 100000)) (i32.const 0)))
    (call $sum)
    (i32.add (call $value (local.get $mine))))
  (func $sum (param exnref i32) (result i32) (i32.add (call $value (local.get 0)) (local.get 1)))
  (func $held (param $n i32) (result i32)
    (local $a exnref) (local $b exnref) (local $c exnref)
    (local.set $a (call $make (i32.const 1)))
    (local.set $b (call $make (i32.const 20)))
    (local.set $c (call $make (i32.const 300)))
    (if (local.get $n) (then (call $churn (i32.const 60000))))
    (i32.add (call $value (local.get $a)) (i32.add (call $value (local.get $b)) (call $value (local.get $c)))))
  (func $kept (result i32)
    (local $k i32) (local $sum i32)
    (loop $l
      (table.set $t (local.get $k) (call $make (local.get $k)))
      (br_if $l (i32.lt_u (local.tee $k (i32.add (local.get $k) (i32.const 1))) (i32.const 100))))
    (drop (table.grow $grown (call $make (i32.const 100000)) (i32.const 2)))
    (global.set $g (call $make (i32.const 1000000)))
    (call $churn (i32.const 60000))
    (loop $m
      (local.set $k (i32.sub (local.get $k) (i32.const 1)))
      (local.set $sum (i32.add (local.get $sum) (call $value (table.get $t (local.get $k)))))
      (br_if $m (local.get $k)))
    (local.set $sum (i32.add (local.get $sum) (call $value (table.get $grown (i32.const 1)))))
    (i32.add (local.get $sum) (call $value (global.get $g))))
  ;; a list of 1000 whose head alone is held
  (func $list (result i32)
    (local $head exnref) (local $k i32) (local $sum i32)
    (loop $l
      (block $h (result exnref)
        (try_table (catch_all_ref $h) (throw $pair (local.get $head) (local.get $k)))
        (unreachable))
      (local.set $head)
      (br_if $l (i32.lt_u (local.tee $k (i32.add (local.get $k) (i32.const 1))) (i32.const 1000))))
    (call $churn (i32.const 60000))
    (loop $m
      (block $p (result exnref i32)
        (try_table (catch $pair $p) (throw_ref (local.get $head)))
        (unreachable))
      (local.set $sum (i32.add (local.get $sum)))
      (local.set $head)
      (br_if $m (i32.eqz (ref.is_null (local.get $head)))))
    (local.get $sum))
  (func (export "run") (result i32 i32 i32 i32)
    (call $frames (i32.const 50)) (call $held (i32.const 1)) (call $kept) (call $list)))
