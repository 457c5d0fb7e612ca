"""Random modules of loops over memory, for tests/fuzz/run --loops: seeds give bytes.

One function of nested loops, whose addresses go up and down in steps, mostly inside the memory, sometimes near its ends or around
4 GiB, with accesses that happen in some rounds only and exits in the middle. After a trap nothing else is compared."""
import random

from text_module import text_module

LOADS = ["i32.load", "i64.load", "f32.load", "f64.load", "i32.load8_u", "i32.load8_s", "i32.load16_u", "i64.load32_s"]
STORES = ["i32.store", "i64.store", "f32.store", "f64.store", "i32.store8", "i32.store16", "i64.store32"]
WILD = [0, 8, -8, -16, -64, -4096, 65536, 65528, 65472, -65536, 2**31 - 64, -(2**31), -(17 << 20)]


def sum_of(terms):
    text = terms[0]
    for t in terms[1:]:
        text = "(i32.add %s %s)" % (text, t)
    return text


class Module:
    def __init__(self, seed):
        self.r = random.Random(seed)
        self.depth = 0
        self.wild = self.r.random() < 0.5

    def address(self):
        """Address and offset; bases $b0 to $b3, counters $i0 up to the depth."""
        r = self.r
        terms = ["(local.get $b%d)" % r.randrange(4)]
        for d in range(self.depth):
            if d == self.depth - 1 or r.random() < 0.5:
                by = r.choice([0, 1, 2, 3, 3, 4, 6])
                i = "(local.get $i%d)" % d
                terms.append("(i32.shl %s (i32.const %d))" % (i, by) if by else i)
        if r.random() < 0.6:
            terms.append("(i32.const %d)" % r.choice([1, 4, 8, 8, 16, 64, 1000, -1, -4, -8, -8, -64, -1000]))
        r.shuffle(terms)
        offset = r.choice([0, 0, 0, 1, 4, 8, 16, 1024, 70000 if self.wild else 32])
        return sum_of(terms), offset

    def load(self):
        op = self.r.choice(LOADS)
        address, offset = self.address()
        text, t = "(%s offset=%d align=1 %s)" % (op, offset, address), op[:3]
        return {"i32": text, "i64": "(i32.wrap_i64 %s)", "f32": "(i32.reinterpret_f32 %s)",
                "f64": "(i32.wrap_i64 (i64.reinterpret_f64 %s))"}[t].replace("%s", text)

    def store(self):
        op = self.r.choice(STORES)
        address, offset = self.address()
        v = "(local.get $a)" if self.r.random() < 0.5 else "(local.get $i%d)" % max(self.depth - 1, 0)
        if self.r.random() < 0.4:
            v = self.load()
        v = {"i32": v, "i64": "(i64.extend_i32_s %s)" % v, "f32": "(f32.convert_i32_s %s)" % v,
             "f64": "(f64.convert_i32_u %s)" % v}[op[:3]]
        return "(%s offset=%d align=1 %s %s)" % (op, offset, address, v)

    def condition(self):
        i, r = "(local.get $i%d)" % max(self.depth - 1, 0), self.r
        return r.choice(["(i32.and %s (i32.const %d))" % (i, r.choice([1, 3, 8])),
                         "(i32.lt_u %s (i32.const %d))" % (i, r.randint(0, 40)),
                         "(i32.gt_s %s (i32.const %d))" % (i, r.randint(-20, 20)),
                         "(i32.and (local.get $a) (i32.const %d))" % r.choice([1, 2, 7])])

    def statement(self):
        r, kind = self.r, self.r.random()
        if kind < 0.35:
            return "(local.set $a (i32.add (local.get $a) %s))" % self.load()
        if kind < 0.45:
            return "(local.set $a (i32.add (i32.mul (local.get $a) (i32.const 31)) %s))" % self.load()
        if kind < 0.75:
            return self.store()
        if kind < 0.85:
            return "(if %s (then %s))" % (self.condition(), "\n".join(self.statement() for _ in range(r.randint(1, 2))))
        if kind < 0.9 and self.depth:
            return "(br_if $out%d (i32.eq (i32.and (local.get $a) (i32.const 255)) (i32.const %d)))" % (self.depth - 1, r.randint(0, 255))
        if kind < 0.93:
            b = r.randrange(4)
            return "(local.set $b%d (i32.add (local.get $b%d) (i32.const %d)))" % (b, b, r.choice([1, 4, 8, -8, 64]))
        return self.loop() if self.depth < 3 else "(drop %s)" % self.load()

    def unrolled(self, body, i, first, step, rounds):
        """As compilers do it; sometimes one copy is different."""
        times, copies = self.r.choice([2, 2, 3, 4, 5, 8]), []
        for k in range(times):
            by = k * step + (self.r.choice([-1, 1, 2]) if self.r.random() < 0.05 else 0)
            copies.append(body.replace(i, "(i32.add %s (i32.const %d))" % (i, by)) if by else body)
        if self.r.random() < 0.1:
            self.r.shuffle(copies)
        return "\n".join(copies), step * times, first + step * times * rounds

    def loop(self):
        r, d = self.r, self.depth
        step = r.choice([1, 1, 1, 1, 2, 4, 8, -1, -1, -2])
        rounds = r.choice([1, 2, 5, 9, 16, 17, 40]) if d else r.choice([1, 7, 40, 70, 200])
        first = r.choice([0, 0, 0, 1, -rounds * step, rounds * abs(step), -4])
        last = first + rounds * step
        self.depth += 1
        body = "\n".join(self.statement() for _ in range(r.randint(1, 4)))
        self.depth -= 1
        if r.random() < 0.5:
            body, step, last = self.unrolled(body, "(local.get $i%d)" % d, first, step, rounds)
        end = "(i32.ne (local.get $i%d) (i32.const %d))" % (d, last)
        if r.random() < 0.3:
            end = "(i32.%s (local.get $i%d) (i32.const %d))" % ("lt_s" if step > 0 else "gt_s", d, last)
        return ("(local.set $i{d} (i32.const {first})) (block $out{d} (loop $l{d} {body}"
                " (local.set $i{d} (i32.add (local.get $i{d}) (i32.const {step}))) (br_if $l{d} {end})))").format(
                    d=d, first=first, body=body, step=step, end=end)

    def text(self):
        r = self.r
        yield '(module (memory (export "memory") 1)'
        yield '(func (export "fill") (local $i i32) (loop $l (i32.store8 (local.get $i) (i32.mul (local.get $i) (i32.const 167)))'
        yield ' (br_if $l (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 65536)))))'
        yield '(func $work (param $b0 i32) (param $b1 i32) (param $b2 i32) (param $b3 i32) (result i32)'
        yield " (local $a i32)" + "".join(" (local $i%d i32)" % d for d in range(4))
        for _ in range(r.randint(1, 3)):
            yield self.loop()
        yield "(local.get $a))"
        yield '(func (export "go") (param i32) (result i32) (call $work'
        for _ in range(4):
            base = r.choice(WILD) if self.wild and r.random() < 0.4 else r.randint(2000, 40000)
            yield "(i32.add (local.get 0) (i32.const %d))" % base
        yield ")))"


def make(seed):
    return text_module("\n".join(Module(seed).text()))
