/* llvm_evaluation.cpp: see llvm_evaluation.h. Instructions are decoded once, blocks when they are entered. */
#pragma clang diagnostic ignored "-Wmissing-designated-field-initializers" /* C headers */
extern "C" {
#include "llvm_priv.h"

#include "wasm.h"
}

#include "llvm_evaluation.h"

#include "llvm/ADT/SmallPtrSet.h"
#include "llvm/IR/Constants.h"
#include "llvm/IR/Module.h"
#include "llvm/IR/Operator.h"
#include "llvm/Support/MathExtras.h"

using namespace llvm;

static constexpr uint64_t address_bits = (uint64_t(1) << 44) - 1;
static constexpr uint64_t first_global = uint64_t(1) << 40, between_globals = 1 << 20;
static constexpr uint64_t not_there = 0x5bd1e995a3c59ac3; /* of results that no run has left */
static constexpr unsigned roots_seen = 64;
static constexpr size_t places_most = 3;

/* Bits of a lane, and lanes; false: not a type that is known here. */
static bool shape_of(const Type *t, unsigned *bits, unsigned *lanes)
{
    auto *v = dyn_cast<FixedVectorType>(t);
    const Type *e = t->getScalarType();
    *lanes = v ? v->getNumElements() : 1;
    *bits = e->isPointerTy() ? 64 : e->isIntegerTy() ? e->getIntegerBitWidth() : 0;
    return *bits && *bits <= 64 && *bits * *lanes <= 128 &&
           (!v || (isPowerOf2_32(*bits) && !e->isPointerTy()));
}

static uint64_t ones(unsigned bits)
{
    return maskTrailingOnes<uint64_t>(bits);
}

/* --- Slots. --- */

Evaluation::Evaluation(const Loop &l, const DominatorTree &d, const GlobalVariable &mem,
                       const struct wasm_module *m)
    : loop(l), dominators(d), memory(mem), layout(mem.getParent()->getDataLayout())
{
    for (uint32_t k = 0; k < m->ndata; k++) {
        const struct wasm_data &data = m->data[k];
        struct wasm_instr in;
        if (!data.active || data.mem != 0)
            continue;
        wasm_read_instr(m, data.offset.start, &in);
        uint64_t from = static_cast<uint32_t>(in.u.i32);
        if (in.op == WASM_OP_I32_CONST)
            segments.push_back({from, from + data.len, data.bytes});
    }
    llvm::sort(segments, [](const Segment &a, const Segment &b) { return a.from < b.from; });
    new_slot(); /* 0 is none */
}

unsigned Evaluation::new_slot()
{
    return new_slot(Number());
}

unsigned Evaluation::new_slot(const Number &n)
{
    numbers.push_back(n);
    return static_cast<unsigned>(numbers.size() - 1);
}

unsigned Evaluation::new_events(unsigned n)
{
    nevents += n;
    known.resize(nevents);
    return nevents - n;
}

bool Evaluation::is_inside(const Instruction &i) const
{
    return loop.contains(&i) || !dominators.dominates(i.getParent(), loop.getHeader());
}

bool Evaluation::constant(const Constant *c, Number *n)
{
    unsigned bits, lanes;
    APInt offset(64, 0);
    if (!shape_of(c->getType(), &bits, &lanes))
        return false;
    *n = {};
    if (auto *g = dyn_cast<GlobalVariable>(c)) {
        if (g != &memory)
            n->low = globals.try_emplace(g, first_global + globals.size() * between_globals).first->second;
        return true;
    }
    if (auto *gep = dyn_cast<GEPOperator>(c)) {
        auto *base = dyn_cast<Constant>(gep->getPointerOperand());
        if (!base || !gep->accumulateConstantOffset(layout, offset) || !constant(base, n))
            return false;
        n->low += offset.getZExtValue();
        return true;
    }
    for (unsigned k = 0; k < lanes; k++) {
        const Constant *e = c->getType()->isVectorTy() ? c->getAggregateElement(k) : c;
        auto *i = dyn_cast_or_null<ConstantInt>(e);
        if (!i && !isa_and_nonnull<UndefValue>(e) && !isa_and_nonnull<ConstantPointerNull>(e))
            return false;
        uint64_t at = uint64_t(k) * bits, v = i ? i->getZExtValue() : 0;
        (at < 64 ? n->low : n->high) |= v << at % 64;
    }
    return true;
}

unsigned Evaluation::slot_of(Value *v)
{
    auto found = slots.find(v);
    if (found != slots.end())
        return found->second;
    Number n;
    unsigned bits, lanes, slot = 0;
    auto *i = dyn_cast<Instruction>(v);
    if (auto *c = dyn_cast<Constant>(v)) {
        if (constant(c, &n))
            slot = new_slot(n);
        else
            failed = true;
    } else if (!shape_of(v->getType(), &bits, &lanes)) {
        failed = true;
    } else if (i && is_inside(*i)) {
        slot = new_slot();
        auto is_behind = [&](const User *u) { return !loop.contains(cast<Instruction>(u)); };
        if (loop.contains(i) && any_of(i->users(), is_behind))
            watch(slot, v->getType());
    } else {
        return slot_outside(v);
    }
    slots[v] = slot;
    return slot;
}

/* From in front of the loop: computed from roots, or a root. */
unsigned Evaluation::slot_outside(Value *v)
{
    auto *i = dyn_cast<Instruction>(v);
    bool computed =
        i && outside.size() < outside_most && depth < depth_most &&
        (isa<BinaryOperator>(i) || isa<CastInst>(i) || isa<ICmpInst>(i) || isa<SelectInst>(i) ||
         isa<GetElementPtrInst>(i) || isa<FreezeInst>(i) || isa<LoadInst>(i) || isa<IntrinsicInst>(i));
    bool failed_before = failed;
    if (computed) {
        depth++;
        Op op = decode(*i);
        depth--;
        computed = op.kind != Op::UNKNOWN && !failed;
        failed = failed_before;
        if (computed) {
            op.to = slots[v];
            op.event = 0;
            if (op.kind == Op::LOAD)
                new_root(op.to, *v);
            op.root = op.kind == Op::LOAD;
            outside.push_back(op);
            return op.to;
        }
    }
    unsigned slot = slots[v] = new_slot();
    new_root(slot, *v);
    return slot;
}

void Evaluation::new_root(unsigned slot, const Value &v)
{
    unsigned bits = 64, lanes;
    if (!shape_of(v.getType(), &bits, &lanes))
        failed = true;
    root_slots.push_back({slot, ones(bits)});
}

uint64_t Evaluation::roots_of(ArrayRef<Value *> values)
{
    SmallVector<Value *, 32> todo(values);
    SmallPtrSet<Value *, 32> seen;
    uint64_t mask = 0;
    while (!todo.empty()) {
        Value *v = todo.pop_back_val();
        auto *i = dyn_cast<Instruction>(v);
        if (!seen.insert(v).second || isa<Constant>(v) || isa<BasicBlock>(v) ||
            (i && isa<LoadInst>(i) && loop.contains(i)))
            continue;
        unsigned slot = i && is_inside(*i) ? 0 : slot_of(v);
        auto root = find_if(root_slots, [&](const Root &r) { return r.slot == slot; });
        if (root != root_slots.end())
            mask |= root - root_slots.begin() < roots_seen ? uint64_t(1) << (root - root_slots.begin()) : 0;
        else if (i)
            todo.append(i->op_begin(), i->op_end());
    }
    return mask;
}

void Evaluation::watch(unsigned slot, const Type *t)
{
    unsigned bits, lanes;
    if (shape_of(t, &bits, &lanes) && lanes == 1)
        observed.push_back({slot, ones(bits)});
}

Evaluation::Result Evaluation::result(size_t k) const
{
    uint64_t v = numbers[observed[k].first].low;
    return {v, observed[k].second, v != not_there};
}

/* --- Decoding. --- */

Evaluation::Op Evaluation::decode(Instruction &i)
{
    Op op;
    decode_kind(i, &op);
    if (op.kind != Op::UNKNOWN && !i.getType()->isVoidTy()) {
        if (!shape_of(i.getType(), &op.bits, &op.lanes))
            op.kind = Op::UNKNOWN;
        else if (!slots.count(&i))
            op.to = is_inside(i) ? slot_of(&i) : slots[&i] = new_slot();
        else
            op.to = slots[&i];
    }
    return op;
}

void Evaluation::decode_kind(Instruction &i, Op *op)
{
    unsigned lanes = 1;
    if (i.isDebugOrPseudoInst()) {
        op->kind = Op::NOTHING;
        return;
    }
    bool is_truth = i.getType()->isIntegerTy(1);
    if (!isa<GetElementPtrInst>(i) && !isa<CallInst>(i)) {
        if (!i.getNumOperands() || !shape_of(i.getOperand(0)->getType(), &op->from_bits, &lanes))
            return;
        op->a = slot_of(i.getOperand(0));
        op->b = i.getNumOperands() > 1 && !isa<LoadInst>(i) ? slot_of(i.getOperand(1)) : 0;
        op->c = i.getNumOperands() > 2 ? slot_of(i.getOperand(2)) : 0;
    }
    op->code = i.getOpcode();
    switch (i.getOpcode()) {
    case Instruction::PtrToInt:
    case Instruction::Trunc: op->kind = Op::NARROW; break;
    case Instruction::SExt: op->kind = Op::SIGNED; break;
    case Instruction::ZExt: op->kind = lanes == 1 ? Op::COPY : Op::NARROW; break;
    case Instruction::BitCast:
    case Instruction::IntToPtr:
    case Instruction::Freeze: op->kind = Op::COPY; break;
    case Instruction::ICmp:
        op->kind = Op::COMPARE;
        op->code = cast<ICmpInst>(i).getPredicate();
        op->event = is_truth ? new_events(2) : 0;
        break;
    case Instruction::Select:
        op->kind = Op::SELECT;
        op->event = i.getOperand(0)->getType()->isIntegerTy() ? new_events(2) : 0;
        break;
    case Instruction::GetElementPtr: decode_address(cast<GetElementPtrInst>(i), op); break;
    case Instruction::Load: op->kind = Op::LOAD; break;
    case Instruction::Store:
        op->kind = shape_of(i.getOperand(0)->getType(), &op->bits, &op->lanes) ? Op::STORE : Op::UNKNOWN;
        op->to = new_slot();
        watch(op->to, i.getOperand(0)->getType());
        break;
    case Instruction::Call: decode_call(cast<CallInst>(i), op); break;
    case Instruction::ExtractElement: op->kind = Op::EXTRACT; break;
    case Instruction::InsertElement: op->kind = Op::INSERT; break;
    case Instruction::ShuffleVector:
        op->kind = Op::SHUFFLE;
        op->more = static_cast<unsigned>(masks.size());
        op->c = lanes;
        masks.emplace_back(cast<ShuffleVectorInst>(i).getShuffleMask());
        break;
    default:
        op->kind = isa<BinaryOperator>(i) && i.getType()->isIntOrIntVectorTy() ? Op::BINARY : Op::UNKNOWN;
        op->event = is_truth && op->kind == Op::BINARY ? new_events(2) : 0;
    }
}

void Evaluation::decode_call(CallInst &i, Op *op)
{
    auto *f = dyn_cast<IntrinsicInst>(&i);
    unsigned lanes;
    if (!f)
        return;
    switch (f->getIntrinsicID()) {
    case Intrinsic::assume:
    case Intrinsic::lifetime_start:
    case Intrinsic::lifetime_end: op->kind = Op::NOTHING; return;
    case Intrinsic::umin:
    case Intrinsic::umax:
    case Intrinsic::smin:
    case Intrinsic::smax:
    case Intrinsic::usub_sat:
    case Intrinsic::uadd_sat:
    case Intrinsic::ctlz:
    case Intrinsic::cttz:
    case Intrinsic::ctpop:
    case Intrinsic::fshl:
    case Intrinsic::fshr:
    case Intrinsic::abs:
    case Intrinsic::bswap: break;
    default: return;
    }
    if (!shape_of(i.getArgOperand(0)->getType(), &op->from_bits, &lanes))
        return;
    op->kind = Op::INTRINSIC;
    op->code = f->getIntrinsicID();
    op->a = slot_of(i.getArgOperand(0));
    op->b = i.arg_size() > 1 ? slot_of(i.getArgOperand(1)) : 0;
    op->c = i.arg_size() > 2 ? slot_of(i.getArgOperand(2)) : 0;
}

void Evaluation::decode_address(GetElementPtrInst &i, Op *op)
{
    MapVector<Value *, APInt> variable;
    APInt fixed(64, 0);
    if (i.getType()->isVectorTy() || !cast<GEPOperator>(i).collectOffset(layout, 64, variable, fixed))
        return;
    op->kind = Op::ADDRESS;
    op->a = slot_of(i.getPointerOperand());
    SmallVector<std::pair<unsigned, uint64_t>, 2> parts{{new_slot(Number{1, 0}), fixed.getZExtValue()}};
    for (auto &v : variable) {
        if (v.first->getType()->getScalarSizeInBits() != 64)
            op->kind = Op::UNKNOWN; /* would be extended */
        parts.push_back({slot_of(v.first), v.second.getZExtValue()});
    }
    op->more = static_cast<unsigned>(terms.size());
    terms.push_back(parts);
}

void Evaluation::decode_terminator(Instruction &i, Block *b)
{
    auto *ret = dyn_cast<ReturnInst>(&i);
    auto *br = dyn_cast<BranchInst>(&i);
    auto *s = dyn_cast<SwitchInst>(&i);
    bool failed_before = failed;
    if (ret && ret->getReturnValue()) {
        b->returned = slot_of(ret->getReturnValue());
        b->result = new_slot();
        watch(b->result, ret->getReturnValue()->getType());
    }
    failed = ret ? failed_before : failed;
    if (!br && !s)
        return;
    unsigned n = i.getNumSuccessors(), event = n > 1 ? new_events(n) : 0;
    for (unsigned k = 0; k < n; k++) {
        b->edges.emplace_back();
        b->edges.back().target = i.getSuccessor(k);
        b->edges.back().event = event ? event + k : 0;
    }
    b->branches = br && br->isConditional();
    if (b->branches)
        b->condition = slot_of(br->getCondition());
    if (s) {
        b->condition = slot_of(s->getCondition());
        for (auto &c : s->cases())
            b->cases[c.getCaseValue()->getZExtValue()] = c.getSuccessorIndex();
    }
}

Evaluation::Block *Evaluation::block_of(const BasicBlock *block)
{
    std::unique_ptr<Block> &b = blocks[block];
    if (b)
        return b.get();
    b = std::make_unique<Block>();
    Block *made = b.get();
    made->block = block;
    made->in_loop = loop.contains(block);
    bool failed_before = failed;
    for (auto i = block->getFirstNonPHIIt(); !i->isTerminator(); ++i) {
        failed = false;
        Op op = decode(const_cast<Instruction &>(*i));
        if (failed)
            op.kind = Op::UNKNOWN;
        if (op.kind != Op::NOTHING)
            made->ops.push_back(op);
    }
    failed = failed_before;
    decode_terminator(const_cast<Instruction &>(*block->getTerminator()), made);
    return made;
}

void Evaluation::decode_edge(const BasicBlock *from, Edge *e)
{
    e->decoded = true;
    e->to = block_of(e->target);
    for (const PHINode &phi : e->target->phis()) {
        unsigned bits, lanes;
        if (!shape_of(phi.getType(), &bits, &lanes))
            continue; /* who uses it is not known */
        unsigned to = slot_of(const_cast<PHINode *>(&phi));
        e->moves.push_back({to, slot_of(phi.getIncomingValueForBlock(from))});
    }
}

bool Evaluation::prepare()
{
    for (const BasicBlock *b : loop.blocks())
        block_of(b);
    entry.target = loop.getHeader();
    decode_edge(loop.getLoopPreheader(), &entry);
    return !failed;
}

/* --- Memory. --- */

bool Evaluation::is_text(uint64_t at) const
{
    constexpr uint64_t behind = 64; /* zeros */
    return at - text.at < text.bytes.size() + behind;
}

uint8_t Evaluation::load_byte(uint64_t at)
{
    if (!written.empty()) {
        auto found = written.find(at);
        if (found != written.end())
            return found->second;
    }
    if (is_text(at)) {
        uint64_t k = at - text.at;
        bytes_read |= k < 64 ? uint64_t(1) << k : 0;
        return k < text.bytes.size() ? text.bytes[k] : 0;
    }
    const Segment *s = segment_of(at);
    looked_up |= s != nullptr;
    return s ? s->bytes[at - s->from] : 0;
}

/* The module's constants at an address; null: there are none. */
const Evaluation::Segment *Evaluation::segment_of(uint64_t at) const
{
    auto behind = upper_bound(segments, at, [](uint64_t a, const Segment &s) { return a < s.from; });
    if (behind == segments.begin() || at >= std::prev(behind)->to)
        return nullptr;
    return &*std::prev(behind);
}

Evaluation::Number Evaluation::load(uint64_t at, unsigned bytes)
{
    Number n;
    for (unsigned k = 0; k < bytes; k++)
        (k < 8 ? n.low : n.high) |= uint64_t(load_byte((at + k) & address_bits)) << k % 8 * 8;
    return n;
}

void Evaluation::store(uint64_t at, const Number &n, unsigned bytes)
{
    for (unsigned k = 0; k < bytes; k++)
        written[(at + k) & address_bits] = static_cast<uint8_t>((k < 8 ? n.low : n.high) >> k % 8 * 8);
}

/* --- Running. --- */

static uint64_t lane(uint64_t low, uint64_t high, unsigned k, unsigned bits)
{
    unsigned at = k * bits;
    return (at < 64 ? low : high) >> at % 64 & ones(bits);
}

static bool binary(unsigned code, uint64_t x, uint64_t y, unsigned bits, uint64_t *out)
{
    int64_t sx = SignExtend64(x, bits), sy = SignExtend64(y, bits);
    switch (code) {
    case Instruction::Add: *out = x + y; return true;
    case Instruction::Sub: *out = x - y; return true;
    case Instruction::Mul: *out = x * y; return true;
    case Instruction::And: *out = x & y; return true;
    case Instruction::Or: *out = x | y; return true;
    case Instruction::Xor: *out = x ^ y; return true;
    case Instruction::Shl: *out = y < bits ? x << y : 0; return true;
    case Instruction::LShr: *out = y < bits ? x >> y : 0; return true;
    case Instruction::AShr: *out = static_cast<uint64_t>(sx >> (y < bits ? y : bits - 1)); return true;
    case Instruction::UDiv: *out = y ? x / y : 0; return y != 0;
    case Instruction::URem: *out = y ? x % y : 0; return y != 0;
    case Instruction::SDiv: *out = sy > 0 ? static_cast<uint64_t>(sx / sy) : 0; return sy > 0;
    case Instruction::SRem: *out = sy > 0 ? static_cast<uint64_t>(sx % sy) : 0; return sy > 0;
    default: return false;
    }
}

static bool compare(unsigned code, uint64_t x, uint64_t y, unsigned bits)
{
    int64_t sx = SignExtend64(x, bits), sy = SignExtend64(y, bits);
    switch (code) {
    case CmpInst::ICMP_EQ: return x == y;
    case CmpInst::ICMP_NE: return x != y;
    case CmpInst::ICMP_ULT: return x < y;
    case CmpInst::ICMP_ULE: return x <= y;
    case CmpInst::ICMP_UGT: return x > y;
    case CmpInst::ICMP_UGE: return x >= y;
    case CmpInst::ICMP_SLT: return sx < sy;
    case CmpInst::ICMP_SLE: return sx <= sy;
    case CmpInst::ICMP_SGT: return sx > sy;
    default: return sx >= sy;
    }
}

static uint64_t funnel(uint64_t x, uint64_t y, uint64_t by, unsigned bits, bool left)
{
    unsigned n = static_cast<unsigned>(by % bits);
    if (n == 0)
        return left ? x : y;
    return left ? x << n | y >> (bits - n) : x << (bits - n) | y >> n;
}

static uint64_t intrinsic(unsigned code, uint64_t x, uint64_t y, uint64_t z, unsigned bits)
{
    int64_t sx = SignExtend64(x, bits), sy = SignExtend64(y, bits);
    switch (code) {
    case Intrinsic::umin: return std::min(x, y);
    case Intrinsic::umax: return std::max(x, y);
    case Intrinsic::smin: return static_cast<uint64_t>(std::min(sx, sy));
    case Intrinsic::smax: return static_cast<uint64_t>(std::max(sx, sy));
    case Intrinsic::usub_sat: return x > y ? x - y : 0;
    case Intrinsic::uadd_sat: return (x + y & ones(bits)) < x || x + y > ones(bits) ? ones(bits) : x + y;
    case Intrinsic::ctlz: return x ? static_cast<uint64_t>(countl_zero(x)) - (64 - bits) : bits;
    case Intrinsic::cttz: return x ? static_cast<uint64_t>(countr_zero(x)) : bits;
    case Intrinsic::ctpop: return static_cast<uint64_t>(popcount(x));
    case Intrinsic::fshl: return funnel(x, y, z, bits, true);
    case Intrinsic::fshr: return funnel(x, y, z, bits, false);
    case Intrinsic::abs: return sx < 0 ? 0 - static_cast<uint64_t>(sx) : static_cast<uint64_t>(sx);
    default: return byteswap(x) >> (64 - bits);
    }
}

bool Evaluation::lane_of(const Op &op, unsigned k, uint64_t *out) const
{
    auto get = [&](unsigned slot, unsigned bits) {
        return lane(numbers[slot].low, numbers[slot].high, k, bits);
    };
    switch (op.kind) {
    case Op::BINARY: return binary(op.code, get(op.a, op.bits), get(op.b, op.bits), op.bits, out);
    case Op::COMPARE:
        *out = compare(op.code, get(op.a, op.from_bits), get(op.b, op.from_bits), op.from_bits);
        return true;
    case Op::SELECT: {
        bool one = op.event || op.lanes == 1; /* condition for all lanes */
        *out = get((one ? numbers[op.a].low & 1 : get(op.a, 1)) ? op.b : op.c, op.bits);
        return true;
    }
    case Op::NARROW: *out = get(op.a, op.from_bits); return true;
    case Op::SIGNED:
        *out = static_cast<uint64_t>(SignExtend64(get(op.a, op.from_bits), op.from_bits));
        return true;
    case Op::INTRINSIC:
        *out = intrinsic(op.code, get(op.a, op.bits), get(op.b, op.bits), get(op.c, op.bits), op.bits);
        return true;
    default: return false;
    }
}

void Evaluation::shuffle(const Op &op)
{
    Number a = numbers[op.a], b = numbers[op.b], out;
    uint64_t n = 0;
    if (op.kind == Op::EXTRACT) {
        out.low = lane(a.low, a.high, static_cast<unsigned>(b.low) % (128 / op.bits), op.bits);
    } else if (op.kind == Op::INSERT) {
        unsigned at = static_cast<unsigned>(numbers[op.c].low) % op.lanes * op.bits;
        uint64_t &word = at < 64 ? a.low : a.high;
        word = (word & ~(ones(op.bits) << at % 64)) | (b.low & ones(op.bits)) << at % 64;
        out = a;
    } else {
        for (int from : masks[op.more]) {
            unsigned at = static_cast<unsigned>(n++) * op.bits,
                     k = from < 0 ? 0 : static_cast<unsigned>(from);
            uint64_t v = k < op.c ? lane(a.low, a.high, k, op.bits) : lane(b.low, b.high, k - op.c, op.bits);
            (at < 64 ? out.low : out.high) |= v << at % 64;
        }
    }
    numbers[op.to] = out;
}

bool Evaluation::note(unsigned event)
{
    if (learning)
        known[event] = 1;
    return known[event];
}

/* Stops at news. */
bool Evaluation::note_truth(const Op &op)
{
    if (!op.event)
        return true;
    uint64_t is = op.kind == Op::SELECT ? numbers[op.a].low : numbers[op.to].low;
    return note(op.event + (is & 1));
}

bool Evaluation::execute(const Op &op)
{
    switch (op.kind) {
    case Op::COPY: numbers[op.to] = numbers[op.a]; return true;
    case Op::ADDRESS: {
        uint64_t at = numbers[op.a].low;
        for (auto &t : terms[op.more])
            at += numbers[t.first].low * t.second;
        numbers[op.to] = {at, 0};
        return true;
    }
    case Op::LOAD: {
        uint64_t at = numbers[op.a].low & address_bits;
        Number n;
        if (op.root && !is_text(at))
            return true; /* it has the root's value */
        if (places.size() < places_most && !is_contained(places, at) && !segment_of(at))
            places.push_back(at);
        n = load(at, (op.bits * op.lanes + 7) / 8);
        numbers[op.to] = n;
        return true;
    }
    case Op::STORE:
        store(numbers[op.b].low & address_bits, numbers[op.a], (op.bits * op.lanes + 7) / 8);
        numbers[op.to] = numbers[op.a];
        stored = true;
        replaced |= op.bits >= 16 && numbers[op.a].low == 0xfffd;
        return true;
    case Op::EXTRACT:
    case Op::INSERT:
    case Op::SHUFFLE: shuffle(op); return true;
    case Op::UNKNOWN: return false;
    default: break;
    }
    Number out;
    for (unsigned k = 0; k < op.lanes; k++) {
        uint64_t v;
        if (!lane_of(op, k, &v))
            return false;
        unsigned at = k * op.bits;
        (at < 64 ? out.low : out.high) |= (v & ones(op.bits)) << at % 64;
    }
    numbers[op.to] = out;
    return true;
}

/* What is from in front of the loop, from the `first` operation on. */
void Evaluation::begin(unsigned first)
{
    for (unsigned k = 0; k < root_slots.size(); k++)
        numbers[root_slots[k].slot] = {value_of_root(k) & root_slots[k].mask, 0};
    for (unsigned k = first; k < outside.size(); k++) {
        if (!execute(outside[k]))
            numbers[outside[k].to] = {};
    }
}

void Evaluation::move(const Edge &e)
{
    moved.clear();
    for (auto &m : e.moves)
        moved.push_back(numbers[m.second]);
    for (size_t k = 0; k < e.moves.size(); k++)
        numbers[e.moves[k].first] = moved[k];
}

/* Null: it does not go on. */
Evaluation::Edge *Evaluation::next(Block *b)
{
    if (b->edges.empty())
        return nullptr;
    unsigned k = 0;
    uint64_t v = numbers[b->condition].low;
    if (b->branches) {
        k = v & 1 ? 0 : 1;
    } else if (!b->cases.empty()) {
        auto found = b->cases.find(v);
        k = found == b->cases.end() ? 0 : found->second;
    }
    return &b->edges[k];
}

/* What is behind the loop ends where the one around it goes on. What is left over by an unrolled loop is
 * another one behind it. */
bool Evaluation::is_end(const Edge &e) const
{
    return !loop.contains(e.target) && dominators.dominates(e.target, loop.getHeader());
}

Evaluation::End Evaluation::run(const Text &t)
{
    text = t;
    written.clear();
    bytes_read = 0;
    replaced = false;
    places.clear();
    for (auto &o : observed)
        numbers[o.first] = {not_there, 0};
    begin(0);
    unsigned n = 0, behind = 0;
    const Edge *e = &entry;
    for (;;) {
        move(*e);
        Block *b = e->to;
        for (const Op &op : b->ops) {
            if (++n > ops_most)
                return STUCK;
            if (!execute(op))
                return b->in_loop ? UNKNOWN : OVER;
            if (!b->in_loop && ++behind > behind_most)
                return OVER;
            if (!b->in_loop && !note_truth(op))
                return NEWS;
        }
        steps += static_cast<unsigned>(b->ops.size()) + 1;
        if (b->result)
            numbers[b->result] = numbers[b->returned];
        Edge *to = next(b);
        bool leaves = to && !loop.contains(to->target);
        if (leaves && to->event && !note(to->event))
            return NEWS;
        if (!to || is_end(*to))
            return OVER;
        if (!to->decoded)
            decode_further(b->block, to);
        if (++n > ops_most)
            return STUCK;
        e = to;
    }
}

void Evaluation::decode_further(const BasicBlock *from, Edge *e)
{
    unsigned first = static_cast<unsigned>(outside.size());
    size_t watched = observed.size();
    decode_edge(from, e);
    begin(first);
    for (; watched < observed.size(); watched++)
        numbers[observed[watched].first] = {not_there, 0};
}

void Evaluation::forget()
{
    std::fill(known.begin(), known.end(), 0);
}
