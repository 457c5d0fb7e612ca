"""Random modules of functions that go on in each other by tail calls, for tests/fuzz/run --tail-calls: seeds give bytes.

All functions have the same results and any parameters, often more than registers; the first counts down, so that every chain ends.
They leave each other directly and through a table, sometimes out of a loop that runs long enough to be left through OSR. Memory, a
global and the results tell two runs apart."""
import random

from text_module import text_module

TYPES = ["i32", "i64", "f32", "f64"]


def constant(r, t):
    return "(%s.const %s)" % (t, r.randint(-(9**9), 9**9) if t[0] == "i" else "%.3f" % r.uniform(-99, 99))


class Module:
    def __init__(self, seed):
        self.r = random.Random(seed)
        self.results = [self.r.choice(TYPES) for _ in range(self.r.choice([0, 1, 1, 2, 3]))]
        self.params = [[self.r.choice(TYPES) for _ in range(self.r.choice([0, 1, 2, 5, 6, 8, 12, 18, 25]))]
                       for _ in range(self.r.randint(3, 9))]

    def value(self, func, t):
        r = self.r
        have = ["(local.get %d)" % (i + 1) for i, p in enumerate(self.params[func]) if p == t]
        if not have or r.random() < 0.1:
            return constant(r, t)
        if r.random() < 0.5:
            return r.choice(have)
        return "(%s.%s %s %s)" % (t, r.choice(["add", "sub"]), r.choice(have), r.choice(have))

    def arguments(self, func, callee, count):
        return " ".join([count] + [self.value(func, t) for t in self.params[callee]])

    def tail_call(self, func):
        r, callee = self.r, self.r.randrange(len(self.params))
        args = self.arguments(func, callee, "(i32.sub (local.get 0) (i32.const %d))" % r.randint(1, 2))
        if r.random() < 0.5:
            return "(return_call $f%d %s)" % (callee, args)
        index = callee if r.random() < 0.97 else r.randrange(len(self.params) + 2)  # which may trap
        return "(return_call_indirect (type $t%d) %s (i32.const %d))" % (callee, args, index)

    def body(self, func):
        r = self.r
        yield "(global.set $g (i64.add (i64.mul (global.get $g) (i64.const 31)) (i64.extend_i32_s (local.get 0))))"
        for i, t in enumerate(self.params[func]):
            if r.random() < 0.3:
                yield "(%s.store offset=%d (i32.const 0) (local.get %d))" % (t, 8 * r.randint(0, 500), i + 1)
        end = " ".join(self.value(func, t) for t in self.results)
        yield "(if (i32.le_s (local.get 0) (i32.const 0)) (then (return %s)))" % end
        if r.random() < 0.25:
            callee = r.randrange(len(self.params))
            yield "(call $f%d %s) %s" % (callee, self.arguments(func, callee, "(i32.const 0)"), "(drop) " * len(self.results))
        if r.random() < 0.6:
            yield "(if (i32.and (local.get 0) (i32.const %d)) (then %s))" % (r.randint(1, 4), self.tail_call(func))
        if r.random() < 0.2:
            yield ("(loop $l (local.set $n (i32.add (local.get $n) (i32.const 1)))"
                   " (br_if $l (i32.lt_u (local.get $n) (i32.const %d))))" % r.choice([3, 40, 3000]))
        yield self.tail_call(func)

    def text(self):
        r, funcs = self.r, range(len(self.params))
        results = "(result %s)" % " ".join(self.results) if self.results else ""
        yield '(module (memory (export "memory") 1) (global $g (mut i64) (i64.const 0))'
        for f in funcs:
            yield "(type $t%d (func (param i32 %s) %s))" % (f, " ".join(self.params[f]), results)
        yield "(table funcref (elem %s))" % " ".join("$f%d" % f for f in funcs)
        for f in funcs:
            yield '(func $f%d (export "f%d") (type $t%d) (local $n i32) %s)' % (f, f, f, "\n".join(self.body(f)))
        for f in funcs[:3]:
            args = " ".join(["(i32.const %d)" % r.choice([10, 100, 1000, 3000])] + [constant(r, t) for t in self.params[f]])
            yield '(func (export "go%d") %s (call $f%d %s))' % (f, results, f, args)
        yield '(func (export "trace") (result i64) (global.get $g)))'


def make(seed):
    return text_module("\n".join(Module(seed).text()))
