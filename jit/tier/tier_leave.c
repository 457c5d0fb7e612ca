/* tier_leave.c: what a function has not reached so far is not compiled (wasm_arms.h). Code of the baseline
 * notes what is reached; optimised code that gets to anything else leaves the call to it. If that is often,
 * the code is compiled anew, with what has been reached by then. */
#include <string.h>

#include "heap.h"
#include "plat.h"
#include "rt_helpers.h"
#include "tier_priv.h"
#include "wasm_arms.h"

/* Bytes of code of each arm, up to the next one, whichever block that is of, and before the first. */
static bool measure(const struct rt_func *f, struct tier_record *r)
{
    const struct wasm_module *m = wasm_module_of(f->inst);
    const struct wasm_func *wf = &m->funcs[f->index];
    u32 *open = heap_alloc((wf->max_depth + 1) * sizeof *open);
    u32 *sizes = heap_calloc(wf->narms + 1, sizeof *sizes);
    u32 depth = 0, arm = 0, at = wf->narms;
    const u8 *plain = wf->body; /* end of the loop without calls, whose arms nobody notes */
    for (const u8 *p = wf->body; p < wf->end && open && sizes;) {
        struct wasm_instr in;
        wasm_read_instr(m, p, &in);
        sizes[at] += (u32)(in.next - p);
        p = in.next;
        u32 first = arm;
        arm += wasm_arms(in.op);
        if (p <= plain)
            continue;
        switch ((unsigned)in.op) {
        case WASM_OP_LOOP:
            open[depth++] = UINT32_MAX;
            plain = wasm_loop_is_plain(m, p) ? wasm_loop_end(m, p) : plain;
            depth -= plain > p; /* goes on behind its end */
            break;
        case WASM_OP_BLOCK: open[depth++] = first; break;
        case WASM_OP_IF:
            open[depth++] = first;
            at = first + WASM_ARM_THEN;
            break;
        case WASM_OP_BR_IF: at = first; break;
        case WASM_OP_ELSE: at = open[depth - 1] + WASM_ARM_ELSE; break;
        case WASM_OP_END:
            if (depth && open[--depth] != UINT32_MAX)
                at = open[depth] + WASM_ARM_END;
            break;
        default: break;
        }
    }
    if (!open) {
        heap_free(sizes);
        sizes = NULL;
    }
    heap_free(open);
    if (sizes && wasm_may_have_known_loop(m, wf)) { /* it may take as long as all of it does */
        memset(sizes, 0, wf->narms * sizeof *sizes);
        sizes[wf->narms] = wf->size;
    }
    r->arm_bytes = sizes;
    return sizes != NULL;
}

static u32 arms_of(const struct rt_func *f)
{
    return wasm_module_of(f->inst)->funcs[f->index].narms;
}

static u8 *make_seen(const struct rt_func *f, u32 least_bytes)
{
    struct tier_record *r = tier_record_of(f);
    u32 n = arms_of(f);
    if (!r->seen && n && tier_size(f) >= least_bytes)
        r->seen = heap_calloc(n, sizeof *r->seen);
    return r->seen;
}

u8 *baseline_seen(struct rt_func *f)
{
    return make_seen(f, tier_cfg.cold_bytes);
}

struct baseline_code *tier_whole(struct rt_func *f, bool arms)
{
    struct tier_record *r = tier_record_of(f);
    if (r->baseline && (r->baseline->resume || !arms))
        return r->baseline;
    bool had = r->seen != NULL;
    if (arms && !make_seen(f, 0))
        return NULL;
    if (arms && !had) /* code of an earlier boot, and of what that had reached nothing is known */
        r->recompiled = TUNE_LEAVE_COMPILES;
    struct baseline_code *b = baseline_compile(f);
    if (b && arms && !b->resume) { /* with a profile it has none */
        baseline_free(b);
        b = NULL;
    }
    if (!b) {
        if (!had) { /* it is not for the baseline: there would be nothing to leave calls to */
            heap_free(r->seen);
            r->seen = NULL;
        }
        return NULL;
    }
    b->older = r->baseline;
    return r->baseline = b;
}

const u8 *tier_seen(struct rt_func *f)
{
    const struct tier_record *r = tier_record_of(f);
    if (tier_cfg.cold_bytes == TIER_COLD_ALL)
        return tier_whole(f, true) ? r->seen : NULL;
    return r->recompiled < TUNE_LEAVE_COMPILES ? r->seen : NULL;
}

u32 tier_reached(struct rt_func *f)
{
    struct tier_record *r = tier_record_of(f);
    const u8 *seen = tier_seen(f);
    if (!seen || (!r->arm_bytes && !measure(f, r)))
        return tier_size(f);
    u32 n = arms_of(f), bytes = r->arm_bytes[n];
    for (u32 k = 0; k < n; k++)
        bytes += seen[k] ? r->arm_bytes[k] : 0;
    return bytes;
}

/* Whether what leaving code of `f` has cost so far is as much as compiling it: by counts, so that it is the
 * same on any machine. */
static bool is_worth_compiling(struct rt_func *f, const struct tier_record *r)
{
    u64 per_byte = f->tier < TIER_O2 ? TUNE_LEAVE_TICKS_O1 : TUNE_LEAVE_TICKS_O3;
    return r->left * TUNE_LEAVE_TICKS >= tier_reached(f) * per_byte;
}

static void compile_anew(struct rt_func *f, struct tier_record *r, struct tier_record *left)
{
    if (!r->anew) {
        r->anew = true;
        r->recompiled++;
        left->recompiled += left != r;
    }
    if (!tier_cfg.background)
        tier_climb(f, (enum jit_tier)f->tier);
    else if (!tier_queue_take())
        tier_queue_ask(f, (enum jit_tier)f->tier, NULL);
}

static bool has(const struct tier_code *c, uintptr_t pc)
{
    return c && pc >= c->text_start && pc < c->text_end;
}

/* Whose code it helps to have anew, when code at `pc` was left: of a copy, which is in the unit of others,
 * one of those that are entered there. NULL: nobody is any more; what still runs there goes on as it is,
 * whatever is compiled. */
static struct rt_func *owner_at(uintptr_t pc, const struct rt_code *code)
{
    if (code && code->func && has(tier_record_of(code->func)->code, pc))
        return code->func;
    const struct tier_code *c = tier_code_first();
    while (c && !has(c, pc))
        c = c->next;
    for (u32 k = 0; c && k < c->unit.nfuncs; k++) {
        struct rt_func *f = tier_own_func(c->unit.inst, c->unit.funcs[k].index);
        if (c->unit.funcs[k].root && tier_record_of(f)->code == c)
            return f;
    }
    return NULL;
}

void *rt_h_leave(struct rt_instance *i, u32 func, u32 arm)
{
    struct rt_func *f = tier_own_func(i, func);
    uintptr_t pc = (uintptr_t)__builtin_return_address(0) - 1;
    struct rt_func *from = owner_at(pc, rt_code_find(pc));
    struct tier_record *r = from ? tier_record_of(from) : NULL;
    struct baseline_code *b = tier_whole(f, true);
    const u32 *arms = b ? baseline_arms(b, f) : NULL;
    if (!arms)
        rt_trap(TRAP_OUT_OF_MEMORY);
    tier_sum.left++;
    if (r)
        r->left++;
    if (r && from->tier > TIER_INTERP && tier_cfg.mode == TIER_MODE_AUTO && !r->stuck &&
        is_worth_compiling(from, r))
        compile_anew(from, r, tier_record_of(f));
    rt_thread.resume = b->base + arms[arm];
    return b->resume;
}
