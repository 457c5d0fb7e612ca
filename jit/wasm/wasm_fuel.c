/* wasm_fuel.c: one pass over a body with the stack of its open blocks. */
#include "wasm_fuel.h"

void wasm_fuel_costs(const struct wasm_module *m, const struct wasm_func *f, u32 *costs)
{
    u32 *open = costs + f->nloops + 1; /* which cost each open block counts into */
    u32 depth = 1, nloops = 0;         /* open[0]: the body */
    for (const u8 *p = f->body; p < f->end;) {
        struct wasm_instr in;
        wasm_read_instr(m, p, &in);
        p = in.next;
        u32 here = open[depth - 1];
        costs[here]++;
        switch ((int)in.op) {
        case WASM_OP_LOOP: open[depth++] = ++nloops; break;
        case WASM_OP_BLOCK:
        case WASM_OP_IF:
        case WASM_OP_TRY:
        case WASM_OP_TRY_TABLE: open[depth++] = here; break;
        case WASM_OP_DELEGATE:
        case WASM_OP_END: depth--; break; /* the body's own is the last instruction */
        default: break;
        }
    }
}
