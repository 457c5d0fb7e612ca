"""Random modules of loops with vectors, for tests/fuzz/run --vectors: seeds give bytes.

Loops as compilers vectorise them for 128 bits: loads and stores that go on by 16 bytes, operations by lane between them, sums of integers, lanes
that become wider or narrower. Arrays often overlap, one copy of an unrolled body is sometimes different, and some lanes are mixed up."""
import random

from text_module import text_module

LANES = {"f32x4": 4, "f64x2": 8, "i32x4": 4, "i16x8": 2, "i8x16": 1, "i64x2": 8}
OPERATIONS = {"f32x4": ["add", "sub", "mul", "min", "pmax"], "f64x2": ["add", "sub", "mul", "max", "pmin"],
              "i32x4": ["add", "sub", "mul", "min_s", "max_u"], "i16x8": ["add", "mul", "add_sat_s", "avgr_u", "min_u"],
              "i8x16": ["add", "sub_sat_u", "avgr_u", "max_s"], "i64x2": ["add", "sub", "mul"]}
WIDER = {"i32x4": "i16x8", "i16x8": "i8x16"}


class Module:
    def __init__(self, seed):
        self.r = random.Random(seed)
        self.type = self.r.choice(list(LANES))
        self.bases = [2048 * k + self.r.choice([0, 0, 0, 4, 8]) for k in self.r.sample(range(1, 15), 4)]
        if self.r.random() < 0.4:  # some of them overlap
            self.bases[1] = self.bases[0] + self.r.choice([0, 1, 4, 8, 12, 16, 32, 100, -4, -8, -16, -64])
        self.down = self.r.random() < 0.15

    def at(self, by):
        near = self.r.choice([0, 0, 0, 0, LANES[self.type], -LANES[self.type], 16]) if not by else 0
        return "(i32.add (local.get $b%d) (local.get $i))" % self.r.randrange(4), by + near

    def address(self, by):
        where, offset = self.at(by)
        return "offset=%d %s" % (offset, where) if offset >= 0 else "(i32.add %s (i32.const %d))" % (where, offset)

    def constant(self):
        one = self.r.choice(["0.5", "1", "3", "-0.25"]) if self.type[0] == "f" else str(self.r.randint(-5, 100))
        lanes = [one] * (16 // LANES[self.type])
        if self.r.random() < 0.1:
            lanes[0] = "7"
        return "(v128.const %s %s)" % (self.type, " ".join(lanes))

    def reversed(self, v):
        w = LANES[self.type]
        order = [w * (16 // w - 1 - k // w) + k % w for k in range(16)]
        if self.r.random() < 0.3:
            self.r.shuffle(order)
        return "(i8x16.shuffle %s %s %s)" % (" ".join(map(str, order)), v, v)

    def value(self, by, depth=0):
        r, kind = self.r, self.r.random()
        if depth > 3 or kind < 0.35:
            if self.type == "f32x4" and r.random() < 0.1:
                return "(f32x4.convert_i32x4_s (v128.load %s))" % self.address(by)
            load = "(v128.load %s)" % self.address(by)
            return self.reversed(load) if r.random() < (0.5 if self.down else 0.05) else load
        if kind < 0.5:
            return self.constant()
        if kind < 0.6:
            return "(%s.splat %s)" % (self.type, {"f": "(%s.convert_i32_s (local.get $b3))", "i": "(local.get $b3)"}[self.type[0]].replace(
                "%s", self.type[:3]) if self.type != "i64x2" else "(i64.extend_i32_u (local.get $b3))")
        if kind < 0.7 and self.type in WIDER:
            return "(%s.extend_%s_%s_%s %s)" % (self.type, r.choice(["low", "low", "high"]), WIDER[self.type], r.choice("su"),
                                                r.choice(["(v128.load %s)", "(v128.load64_zero %s)"]) % self.address(by))
        if kind < 0.78 and self.type in ("f32x4", "i32x4"):
            other = {"f32x4": "f32x4.eq", "i32x4": "i32x4.gt_s"}[self.type]
            return "(v128.bitselect %s %s (%s %s %s))" % (self.value(by, 3), self.value(by, 3), other, self.value(by, 2), self.value(by, 2))
        return "(%s.%s %s %s)" % (self.type, r.choice(OPERATIONS[self.type]), self.value(by, depth + 1), self.value(by, depth + 1))

    def store(self, by):
        r = self.r
        if r.random() < 0.1 and self.type == "i16x8":
            v = self.value(by)
            where, offset = self.at(by)
            return "(v128.store64_lane offset=%d 0 %s (i8x16.narrow_i16x8_s %s %s))" % (max(offset, 0), where, v, v)
        return "(v128.store %s %s)" % (self.address(by), self.value(by))

    def loop(self):
        r = self.r
        times, rounds = r.choice([1, 1, 1, 2, 4]), r.choice([1, 2, 5, 9, 16, 33])
        body = [self.store(0) for _ in range(r.choice([1, 1, 2]))]
        state = r.getstate()
        summed = self.type in ("i32x4", "i16x8", "i64x2") and r.random() < 0.5
        copies = []
        for k in range(times):
            r.setstate(state)
            copies.append([b.replace("(local.get $i)", "(i32.add (local.get $i) (i32.const %d))" % (16 * k)) if k else b for b in body])
            if summed:
                acc = "$s%d" % (k % 2)
                v = self.value(0).replace("(local.get $i)", "(i32.add (local.get $i) (i32.const %d))" % (16 * k))
                if self.type == "i32x4" and r.random() < 0.5:
                    v = "(i32x4.dot_i16x8_s %s %s)" % (v, self.value(0).replace("(local.get $i)", "(i32.add (local.get $i) (i32.const %d))" % (16 * k)))
                copies[-1].append("(local.set %s (%s.add (local.get %s) %s))" % (acc, self.type, acc, v))
        if summed and r.random() < 0.5:
            copies = [[c[-1]] for c in copies]
        step = -16 * times if self.down else 16 * times
        first, last = (16 * times * (rounds - 1), -16 * times) if self.down else (0, 16 * times * rounds)
        yield "(local.set $i (i32.const %d)) (local.set $s0 (v128.const i32x4 0 0 0 0)) (local.set $s1 (v128.const i32x4 1 0 0 0))" % first
        yield "(loop $l %s (br_if $l (i32.ne (local.tee $i (i32.add (local.get $i) (i32.const %d))) (i32.const %d))))" % (
            "\n".join("\n".join(c) for c in copies), step, last)
        if summed:
            yield "(local.set $s0 (%s.add (local.get $s0) (local.get $s1)))" % self.type
            lanes = range(16 // LANES[self.type])
            sign = {"i16x8": "_s"}.get(self.type, "")
            for k in lanes if r.random() < 0.8 else lanes[1:]:
                v = "(%s.extract_lane%s %d (local.get $s0))" % (self.type, sign, k)
                yield "(local.set $a (i32.add (local.get $a) %s))" % ("(i32.wrap_i64 %s)" % v if self.type == "i64x2" else v)

    def text(self):
        r = self.r
        yield '(module (memory (export "memory") 1)'
        yield '(func (export "fill") (local $i i32) (loop $l'
        for width, t in ((4, "f32"), (8, "f64")):
            if self.type.startswith(t):
                yield "(%s.store (local.get $i) (%s.convert_i32_s (i32.sub (i32.rem_u (i32.mul (local.get $i) (i32.const 7919)) (i32.const 257))" \
                      " (i32.const 128))))" % (t, t)
                step = width
        if self.type[0] == "i":
            yield "(i32.store8 (local.get $i) (i32.mul (local.get $i) (i32.const 167)))"
            step = 1
        yield "(br_if $l (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const %d))) (i32.const 65536)))))" % step
        yield "(func $work (param $b0 i32) (param $b1 i32) (param $b2 i32) (param $b3 i32) (result i32)"
        yield "(local $i i32) (local $a i32) (local $s0 v128) (local $s1 v128)"
        for _ in range(r.randint(1, 3)):
            yield from self.loop()
        yield "(local.get $a))"
        yield '(func (export "go") (param i32) (result i32) (call $work'
        for b in self.bases:
            yield "(i32.add (local.get 0) (i32.const %d))" % b
        yield ")))"


def make(seed):
    return text_module("\n".join(Module(seed).text()))
