;; run: --invoke=run FILE
;; module: bytes 0061736d010000000108026001690060000003030200010707010372756e00010a1702050020000a0b0f0002401f40010200d06910000b0b0b0016046e616d650108010005616761696e02050200000100
;; exit: 134
;; err: trap: null exception reference
;; err:   #0  again, offset 0x27
;; err:   #1  run, offset 0x34
(module
  (func $again (param exnref) (throw_ref (local.get 0)))
  (func (export "run") (block $h (try_table (catch_all $h) (call $again (ref.null exn))))))
