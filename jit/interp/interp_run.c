/* The interpreter's handlers. Each ends in a tail call of the next one, with the machine's state in registers
 * (preserve_none); every handler of a numeric operation or a memory access derives from wasm_alu.def or
 * wasm_mem.def.
 *
 * They lie in a section of their own, whose bounds tell the fault handler that a fault is the guest's. */
#include "interp_call.h"
#include "interp_copy.h"
#include "interp_handler.h"

#include "plat.h"
#include "rt_helpers.h"
#include "rt_num.h"

#define CELL(field)   fp[i->field]
#define WORD32(field) ((u32)i->field)
#define WORD64(field) ((u64)i->field)
#define OFFSET()      i->offset
#define HERE()        ip
#define FORGET_IP()   (void)0
#define LEAVE_TO(to)  TAIL to(INTERP_PASS)
#define TABLE(name)   name

/* --- Jumps. A backward one counts down the function's heat. --- */
#define TAKE_JUMP()                                                                                          \
    do {                                                                                                     \
        s64 distance = i->to;                                                                                \
        ip = (const u8 *)&i->to + distance;                                                                  \
        if (distance < 0 && __builtin_expect(--f->heat < 0, 0))                                              \
            TAIL interp_hot_loop(INTERP_PASS);                                                               \
        DISPATCH();                                                                                          \
    } while (0)

static u32 loop_at(const struct interp_code *c, u32 at)
{
    for (u32 k = 0; k < c->nloops; k++) {
        if (c->loops[k] == at)
            return k;
    }
    panic("interpreter: no loop at %u", at);
}

/* What finishes the call has the function's handlers itself. */
static void leave_handlers(const struct interp_code *c, rt_cell *fp)
{
    const struct interp_catching *own = interp_catching();
    for (u32 k = 0; k < c->ncaught; k++)
        fp[c->caught_cell + k] = (uintptr_t)own->caught[k];
    rt_thread.handler_top = own->handler.prev;
}

static __attribute__((noinline)) bool ask_hot_loop(struct rt_func *f, rt_cell *fp, const u8 *ip)
{
    const struct interp_code *c = f->code;
    rt_cell *top = rt_thread.cells_top;
    struct rt_handler *handler = rt_thread.handler_top;
    SAVE_IP();
    rt_thread.cells_top = fp + c->frame_cells;
    if (c->catches)
        leave_handlers(c, fp);
    bool done = interp_on_hot_loop(f, loop_at(c, (u32)(ip - c->text)), fp);
    rt_thread.handler_top = handler;
    rt_thread.cells_top = top;
    return done;
}

__attribute__((preserve_none, section("interp_text"))) NO_ASAN void interp_hot_loop(INTERP_ARGS)
{
    if (ask_hot_loop(f, fp, ip))
        return;
    DISPATCH();
}

#include "interp_ops.h"

/* --- Loads and stores of any memory. --- */
#define FAR_LOAD(id, m, t, index)                                                                            \
    HANDLER(id##_far_##index)                                                                                \
    {                                                                                                        \
        INS(ins_load_far);                                                                                   \
        m v;                                                                                                 \
        __builtin_memcpy(&v, far_address(f, ip, i->mem, GET_##index(i->a), i->offset, sizeof v), sizeof v);  \
        PUT_##t(i->d, WIDEN_##t(v));                                                                         \
        NEXT_INS();                                                                                          \
    }
#define FAR_STORE(id, m, t, index)                                                                           \
    HANDLER(id##_far_##index)                                                                                \
    {                                                                                                        \
        INS(ins_store_far);                                                                                  \
        m v = (m)GET_##t(i->v);                                                                              \
        __builtin_memcpy(far_address(f, ip, i->mem, GET_##index(i->a), i->offset, sizeof v), &v, sizeof v);  \
        NEXT_INS();                                                                                          \
    }
#define LOAD(id, m, t)  FAR_LOAD(id, m, t, u32) FAR_LOAD(id, m, t, u64)
#define STORE(id, m, t) FAR_STORE(id, m, t, u32) FAR_STORE(id, m, t, u64)
#include "wasm_mem.def"
#undef LOAD
#undef STORE

#define STORE(id, m, t)
#define LOAD(id, m, t) [WASM_OP_##id - WASM_OP_I32_LOAD] = id##_far_u32,
const interp_fn interp_loads_far[2][INTERP_LOADS] = {
    {
#include "wasm_mem.def"
    },
#undef LOAD
#define LOAD(id, m, t) [WASM_OP_##id - WASM_OP_I32_LOAD] = id##_far_u64,
    {
#include "wasm_mem.def"
    },
};
#undef LOAD
#undef STORE
#define LOAD(id, m, t)
#define STORE(id, m, t) [WASM_OP_##id - WASM_OP_I32_STORE] = id##_far_u32,
const interp_fn interp_stores_far[2][INTERP_STORES] = {
    {
#include "wasm_mem.def"
    },
#undef STORE
#define STORE(id, m, t) [WASM_OP_##id - WASM_OP_I32_STORE] = id##_far_u64,
    {
#include "wasm_mem.def"
    },
};
#undef LOAD
#undef STORE

/* --- Moving values. --- */
HANDLER(MOVE)
{
    INS(ins_move);
    const rt_cell *from = &fp[i->a];
    rt_cell *to = &fp[i->d];
    for (u32 k = 0; k < i->count; k++) {
        to[k] = from[k];
        __asm__ volatile("" ::: "memory"); /* they may overlap, and are few */
    }
    NEXT_INS();
}
/* --- Control. --- */
HANDLER(JUMP)
{
    INS(ins_jump);
    TAKE_JUMP();
}

HANDLER(UNREACHABLE)
{
    (void)fp, (void)mem, (void)f, (void)acc, (void)acc_f32, (void)acc_f64;
    SAVE_IP();
    rt_trap(TRAP_UNREACHABLE);
}

static __attribute__((noinline, cold)) void grown_up(struct rt_func *f)
{
#if INTERP_SMALL
    (void)f;
#else
    interp_copy_make(f);
#endif
}

/* A function's entry, a loop's header: what runs often enough gets a copy. */
HANDLER(TURN)
{
    INS(ins_0);
    struct interp_code *c = f->code;
    if (__builtin_expect(--c->young < 0, 0))
        grown_up(f);
    NEXT_INS();
}

__attribute__((cold)) void interp_fuel_trap(void)
{
    rt_trap(TRAP_FUEL);
}

/* --- Calls. --- */
NO_ASAN void interp_run(struct rt_func *f, rt_cell *cells)
{
    const struct interp_code *c = f->code;
    if ((uintptr_t)__builtin_frame_address(0) < rt_thread.stack_limit ||
        (cells + c->frame_cells > rt_thread.cells_end && !rt_cells_reserve(cells + c->frame_cells)))
        rt_trap(TRAP_STACK_EXHAUSTED);
    run_code(f, c, cells);
}

/* Through the slot, whatever is behind it. */
void interp_call_slot(struct rt_func *callee, rt_cell *cells)
{
    rt_cell *top = rt_thread.cells_top;
    rt_thread.cells_top = cells + rt_sig_cells(callee->sig);
    rt_cells_call(callee, cells);
    rt_thread.cells_top = top;
}

/* Outside of the handlers: they stay as small as they are. */
__attribute__((cold)) void interp_finish_tail(rt_cell *cells)
{
    interp_call_slot(rt_take_tail(), cells);
}

__attribute__((cold)) void interp_indirect_trap(const struct rt_table *t, u64 index)
{
    rt_trap(index >= t->size   ? TRAP_UNDEFINED_ELEMENT
            : !t->elems[index] ? TRAP_UNINITIALIZED_ELEMENT
                               : TRAP_INDIRECT_TYPE);
}

__attribute__((cold)) void interp_null_trap(enum rt_trap t)
{
    rt_trap(t);
}

HANDLER(NON_NULL)
{
    INS(ins_1);
    if (__builtin_expect(!fp[i->d], 0)) {
        SAVE_IP();
        interp_null_trap(TRAP_NULL_REFERENCE);
    }
    NEXT_INS();
}
/* Calls that take more than lowered code and a frame. */
#define CALL_ANYTHING(name, ins, find, callee)                                                               \
    __attribute__((preserve_none, section("interp_text"))) NO_ASAN void name(INTERP_ARGS)                    \
    {                                                                                                        \
        INS(ins);                                                                                            \
        find SAVE_IP();                                                                                      \
        interp_call_slot(callee, fp + i->base);                                                              \
        FORGET_ACC();                                                                                        \
        NEXT_INS();                                                                                          \
    }
CALL_ANYTHING(interp_call_anything, ins_call, , i->callee)
CALL_ANYTHING(interp_call_indirect_anything, ins_call_indirect, FIND_TARGET(AT_u32(a)), target)
CALL_ANYTHING(interp_call_indirect64_anything, ins_call_indirect, FIND_TARGET(AT_u64(a)), target)
CALL_ANYTHING(interp_call_ref_anything, ins_call_ref, TAKE_TARGET(), target)

/* --- Tail calls: the activation becomes the callee's. Where that takes more than lowered code, the frame is
 * left first. --- */
#define MOVE_ARGUMENTS()                                                                                     \
    for (u32 k = 0; k < i->cells; k++) {                                                                     \
        fp[k] = fp[i->base + k];                                                                             \
        __asm__ volatile("" ::: "memory"); /* they may overlap, and are few */                               \
    }
#define TAIL_CALL_TO(callee_)                                                                                \
    struct rt_func *callee = (callee_);                                                                      \
    const struct interp_code *c = callee->code;                                                              \
    MOVE_ARGUMENTS()                                                                                         \
    if (__builtin_expect(!is_ready(callee, c, fp), 0)) {                                                     \
        rt_thread.tail = callee;                                                                             \
        return;                                                                                              \
    }                                                                                                        \
    callee->heat -= RT_HEAT_CALL;                                                                            \
    zero_locals(c, fp);                                                                                      \
    rt_thread.interp_top->func = callee;                                                                     \
    ip = c->text;                                                                                            \
    mem = c->mem;                                                                                            \
    f = callee;                                                                                              \
    DISPATCH()
/* Leaves it to whoever ran us, as above. */
#define LEAVE_CALL_TO(callee_)                                                                               \
    struct rt_func *callee = (callee_);                                                                      \
    (void)mem, (void)f, (void)acc, (void)acc_f32, (void)acc_f64;                                             \
    MOVE_ARGUMENTS()                                                                                         \
    rt_thread.tail = callee

#define TAIL_CALLS(prefix, TO)                                                                               \
    HANDLER(prefix)                                                                                          \
    {                                                                                                        \
        INS(ins_tail_call);                                                                                  \
        TO(i->callee);                                                                                       \
    }                                                                                                        \
    HANDLER(prefix##_INDIRECT)                                                                               \
    {                                                                                                        \
        INS(ins_tail_call_indirect);                                                                         \
        FIND_TARGET(AT_u32(a))                                                                               \
        TO(target);                                                                                          \
    }                                                                                                        \
    HANDLER(prefix##_INDIRECT64)                                                                             \
    {                                                                                                        \
        INS(ins_tail_call_indirect);                                                                         \
        FIND_TARGET(AT_u64(a))                                                                               \
        TO(target);                                                                                          \
    }                                                                                                        \
    HANDLER(prefix##_REF)                                                                                    \
    {                                                                                                        \
        INS(ins_tail_call_ref);                                                                              \
        TAKE_TARGET()                                                                                        \
        TO(target);                                                                                          \
    }
TAIL_CALLS(TAIL_CALL, TAIL_CALL_TO)
TAIL_CALLS(LEAVE_CALL, LEAVE_CALL_TO)

/* --- Exceptions. --- */
HANDLER(HANDLERS)
{
    INS(ins_0);
    (void)acc, (void)acc_f32, (void)acc_f64;
    interp_run_handled(f, fp, ip + sizeof *i, mem);
}
HANDLER(THROW)
{
    INS(ins_throw);
    (void)mem, (void)f, (void)acc, (void)acc_f32, (void)acc_f64;
    SAVE_IP();
    rt_throw(rt_exn_new(i->tag, fp + i->base));
}
HANDLER(THROW_REF)
{
    INS(ins_1);
    (void)mem, (void)acc, (void)acc_f32, (void)acc_f64;
    SAVE_IP();
    rt_h_throw_ref(f->inst, (struct rt_exn *)(uintptr_t)fp[i->d]);
}
HANDLER(RETHROW)
{
    INS(ins_1);
    (void)fp, (void)mem, (void)f, (void)acc, (void)acc_f32, (void)acc_f64;
    SAVE_IP();
    rt_throw(interp_catching()->caught[i->d]);
}

/* --- Memories and tables: operands in consecutive cells from `base`, the result there. --- */
static inline u64 narrowed(u64 v, bool wide)
{
    return wide ? v : (u32)v;
}
#define HELPER_CALL(name, body)                                                                              \
    HANDLER(name)                                                                                            \
    {                                                                                                        \
        INS(ins_helper);                                                                                     \
        rt_cell *o = fp + i->base;                                                                           \
        struct rt_instance *inst = f->inst;                                                                  \
        SAVE_IP();                                                                                           \
        body;                                                                                                \
        FORGET_ACC();                                                                                        \
        NEXT_INS();                                                                                          \
    }
#define O32(n) ((u32)o[n])
/* An address or a size; the result of growing, which has the type of operand n. */
#define O(n)         narrowed(o[n], i->wide >> (n) & 1)
#define GROWN(n, by) narrowed((by), i->wide >> (n) & 1)
#define REF(n)       ((void *)(uintptr_t)o[n])
HELPER_CALL(MEMORY_SIZE, o[0] = inst->mems[i->x]->bytes / RT_PAGE)
HELPER_CALL(MEMORY_GROW, o[0] = GROWN(0, rt_h_memory_grow(inst, i->x, O(0))))
HELPER_CALL(MEMORY_INIT, rt_h_memory_init(inst, i->y, i->x, O(0), O32(1), O32(2)))
HELPER_CALL(MEMORY_COPY, rt_h_memory_copy(inst, i->x, i->y, O(0), O(1), O(2)))
HELPER_CALL(MEMORY_FILL, rt_h_memory_fill(inst, i->x, O(0), O32(1), O(2)))
HELPER_CALL(DATA_DROP, (void)o; rt_h_data_drop(inst, i->x))
HELPER_CALL(TABLE_GET, o[0] = (uintptr_t)rt_h_table_get(inst, i->x, O(0)))
HELPER_CALL(TABLE_SET, rt_h_table_set(inst, i->x, O(0), REF(1)))
HELPER_CALL(TABLE_SIZE, o[0] = rt_h_table_size(inst, i->x))
HELPER_CALL(TABLE_GROW, o[0] = GROWN(1, rt_h_table_grow(inst, i->x, REF(0), O(1))))
HELPER_CALL(TABLE_FILL, rt_h_table_fill(inst, i->x, O(0), REF(1), O(2)))
HELPER_CALL(TABLE_COPY, rt_h_table_copy(inst, i->x, i->y, O(0), O(1), O(2)))
HELPER_CALL(TABLE_INIT, rt_h_table_init(inst, i->y, i->x, O(0), O32(1), O32(2)))
HELPER_CALL(ELEM_DROP, (void)o; rt_h_elem_drop(inst, i->x))

const interp_fn interp_plain[PLAIN_COUNT] = {
#define X(name, encoding) [PLAIN_##name] = name,
    INTERP_PLAIN_LIST(X)
#undef X
};
const u8 interp_plain_size[PLAIN_COUNT] = {
#define X(name, encoding) [PLAIN_##name] = sizeof(struct encoding),
    INTERP_PLAIN_LIST(X)
#undef X
};
