;; A loop that has run often by the time it traps, called by a function that has been called often.
;; exit: 134
;; err: trap: out of bounds memory access
;; err:   #0  walk, offset 0x40
;; err:   #1  _start, offset 0x6a
(module
  (memory (export "memory") 2)
  (func $walk (param $from i32) (param $count i32) (result i32)
    (local $sum i32)
    loop $next
      local.get $sum
      local.get $from
      i32.load offset=8
      i32.add
      local.set $sum
      local.get $from
      i32.const 16
      i32.add
      local.set $from
      local.get $count
      i32.const 1
      i32.sub
      local.tee $count
      br_if $next
    end
    local.get $sum)
  (func (export "_start")
    (local $k i32)
    loop $again
      i32.const 0
      local.get $k
      i32.const 4
      i32.mul
      i32.const 1
      i32.add
      call $walk
      drop
      local.get $k
      i32.const 1
      i32.add
      local.tee $k
      i32.const 5000
      i32.lt_u
      br_if $again
    end))
