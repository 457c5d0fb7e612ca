"""Random modules that throw and catch, for tests/fuzz/run --exceptions: seeds give bytes.

Functions call each other and branch, throw and catch, in blocks of the new kind (try_table) or of the older one (try); sometimes both in
one module; a third of the modules make tail calls too. Fuel in a global ends what would not end; a trace in another, which the last
export returns, tells two runs apart that took different ways to the same results. Some loops run long enough to be left through
OSR."""
import random

I32, I64, EXNREF, VOID = 0x7F, 0x7E, 0x69, None
TAGS = [[], [I32], [I64], [I32, I64], [I64, I32, I32]]
FUEL, CALL_COST = 3000000, 3000  # so no recursion is deep enough to use up the stack


def leb(n):
    out = bytearray()
    while True:
        byte, n = n & 0x7F, n >> 7
        if n == 0:
            return bytes(out + bytes([byte]))
        out.append(byte | 0x80)


def sleb(n):
    out = bytearray()
    while True:
        byte, n = n & 0x7F, n >> 7
        if (n == 0 and not byte & 0x40) or (n == -1 and byte & 0x40):
            return bytes(out + bytes([byte]))
        out.append(byte | 0x80)


def vec(items):
    items = list(items)
    return leb(len(items)) + b"".join(items)


def section(number, payload):
    return bytes([number]) + leb(len(payload)) + payload


class Module:
    def __init__(self, seed):
        self.r = random.Random(seed)
        self.types = []
        # Node has the older form only: seeds 0, 2, 4... compare with it.
        self.forms = ["try"] if seed % 2 == 0 else self.r.choice([["try_table"], ["try_table", "try"]])
        self.tails = self.r.choice([0, 0, 1])
        self.signatures = [([self.r.choice([I32, I64]) for _ in range(self.r.randint(0, 7 if self.r.random() < 0.2 else 3))],
                            self.r.choice([I32, I64])) for _ in range(self.r.randint(3, 8))]
        bodies = [Function(self, k).body() for k in range(len(self.signatures))]
        self.bytes = self.encode(bodies)

    def type_index(self, params, results):
        t = (tuple(params), tuple(results))
        if t not in self.types:
            self.types.append(t)
        return self.types.index(t)

    def encode(self, bodies):
        functions = [self.type_index(p, [r]) for p, r in self.signatures]
        tags = [self.type_index(t, []) for t in TAGS]
        exports = []
        for k, (params, result) in enumerate(self.signatures):  # each is called once, with a full tank
            exports.append(b"\x02f%d\x00" % k + leb(len(functions)))
            functions.append(self.type_index([], [result]))
            args = b"".join((b"\x41" if t == I32 else b"\x42") + sleb(self.r.choice([0, 3, -1])) for t in params)
            bodies.append(b"\x00\x41" + sleb(FUEL) + b"\x24\x00" + args + b"\x10" + leb(k) + b"\x0b")
        exports.append(b"\x05trace\x00" + leb(len(functions)))
        functions.append(self.type_index([], [I64]))
        bodies.append(b"\x00\x23\x01\x0b")
        types = [b"\x60" + vec(bytes([t]) for t in p) + vec(bytes([t]) for t in q) for p, q in self.types]
        table = leb(1) + b"\x70\x00" + leb(len(self.signatures))
        return (b"\0asm\1\0\0\0" + section(1, vec(types)) + section(3, vec(leb(f) for f in functions)) + section(4, table) +
                section(13, vec(b"\x00" + leb(t) for t in tags)) +
                section(6, vec([b"\x7f\x01\x41" + sleb(FUEL) + b"\x0b", b"\x7e\x01\x42\x00\x0b"])) +
                section(7, vec(exports)) +
                section(9, vec([b"\x00\x41\x00\x0b" + vec(leb(k) for k in range(len(self.signatures)))])) +
                section(10, vec(leb(len(b)) + b for b in bodies)))


class Function:
    """Labels are (types of a branch, kind), the innermost last; kind: None, "catch" (what was caught can be thrown again)."""

    def __init__(self, module, index):
        self.m, self.r, self.index = module, module.r, index
        self.params, self.result = module.signatures[index]
        self.locals = self.params + [I32, I64, I32, I64]
        if "try_table" in module.forms:
            self.locals = self.locals + [EXNREF, EXNREF]
        self.labels = [([self.result], None)]
        self.size = 0

    def body(self):
        code = self.burn(CALL_COST) + self.expr(self.result, 0) + b"\x0b"
        declared = self.locals[len(self.params):]
        return vec(b"\x01" + bytes([t]) for t in declared) + code

    # --- Pieces: each returns bytes.
    def const(self, t):
        n = self.r.choice([0, 1, 2, 7, -1, self.r.randint(-1000, 1000)])
        return (b"\x41" if t == I32 else b"\x42") + sleb(n)

    def trace(self):
        return b"\x23\x01\x42\x1f\x7e\x42" + sleb(self.r.randint(1, 10**6)) + b"\x7c\x24\x01"

    def burn(self, by):
        """Returns from the function when the fuel is used up."""
        code = b"\x23\x00\x41" + sleb(by) + b"\x6b\x24\x00\x23\x00\x41\x00\x48\x04\x40"
        return code + (b"\x41\x63" if self.result == I32 else b"\x42\x63") + b"\x0f\x0b"

    def pick(self, t):
        where = [k for k, u in enumerate(self.locals) if u == t]
        return self.r.choice(where) if where else None

    def blocktype(self, params, results):
        if not params and len(results) <= 1:
            return bytes([results[0]]) if results else b"\x40"
        return leb(self.m.type_index(params, results))

    def inside(self, types, kind, make):
        self.labels.append((types, kind))
        code = make()
        self.labels.pop()
        return code

    def mix(self, t, other):
        """[other, t] -> [t]: what depends on both."""
        wrap = {(I32, I64): b"\x21%s\xa7\x20%s\x73", (I64, I32): b"\x21%s\xac\x20%s\x85"}.get((t, other))
        k = leb(self.pick(t))
        return wrap.replace(b"%s", k) if wrap else (b"\x73" if t == I32 else b"\x85")

    def exprs(self, types, depth):
        return b"".join(self.expr(t, depth) for t in types)

    def expr(self, t, depth):
        """Code that leaves one value of type t."""
        self.size += 1
        if depth > 6 or self.size > 120:
            leaf = self.pick(t)
            return b"\x20" + leb(leaf) if leaf is not None and self.r.random() < 0.7 else self.const(t)
        kinds = ["const", "local", "binary", "binary", "set", "call", "call", "block", "loop", "if", "br_if", "catch", "catch", "catch",
                 "catch", "throw", "throw_if", "throw_if", "again", "trap", "indirect", "trace", "delegate"] + ["tail"] * self.m.tails
        return getattr(self, "make_" + self.r.choice(kinds))(t, depth + 1)

    def make_const(self, t, depth):
        return self.const(t)

    def make_trap(self, t, depth):
        if self.r.random() < 0.9:
            return self.make_binary(t, depth)
        return self.exprs([t, t], depth) + (b"\x6d" if t == I32 else b"\x7f")

    def make_trace(self, t, depth):
        return self.trace() + self.expr(t, depth)

    def make_local(self, t, depth):
        return b"\x20" + leb(self.pick(t))

    def make_set(self, t, depth):
        u = self.r.choice([I32, I64])
        return self.expr(u, depth) + b"\x21" + leb(self.pick(u)) + self.expr(t, depth)

    def make_binary(self, t, depth):
        op = self.r.choice([(b"\x6a", b"\x7c"), (b"\x6b", b"\x7d"), (b"\x6c", b"\x7e"), (b"\x73", b"\x85")])
        return self.exprs([t, t], depth) + op[t == I64]

    def callee(self, t):
        """A function with this result; mostly one that cannot lead back here."""
        first = self.index + 1 if self.r.random() < 0.95 else 0
        fits = [k for k, (_, result) in enumerate(self.m.signatures) if result == t and k >= first]
        return self.r.choice(fits) if fits else None

    def make_call(self, t, depth):
        k = self.callee(t)
        if k is None:
            return self.make_binary(t, depth)
        return self.exprs(self.m.signatures[k][0], depth + 1) + b"\x10" + leb(k)

    def make_indirect(self, t, depth):
        k = self.callee(t)
        if k is None:
            return self.make_binary(t, depth)
        params, result = self.m.signatures[k]
        return self.exprs(params, depth + 1) + b"\x41" + sleb(k) + b"\x11" + leb(self.m.type_index(params, [result])) + b"\x00"

    def make_tail(self, t, depth):
        """Under a condition: nothing of this function is left then, handlers included."""
        k = self.callee(self.result)
        if k is None:
            return self.make_binary(t, depth)
        args = self.inside([], None, lambda: self.exprs(self.m.signatures[k][0], depth + 1))
        return b"\x20" + leb(self.pick(I32)) + b"\x04\x40" + args + b"\x12" + leb(k) + b"\x0b" + self.expr(t, depth)

    def make_block(self, t, depth):
        below = self.const(I32) if self.r.random() < 0.3 else b""
        code = b"\x02" + bytes([t]) + self.inside([t], None, lambda: self.expr(t, depth)) + b"\x0b"
        return below + code + (self.mix(t, I32) if below else b"")

    def make_if(self, t, depth):
        c = self.expr(I32, depth)
        then = self.inside([t], None, lambda: self.expr(t, depth))
        other = self.inside([t], None, lambda: self.expr(t, depth))
        return c + b"\x04" + bytes([t]) + then + b"\x05" + other + b"\x0b"

    def make_loop(self, t, depth):
        """local = n; sum = 0; loop: sum ^= expr; local -= 1; if local: again. The sum is the loop's parameter."""
        count = self.r.choice([2, 3, 10, 150000])
        i = self.locals.index(I32, len(self.params)) if self.r.random() < 0.5 else self.pick(I32)
        code = b"\x41" + sleb(count) + b"\x21" + leb(i) + self.const(t)
        code += b"\x03" + leb(self.m.type_index([t], [t]))

        def once():
            body = self.burn(1)
            body += self.expr(t, depth + (2 if count > 1000 else 0)) + (b"\x73" if t == I32 else b"\x85")
            return body + b"\x20" + leb(i) + b"\x41\x01\x6b\x22" + leb(i) + b"\x41\x00\x4a\x0d\x00"

        return code + self.inside([t], None, once) + b"\x0b"

    def make_br_if(self, t, depth):
        fits = [k for k, (types, _) in enumerate(reversed(self.labels)) if types == [t]]
        if not fits:
            return self.make_binary(t, depth)
        k = self.r.choice(fits)
        if k + 1 < len(self.labels) and self.r.random() < 0.3:
            return self.expr(I32, depth) + b"\x1a" + self.expr(t, depth) + self.expr(I32, depth) + b"\x0d" + leb(k)
        return self.expr(t, depth) + self.expr(I32, depth) + b"\x0d" + leb(k)

    # --- Exceptions.
    def make_throw(self, t, depth):
        if self.r.random() < 0.5:
            return self.make_throw_if(t, depth)
        tag = self.r.randrange(len(TAGS))
        return self.trace() + self.exprs(TAGS[tag], depth + 1) + b"\x08" + leb(tag)

    def make_throw_if(self, t, depth):
        """Throws when a condition of locals holds, mostly late in a loop."""
        tag = self.r.randrange(len(TAGS))
        c = b"\x20" + leb(self.pick(I32)) + b"\x41" + sleb(self.r.choice([1, 3, 77777])) + self.r.choice([b"\x46", b"\x46", b"\x4a"])
        thrown = self.inside([], None, lambda: self.exprs(TAGS[tag], depth + 1))
        return c + b"\x04\x40" + thrown + b"\x08" + leb(tag) + b"\x0b" + self.expr(t, depth)

    def make_again(self, t, depth):
        """Throws once more what was caught."""
        bodies = [k for k, (_, kind) in enumerate(reversed(self.labels)) if kind == "catch"]
        if bodies and self.r.random() < 0.7:
            return self.trace() + b"\x09" + leb(self.r.choice(bodies))
        ref = self.pick(EXNREF)
        if ref is None:
            return self.make_throw(t, depth)
        return (b"\x20" + leb(ref) + b"\xd1\x45\x04\x40\x20" + leb(ref) + b"\x0a\x0b" + self.expr(t, depth))

    def make_catch(self, t, depth):
        return getattr(self, "catch_" + self.r.choice(self.m.forms))(t, depth)

    def values_to(self, t, types):
        """[types] -> [t]"""
        code = b""
        for u in reversed(types):
            if u == EXNREF:
                code += b"\x21" + leb(self.pick(EXNREF))
            else:
                code += b"\x21" + leb(self.pick(u))
        return self.trace() + code

    def catch_try_table(self, t, depth):
        clauses = []
        for _ in range(self.r.randint(0, 3)):
            kind = self.r.choice([0, 0, 1, 2, 3])
            tag = self.r.randrange(len(TAGS))
            clauses.append((kind, tag, (TAGS[tag] if kind < 2 else []) + ([EXNREF] if kind & 1 else [])))
        code = b"\x02" + bytes([t])  # where all ways meet
        self.labels.append(([t], None))
        for kind, tag, types in clauses:
            code += b"\x02" + self.blocktype([], types)
            self.labels.append((types, None))
        n = len(clauses)
        code += b"\x1f" + bytes([t]) + leb(n)
        for k, (kind, tag, types) in enumerate(clauses):
            code += bytes([kind]) + (leb(tag) if kind < 2 else b"") + leb(n - 1 - k)
        code += self.inside([t], None, lambda: self.expr(t, depth)) + b"\x0b\x0c" + leb(n)
        for kind, tag, types in reversed(clauses):
            self.labels.pop()
            code += b"\x0b" + self.values_to(t, types) + self.expr(t, depth) + b"\x0c" + leb(len(self.labels) - 1 - self.labels_at(n))
            n -= 1
        self.labels.pop()
        return code + b"\x0b"

    def labels_at(self, n):
        return len(self.labels) - n

    def catch_try(self, t, depth):
        code = b"\x06" + bytes([t]) + self.inside([t], None, lambda: self.expr(t, depth))
        for tag in self.r.sample(range(len(TAGS)), self.r.randint(0, 2)):
            code += b"\x07" + leb(tag) + self.values_to(t, TAGS[tag]) + self.inside([t], "catch", lambda: self.expr(t, depth))
        if self.r.random() < 0.4:
            code += b"\x19" + self.trace() + self.inside([t], "catch", lambda: self.expr(t, depth))
        return code + b"\x0b"

    def make_delegate(self, t, depth):
        if "try" not in self.m.forms:
            return self.make_catch(t, depth)
        code = b"\x06" + bytes([t]) + self.inside([t], None, lambda: self.expr(t, depth))
        return code + b"\x18" + leb(self.r.randrange(len(self.labels)))


def make(seed):
    return Module(seed).bytes
