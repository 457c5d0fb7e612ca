;; run: --invoke=run FILE 10000000
;; where: hosted
;; module: bytes 0061736d01000000010a0260017f0060017f017f03030200010d030100000707010372756e00010a40020600200008000b37020169017f034002691f40010300200010000b000b2101027f1f400100000020010a0b000b20026a2102200041016b22000d000b20020b0028046e616d6501090100067468726f77730210020000010300016e010172020373756d0b0401000169
;; exit: 0
;; out: -2004260032
(module
  (tag $i (param i32))
  (func $throws (param i32) (throw $i (local.get 0)))
  ;; catches, throws the same again, catches that
  (func (export "run") (param $n i32) (result i32)
    (local $r exnref) (local $sum i32)
    (loop $l
      (block $h (result exnref)
        (try_table (catch_all_ref $h) (call $throws (local.get $n)))
        (unreachable))
      (local.set $r)
      (block $again (result i32)
        (try_table (catch $i $again) (throw_ref (local.get $r)))
        (unreachable))
      (local.set $sum (i32.add (local.get $sum)))
      (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $sum)))
