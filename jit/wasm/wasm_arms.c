/* wasm_arms.c: loops, and what is called in them. */
#include "wasm_arms.h"

/* The end of the loop, or its first call. */
static const u8 *walk(const struct wasm_module *m, const u8 *body, bool to_call, bool *call)
{
    const u8 *p = body;
    *call = false;
    for (u32 open = 1; open && !(to_call && *call);) {
        struct wasm_instr in;
        wasm_read_instr(m, p, &in);
        p = in.next;
        *call |= wasm_is_call(in.op);
        open += in.op == WASM_OP_BLOCK || in.op == WASM_OP_LOOP || in.op == WASM_OP_IF;
        open -= in.op == WASM_OP_END;
    }
    return p;
}

bool wasm_loop_is_plain(const struct wasm_module *m, const u8 *body)
{
    bool call;
    walk(m, body, true, &call);
    return !call;
}

const u8 *wasm_loop_end(const struct wasm_module *m, const u8 *body)
{
    bool call;
    return walk(m, body, false, &call);
}

bool wasm_loop_may_be_known(const struct wasm_module *m, const u8 *body)
{
    enum { LEAST = 1000, MOST = 6000 }; /* bytes of code, with room: libzstd's have 2,500 */
    ptrdiff_t bytes = wasm_loop_end(m, body) - body;
    return bytes >= LEAST && bytes <= MOST && !wasm_loop_is_plain(m, body);
}

bool wasm_may_have_known_loop(const struct wasm_module *m, const struct wasm_func *f)
{
    for (const u8 *p = f->body; p < f->end;) {
        struct wasm_instr in;
        wasm_read_instr(m, p, &in);
        p = in.next;
        if (in.op == WASM_OP_LOOP && wasm_loop_may_be_known(m, p))
            return true;
    }
    return false;
}
