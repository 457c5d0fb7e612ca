/* Calls between cells and the native convention, every mix of up to 12 parameters, both directions. */
#include "rt.h"

#include <string.h>

#include "unit.h"

static const struct rt_sig *sig_of(const char *params, const char *results)
{
    rt_type types[64];
    u32 n = 0;
    for (const char *p = params; *p; p++)
        types[n++] = *p == 'i' ? RT_I32 : *p == 'l' ? RT_I64 : *p == 'f' ? RT_F32 : RT_F64;
    u32 nparams = n;
    for (const char *p = results; *p; p++)
        types[n++] = *p == 'i' ? RT_I32 : *p == 'l' ? RT_I64 : *p == 'f' ? RT_F32 : RT_F64;
    return rt_sig_get(types, nparams, n - nparams);
}

static rt_cell f64_cell(f64 v)
{
    rt_cell c;
    memcpy(&c, &v, sizeof c);
    return c;
}

static f64 cell_f64(rt_cell c)
{
    f64 v;
    memcpy(&v, &c, sizeof v);
    return v;
}

static void *code_of(void (*fn)(void))
{
    void *p;
    memcpy(&p, &fn, sizeof p);
    return p;
}

/* --- A cells function that checks its parameters and gives results. --- */

enum { PARAMS = 12, RESULTS = 5 };
static rt_cell seen[PARAMS];

static void record_cells(struct rt_func *f, rt_cell *cells)
{
    memcpy(seen, cells, f->sig->nparams * sizeof *cells);
    for (u32 k = 0; k < f->sig->nresults; k++)
        cells[k] = 1000 + k;
}

static bool round_trip(u32 n, u32 floats, u32 nresults)
{
    rt_type types[PARAMS + RESULTS];
    for (u32 k = 0; k < n; k++)
        types[k] = floats >> k & 1 ? RT_F64 : RT_I64;
    for (u32 k = 0; k < nresults; k++)
        types[n + k] = floats >> k & 1 ? RT_I64 : RT_F64;
    struct rt_func f = {.native = code_of(rt_native_adapter), .cells = record_cells};
    f.sig = rt_sig_get(types, n, nresults);
    rt_cell cells[PARAMS];
    for (u32 k = 0; k < n; k++)
        cells[k] = 0x1111111100000000u * (k + 1) + k;
    rt_cell sent[PARAMS];
    memcpy(sent, cells, sizeof sent);
    memset(seen, 0xff, sizeof seen);
    rt_cells_to_native(&f, cells);
    bool ok = memcmp(seen, sent, n * sizeof *seen) == 0;
    for (u32 k = 0; k < nresults; k++)
        ok = ok && cells[k] == 1000 + k;
    return ok;
}

TEST(rt_adapter_round_trips_every_mix)
{
    REQUIRE(rt_thread_init() == ST_OK);
    rt_cell *top = rt_thread.cells_top;
    for (u32 n = 0; n <= PARAMS; n++) {
        for (u32 floats = 0; floats < 1u << n; floats++) {
            REQUIRE(round_trip(n, floats, floats % (RESULTS + 1)));
        }
    }
    CHECK(rt_thread.cells_top == top);
}

/* --- Absolute: functions compiled by a C compiler. --- */

static struct rt_instance *seen_instance;

/* The sixth and seventh integer find no register. */
static f64 native_mix(struct rt_instance *i, s32 a, f64 b, s64 c, f32 d, s64 e, s64 g, s64 h, f64 k)
{
    s64 j = (s64)rt_thread.args[0];
    s32 l = (s32)rt_thread.args[1];
    seen_instance = i;
    return a + b * 2 + (f64)c * 3 + d * 4 + (f64)e * 5 + (f64)g * 6 + (f64)h * 7 + (f64)j * 8 + k * 9 +
           l * 10;
}

TEST(rt_adapter_calls_a_c_function)
{
    REQUIRE(rt_thread_init() == ST_OK);
    struct rt_instance *inst = (struct rt_instance *)0x1234;
    struct rt_func f = {
        .native = code_of((void (*)(void))native_mix), .inst = inst, .cells = rt_cells_to_native};
    f.sig = sig_of("idlflllldi", "d");
    f32 d = 4.5f;
    rt_cell d_cell = 0;
    memcpy(&d_cell, &d, sizeof d);
    rt_cell cells[10] = {(u32)-1, f64_cell(2.25), (rt_cell)-3, d_cell, 5, 6, 7, 8, f64_cell(9.5), (u32)-10};
    CHECK_EQ(rt_call(&f, cells), TRAP_NONE);
    CHECK(seen_instance == inst);
    CHECK_F64(cell_f64(cells[0]),
              -1 + 2.25 * 2 - 3 * 3 + 4.5 * 4 + 5 * 5 + 6 * 6 + 7 * 7 + 8 * 8 + 9.5 * 9 - 10 * 10);
}

static s64 native_many_results(struct rt_instance *i, s64 a)
{
    (void)i;
    rt_thread.results[1] = f64_cell((f64)a + 0.5);
    rt_thread.results[2] = (rt_cell)(a + 2);
    return a + 1;
}

TEST(rt_adapter_takes_further_results)
{
    REQUIRE(rt_thread_init() == ST_OK);
    struct rt_func f = {.native = code_of((void (*)(void))native_many_results), .cells = rt_cells_to_native};
    f.sig = sig_of("l", "ldl");
    rt_cell cells[3] = {40};
    CHECK_EQ(rt_call(&f, cells), TRAP_NONE);
    CHECK_EQ(cells[0], 41);
    CHECK_F64(cell_f64(cells[1]), 40.5);
    CHECK_EQ(cells[2], 42);
}

/* --- A native caller. --- */

static void sum_cells(struct rt_func *f, rt_cell *cells)
{
    f64 sum = 0;
    for (u32 k = 0; k < f->sig->nparams; k++) {
        switch (f->sig->types[k]) {
        case RT_I32: sum += (f64)(s32)cells[k] * (k + 1); break;
        case RT_I64: sum += (f64)(s64)cells[k] * (k + 1); break;
        default: sum += cell_f64(cells[k]) * (k + 1); break;
        }
    }
    cells[0] = f64_cell(sum);
    if (f->sig->nresults > 1)
        cells[1] = 77;
}

typedef f64 (*mixed_fn)(struct rt_instance *, s32, f64, s64, s64, s64, s64, f64);

/* The static chain of nested functions is r10. */
TEST(rt_adapter_is_called_natively)
{
    REQUIRE(rt_thread_init() == ST_OK);
    struct rt_func f = {.native = code_of(rt_native_adapter), .cells = sum_cells};
    f.sig = sig_of("idlllllid", "dl");
    mixed_fn fn;
    memcpy(&fn, &f.native, sizeof fn);
    rt_thread.args[0] = 7;
    rt_thread.args[1] = (u32)-8;
    f64 got = __builtin_call_with_static_chain(fn(NULL, -1, 2.5, 3, 4, 5, 6, 9.5), &f);
    CHECK_F64(got, -1 + 2.5 * 2 + 3 * 3 + 4 * 4 + 5 * 5 + 6 * 6 + 7 * 7 - 8 * 8 + 9.5 * 9);
    CHECK_EQ(rt_thread.results[1], 77);
}

/* --- Vectors, and more parameters than registers. --- */

enum { MANY = 40 };
static rt_cell many_seen[2 * MANY];

static void record_many(struct rt_func *f, rt_cell *cells)
{
    memcpy(many_seen, cells, f->sig->param_cells * sizeof *cells);
}

TEST(rt_adapter_passes_what_finds_no_register)
{
    REQUIRE(rt_thread_init() == ST_OK);
    static const rt_type kinds[] = {RT_V128, RT_I32, RT_F32, RT_I64, RT_V128, RT_FUNCREF, RT_F64};
    rt_type types[MANY];
    for (u32 k = 0; k < MANY; k++)
        types[k] = kinds[k % (sizeof kinds / sizeof *kinds)];
    struct rt_func f = {.native = code_of(rt_native_adapter), .cells = record_many};
    f.sig = rt_sig_get(types, MANY, 0);
    rt_cell cells[2 * MANY];
    for (u32 k = 0; k < f.sig->param_cells; k++)
        cells[k] = 0x0101010101010101u * (k + 1);
    rt_cells_to_native(&f, cells);
    CHECK(f.sig->param_cells > MANY && memcmp(many_seen, cells, f.sig->param_cells * sizeof *cells) == 0);
}

/* --- Tail calls between a function without compiled code and one that has it. --- */

enum { TURNS = 100000 };
static struct rt_func ping_slot, pong_slot;
static uintptr_t lowest;
static bool arrived; /* all arguments, each time */

/* (turns left, checksum, what must stay as it is...) -> checksum; ends in a tail call of pong. */
static void ping(struct rt_func *f, rt_cell *cells)
{
    uintptr_t here = (uintptr_t)__builtin_frame_address(0);
    lowest = here < lowest ? here : lowest;
    for (u32 k = 2; k < f->sig->param_cells; k++)
        arrived = arrived && cells[k] == k;
    cells[1] += cells[0];
    if (cells[0]-- == 0)
        cells[0] = cells[1];
    else
        rt_thread.tail = &pong_slot;
}

/* A tail call of ping as compiled code makes it. */
__attribute__((naked)) static void pong(void)
{
    __asm__ volatile("movq %0, %%r10\n\t"
                     "jmpq *(%%r10)" ::"i"(&ping_slot));
}

static void check_turns(struct rt_func *first)
{
    rt_cell cells[2 * MANY] = {TURNS};
    for (u32 k = 2; k < first->sig->param_cells; k++)
        cells[k] = k;
    rt_cell *top = rt_thread.cells_top;
    lowest = UINTPTR_MAX;
    arrived = true;
    CHECK_EQ(rt_call(first, cells), TRAP_NONE);
    CHECK_EQ(cells[0], (u64)TURNS * (TURNS + 1) / 2);
    CHECK(arrived && rt_thread.tail == NULL && rt_thread.cells_top == top);
    CHECK((uintptr_t)__builtin_frame_address(0) - lowest < 16384);
}

TEST(rt_adapter_keeps_the_stack_in_tail_calls)
{
    REQUIRE(rt_thread_init() == ST_OK);
    rt_type types[MANY + 1];
    for (u32 k = 0; k < MANY; k++)
        types[k] = k < 2 || k % 3 == 0 ? RT_I64 : k % 3 == 1 ? RT_V128 : RT_F64;
    types[MANY] = RT_I64;
    const struct rt_sig *sig = rt_sig_get(types, MANY, 1);
    ping_slot = (struct rt_func){.native = code_of(rt_native_adapter), .cells = ping, .sig = sig};
    pong_slot = (struct rt_func){.native = code_of(pong), .cells = rt_cells_to_native, .sig = sig};
    check_turns(&ping_slot);
    check_turns(&pong_slot);
}

TEST(rt_adapter_checks_the_stack)
{
    REQUIRE(rt_thread_init() == ST_OK);
    uintptr_t limit = rt_thread.stack_limit;
    struct rt_func f = {.native = code_of(rt_native_adapter), .cells = rt_cells_to_native};
    f.sig = sig_of("i", "i");
    rt_cell cells[1] = {1};
    /* The slot leads in a circle: adapters call each other until the stack ends. */
    CHECK_EQ(rt_call(&f, cells), TRAP_STACK_EXHAUSTED);
    CHECK_EQ(rt_thread.stack_limit, limit);
    CHECK(rt_thread.catch_top == NULL);
}
