;; run: --fuel=449 FILE
;; exit: 134
;; err: trap: all fuel used: 449 were given
;; err:   #0  _start, offset 0x91
(module
  (memory (export "memory") 1)
  (table $t 1000 funcref)
  (func $few (param i32) (result i32) (i32.add (local.get 0) (i32.const 1)))           ;; 4
  (func (export "_start") (local i32 i32)                                               ;; 23, the end too
    (local.set 0 (i32.const 10))
    (loop $outer                                                                        ;; 9 a round
      (local.set 1 (i32.const 3))
      (loop $inner                                                                      ;; 7 a round, a call of 4
        (br_if $inner (local.tee 1 (i32.sub (call $few (local.get 1)) (i32.const 2)))))
      (br_if $outer (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
    (memory.fill (i32.const 0) (i32.const 1) (i32.const 200))                           ;; 3 more by size
    (memory.copy (i32.const 200) (i32.const 0) (i32.const 64))                          ;; 1 more
    (table.fill $t (i32.const 0) (ref.null func) (i32.const 127))                       ;; 1 more
    (table.copy $t $t (i32.const 0) (i32.const 1) (i32.const 130))                      ;; 2 more
    (drop (memory.grow (i32.const 1)))))
