/* llvm_values.cpp: see llvm_values.h. */
#include "llvm_values.h"

using namespace llvm;

static uint64_t ones(unsigned bits)
{
    return bits >= 64 ? ~uint64_t(0) : (uint64_t(1) << bits) - 1;
}

bool WordValues::can_make(Words &words, Execution &execution, Word w)
{
    for (const Words::Part &p : words.parts(w)) {
        ArrayRef<Words::Factor> factors = words.factors(p.product);
        if (factors.size() > 1)
            return false;
        if (factors.empty())
            continue;
        uint32_t atom = factors[0].atom;
        if (p.mask & ones(factors[0].by)) /* its upper bits come round */
            return false;
        if (const Words::Sum *s = words.sum_of(atom)) {
            for (const Words::Addend &a : s->addends) {
                if (!can_make(words, execution, a.word))
                    return false;
            }
        } else {
            Leaf::Kind kind = execution.leaf(words.leaf_of(atom))->kind;
            if (kind == Leaf::BYTE || kind == Leaf::DECISION)
                return false;
        }
    }
    return true;
}

Value *WordValues::make_atom(uint32_t atom)
{
    if (const Words::Sum *known = words.sum_of(atom)) {
        Words::Sum s = *known;
        Value *v = b.getInt64(s.constant);
        for (const Words::Addend &a : s.addends)
            v = b.CreateAdd(v, b.CreateMul(make(a.word), b.getInt64(a.times)));
        return b.CreateAnd(v, b.getInt64(ones(s.bits)));
    }
    const Leaf *l = execution.leaf(words.leaf_of(atom));
    Value *v = l->kind == Leaf::GLOBAL ? b.CreateAlignedLoad(l->type, l->value, Align(1))
               : as_known              ? as_known(l->value)
                                       : l->value;
    return b.CreateZExt(v, b.getInt64Ty());
}

Value *WordValues::make(Word w)
{
    auto known = made.find(w);
    if (known != made.end())
        return known->second;
    Value *all = b.getInt64(0);
    SmallVector<Words::Part, 4> parts(words.parts(w));
    for (const Words::Part &p : parts) {
        Value *v = b.getInt64(p.mask);
        if (p.product) {
            Words::Factor f = words.factors(p.product)[0];
            v = b.CreateAnd(b.CreateShl(make_atom(f.atom), f.by), v);
        }
        all = b.CreateXor(all, v);
    }
    return made[w] = all;
}
