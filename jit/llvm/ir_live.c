/* ir_live.c: which locals are read before they are written, at each arm of a function: what code that leaves
 * the call there has to pass on. Backwards over the body, until what is live at the loops' headers stays the
 * same. */
#include <string.h>

#include "ir_priv.h"
#include "wasm_arms.h"

struct step { /* an instruction that matters */
    u8 op;
    u32 arm, at; /* its arms; END, ELSE: number of the step that opened the block; else its index or label */
    const u8 *labels;
};
struct open {    /* a block that is being walked through */
    u64 *branch; /* live where branches to it go */
    u64 *other;  /* IF: live at its `else`; NULL: it has none */
};
struct live {
    struct ir_unit *x;
    struct step *steps;
    u32 n, words;
    u64 *now, *arms, **headers; /* headers: by step, of loops */
    struct open *open;
    u32 nopen;
    bool changed;
};

static u64 *set_of(struct live *v)
{
    return ir_alloc(v->x, v->words * sizeof(u64));
}

static void copy(const struct live *v, u64 *to, const u64 *from)
{
    memcpy(to, from, v->words * sizeof *to);
}

static void join(const struct live *v, u64 *to, const u64 *from)
{
    for (u32 k = 0; k < v->words; k++)
        to[k] |= from[k];
}

static void note(struct live *v, u32 arm)
{
    copy(v, v->arms + (size_t)arm * v->words, v->now);
}

static const u64 *target(const struct live *v, u32 depth)
{
    return v->open[v->nopen - 1 - depth].branch;
}

static void table(struct live *v, const struct step *s)
{
    const u8 *p = s->labels;
    memset(v->now, 0, v->words * sizeof *v->now);
    for (u32 k = 0; k <= s->at; k++)
        join(v, v->now, target(v, wasm_read_u32(&p)));
    note(v, s->arm);
}

/* The end of a block: control comes from before it, or from branches. */
static void close(struct live *v, const struct step *s)
{
    const struct step *opener = &v->steps[s->at];
    struct open *o = &v->open[v->nopen++];
    o->other = NULL;
    if (opener->op == WASM_OP_LOOP) {
        o->branch = v->headers[s->at];
        return;
    }
    o->branch = o->branch ? o->branch : set_of(v);
    copy(v, o->branch, v->now);
    if (s->at)
        note(v, opener->arm + WASM_ARM_END);
}

static void open(struct live *v, const struct step *s, u32 at)
{
    struct open *o = &v->open[--v->nopen];
    if (s->op == WASM_OP_IF) {
        note(v, s->arm + WASM_ARM_THEN);
        join(v, v->now, o->other ? o->other : o->branch);
    } else if (s->op == WASM_OP_LOOP) {
        v->changed = v->changed || memcmp(v->headers[at], v->now, v->words * sizeof *v->now) != 0;
        copy(v, v->headers[at], v->now);
        o->branch = NULL; /* that is not its own */
    }
}

static void other(struct live *v, const struct step *s)
{
    struct open *o = &v->open[v->nopen - 1];
    note(v, v->steps[s->at].arm + WASM_ARM_ELSE);
    o->other = set_of(v);
    copy(v, o->other, v->now);
    copy(v, v->now, o->branch);
}

static void back(struct live *v, u32 at)
{
    const struct step *s = &v->steps[at];
    u64 bit = (u64)1 << s->at % 64;
    switch (s->op) {
    case WASM_OP_LOCAL_GET: v->now[s->at / 64] |= bit; break;
    case WASM_OP_LOCAL_SET:
    case WASM_OP_LOCAL_TEE: v->now[s->at / 64] &= ~bit; break;
    case WASM_OP_BR: copy(v, v->now, target(v, s->at)); break;
    case WASM_OP_BR_IF:
        note(v, s->arm);
        join(v, v->now, target(v, s->at));
        break;
    case WASM_OP_BR_TABLE: table(v, s); break;
    case WASM_OP_RETURN:
    case WASM_OP_UNREACHABLE: memset(v->now, 0, v->words * sizeof *v->now); break;
    case WASM_OP_END: close(v, s); break;
    case WASM_OP_ELSE: other(v, s); break;
    default: open(v, s, at);
    }
}

static bool matters(u32 op)
{
    switch (op) {
    case WASM_OP_LOCAL_GET:
    case WASM_OP_LOCAL_SET:
    case WASM_OP_LOCAL_TEE:
    case WASM_OP_BR:
    case WASM_OP_BR_IF:
    case WASM_OP_BR_TABLE:
    case WASM_OP_RETURN:
    case WASM_OP_UNREACHABLE:
    case WASM_OP_END:
    case WASM_OP_ELSE:
    case WASM_OP_BLOCK:
    case WASM_OP_LOOP:
    case WASM_OP_IF: return true;
    default: return false;
    }
}

/* Step 0 is the body's own block. */
static u32 collect(struct live *v, const struct wasm_func *wf)
{
    u32 *openers = ir_alloc(v->x, (wf->max_depth + 1u) * sizeof *openers);
    u32 depth = 1, arm = 0;
    v->steps[v->n++] = (struct step){.op = WASM_OP_BLOCK};
    for (const u8 *p = wf->body; p < wf->end;) {
        struct wasm_instr in;
        wasm_read_instr(v->x->m, p, &in);
        p = in.next;
        struct step s = {.op = (u8)in.op, .arm = arm, .at = in.u.index};
        arm += wasm_arms(in.op);
        if (in.op > UINT8_MAX || !matters(in.op))
            continue;
        if (in.op == WASM_OP_BR_TABLE) {
            s.at = in.u.br_table.count;
            s.labels = in.u.br_table.labels;
        } else if (in.op == WASM_OP_END || in.op == WASM_OP_ELSE) {
            s.at = openers[depth - 1];
            depth -= in.op == WASM_OP_END;
        } else if (in.op == WASM_OP_BLOCK || in.op == WASM_OP_LOOP || in.op == WASM_OP_IF) {
            openers[depth++] = v->n;
        }
        v->steps[v->n++] = s;
    }
    return arm;
}

const u64 *ir_live(struct ir_func *f)
{
    const struct wasm_func *wf = f->f;
    struct live v = {.x = f->x, .words = wf->nlocals / 64 + 1};
    v.steps = ir_alloc(f->x, (wf->size + 1u) * sizeof *v.steps);
    v.open = ir_alloc(f->x, (wf->max_depth + 1u) * sizeof *v.open);
    u32 narms = collect(&v, wf);
    v.now = set_of(&v);
    v.arms = ir_alloc(f->x, (narms + 1u) * v.words * sizeof(u64));
    v.headers = ir_alloc(f->x, v.n * sizeof *v.headers);
    for (u32 k = 1; k < v.n; k++)
        v.headers[k] = v.steps[k].op == WASM_OP_LOOP ? set_of(&v) : NULL;
    do {
        v.changed = false;
        memset(v.now, 0, v.words * sizeof *v.now);
        for (u32 k = v.n; k-- > 1;)
            back(&v, k);
        v.nopen = 0;
    } while (v.changed);
    return v.arms;
}
