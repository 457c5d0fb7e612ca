/* Tail calls in constant stack, whatever tiers the functions are in: direct, through a table, to another
 * instance, with more parameters than registers; and out of a loop that was entered in the middle. */
#include "interp.h"
#include "llvm_jit.h"
#include "tail_module.h"
#include "unit.h"

#include <string.h>

/* Functions of the module. */
enum { OTHER, DIRECT, INDIRECT, IMPORT, COUNT, TWICE, SUM };
enum { MUTUAL = 3, SLOTS = 2 * MUTUAL, TURNS = 1200, STACK = 64 * 1024 };

static struct wasm_module *module;
static struct rt_instance *instances[2];
static struct llvm_code codes[SLOTS];

/* Each instance imports from the other one; until both are there, something of the same type. */
static bool resolve(void *env, const struct wasm_module *m, const struct wasm_import *imp,
                    struct wasm_extern_value *out)
{
    static struct rt_func other;
    (void)env;
    other = (struct rt_func){.native = (void *)rt_native_adapter};
    other.sig = wasm_func_type(m, imp->index)->sig;
    other.sig_id = other.sig->id;
    *out = (struct wasm_extern_value){.kind = WASM_FUNC, .u.func = &other};
    return true;
}

static bool start(void)
{
    enum rt_trap trap;
    struct err e = {0};
    struct llvm_jit_config config = {.cpu = "native", .verify = true};
    struct wasm_instantiate_options o = {.resolve = resolve, .func_cells = interp_call};
    bool ok = CHECK_EQ(rt_thread_init(), ST_OK) && CHECK_EQ(llvm_jit_init(&config, &e), ST_OK) &&
              CHECK_EQ(wasm_module_decode(tail_module, sizeof tail_module, &module, &e), ST_OK) &&
              CHECK_EQ(wasm_instantiate(module, &o, &instances[0], &trap, &e), ST_OK) &&
              CHECK_EQ(wasm_instantiate(module, &o, &instances[1], &trap, &e), ST_OK);
    for (u32 k = 0; ok && k < 2; k++) {
        instances[k]->funcs[OTHER] = instances[!k]->funcs[DIRECT];
        for (u32 func = DIRECT; func <= SUM; func++)
            instances[k]->funcs[func]->heat = INT32_MAX;
    }
    return ok || CHECK_STR(e.text, "");
}

static void stop(void)
{
    for (u32 k = 0; k < SLOTS; k++)
        llvm_code_free(&codes[k]);
    for (u32 k = 0; k < 2; k++) {
        if (instances[k])
            interp_instance_fini(instances[k]);
        rt_instance_destroy(instances[k]);
        instances[k] = NULL;
    }
    wasm_module_destroy(module);
    llvm_jit_fini();
}

static struct llvm_unit unit_of(struct rt_instance *i, enum jit_tier t, const struct llvm_unit_func *func)
{
    return (struct llvm_unit){
        .module = module, .inst = i, .tier = t, .nfuncs = 1, .funcs = func, .profile = true};
}

static bool compile(struct llvm_code *out, const struct llvm_unit *u)
{
    enum bailout why;
    struct err e = {0};
    llvm_code_free(out);
    return CHECK_EQ(llvm_jit_compile(u, out, &why, &e), ST_OK) || CHECK_STR(e.text, "");
}

/* The slot with number 0..SLOTS-1. */
static struct rt_func *slot(u32 k)
{
    return instances[k / MUTUAL]->funcs[DIRECT + k % MUTUAL];
}

static bool compile_all(enum jit_tier t)
{
    for (u32 k = 0; k < SLOTS; k++) {
        struct llvm_unit_func func = {.index = DIRECT + k % MUTUAL, .root = true};
        struct llvm_unit u = unit_of(instances[k / MUTUAL], t, &func);
        if (!compile(&codes[k], &u))
            return false;
    }
    return true;
}

/* Lets the slots in `mask` run compiled code, and the others the interpreter. */
static void choose(u32 mask)
{
    for (u32 k = 0; k < SLOTS; k++) {
        bool compiled = mask >> k & 1;
        slot(k)->native = compiled ? codes[k].entry[0] : (void *)rt_native_adapter;
        slot(k)->cells = compiled ? rt_cells_to_native : interp_call;
    }
}

/* Cell k of the arguments; f32 and i32 have a low half only. */
static const rt_cell arguments[] = {
    TURNS,
    0,
    0x11111111,
    0x2222222222222222,
    0x33333333,
    0x4444444444444444,
    0x55555555,
    0x3ff1111111111111,
    0x3f811111,
    0x6666666666666666,
    0x7777777777777777,
    0x3ff2222222222222,
    0x3f822222,
    0x8888888888888888,
    0x9999999999999999,
    0x3ff3333333333333,
    0x3f833333,
    0xaaaaaaaaaaaaaaaa,
    0xbbbbbbbbbbbbbbbb,
    0x3ff4444444444444,
    0x3f844444,
};

static bool check_results(const rt_cell *r)
{
    return r[0] == (u64)TURNS * (TURNS + 1) / 2 && r[1] == 0x3ff4444444444444 && r[2] == 0xaaaaaaaaaaaaaaaa &&
           r[3] == 0xbbbbbbbbbbbbbbbb && (u32)r[4] == 0x55555555 && (u32)r[5] == 0x3f844444;
}

/* With so little stack that it is used up when every turn leaves something. */
static bool run(u32 first)
{
    rt_cell cells[sizeof arguments / sizeof *arguments];
    memcpy(cells, arguments, sizeof cells);
    uintptr_t limit = rt_thread.stack_limit;
    rt_cell *top = rt_thread.cells_top, *end = rt_thread.cells_end;
    rt_thread.stack_limit = (uintptr_t)__builtin_frame_address(0) - STACK;
    enum rt_trap t = rt_call(slot(first), cells);
    rt_thread.stack_limit = limit;
    return CHECK_EQ(t, TRAP_NONE) && CHECK(check_results(cells)) &&
           CHECK(rt_thread.cells_top == top && rt_thread.cells_end == end && rt_thread.tail == NULL);
}

TEST(tail_calls_mix_all_tiers)
{
    REQUIRE(start());
    for (int t = TIER_O0; t < TIER_COUNT; t++) {
        REQUIRE(compile_all((enum jit_tier)t));
        for (u32 mask = 0; mask < 1u << SLOTS; mask++) {
            choose(mask);
            REQUIRE(run(0) && run(MUTUAL));
        }
    }
    choose(0);
    stop();
}

/* One unit: direct calls between the functions, and inlining. */
TEST(tail_calls_in_one_unit)
{
    REQUIRE(start());
    static const struct llvm_unit_func funcs[] = {
        {.index = DIRECT, .root = true}, {.index = INDIRECT, .root = true}, {.index = IMPORT, .root = false}};
    for (int t = TIER_O0; t < TIER_COUNT; t++) {
        struct llvm_unit u = unit_of(instances[0], (enum jit_tier)t, funcs);
        u.nfuncs = 3;
        REQUIRE(compile(&codes[0], &u));
        for (u32 k = 0; k < 2; k++) {
            slot(k)->native = codes[0].entry[k];
            slot(k)->cells = rt_cells_to_native;
        }
        REQUIRE(run(0) && run(MUTUAL));
        choose(0);
    }
    stop();
}

/* Host functions are callees as well. */
static enum rt_trap host_returns(void *env, struct rt_instance *caller, rt_cell *cells)
{
    (void)env;
    (void)caller;
    cells[0] += cells[1];
    return TRAP_NONE;
}

TEST(tail_calls_reach_the_host)
{
    REQUIRE(start());
    struct rt_func host;
    rt_func_init_host(&host, instances[0]->funcs[OTHER]->sig, host_returns, NULL);
    instances[0]->funcs[OTHER] = &host;
    for (int t = TIER_INTERP; t < TIER_COUNT; t++) {
        if (t > TIER_INTERP)
            REQUIRE(compile_all((enum jit_tier)t));
        choose(t > TIER_INTERP ? (1u << SLOTS) - 1 : 0);
        rt_cell cells[sizeof arguments / sizeof *arguments] = {100, 11};
        CHECK_EQ(rt_call(slot(0), cells), TRAP_NONE);
        CHECK_EQ(cells[0], 99 + 111);
    }
    choose(0);
    stop();
}

/* The sanitizer looks for a type in front of a function; compiled code has none. */
__attribute__((no_sanitize("function"))) static void enter(void *code, struct rt_instance *i, rt_cell *frame)
{
    ((void (*)(struct rt_instance *, rt_cell *))(uintptr_t)code)(i, frame);
}

TEST(tail_call_out_of_an_entered_loop)
{
    REQUIRE(start());
    for (int t = TIER_O0; t < TIER_COUNT; t++) {
        struct llvm_unit_func func = {.index = COUNT, .root = true};
        struct llvm_unit u = unit_of(instances[0], (enum jit_tier)t, &func);
        u.osr = true;
        REQUIRE(compile(&codes[0], &u));
        rt_cell frame[16] = {2, 10, 7};
        enter(codes[0].entry[0], instances[0], frame);
        struct rt_func *next = rt_take_tail();
        CHECK(next == instances[0]->funcs[TWICE]);
        CHECK_EQ(frame[0], 7 + 8 * 3);
        CHECK_EQ(frame[1], 0x3fe0000000000000);
        CHECK_EQ(rt_call(next, frame), TRAP_NONE);
        CHECK_EQ(frame[0], 2 * 31 + 1);
    }
    stop();
}

/* A function that calls itself: a loop, but through the slot as long as better code can come there. */
TEST(tail_calls_of_itself)
{
    REQUIRE(start());
    struct rt_func *f = instances[0]->funcs[SUM];
    for (int t = TIER_O0; t < TIER_COUNT; t++) {
        for (int counts = 0; counts < 2; counts++) {
            struct llvm_unit_func func = {.index = SUM, .root = true};
            struct llvm_unit u = unit_of(instances[0], (enum jit_tier)t, &func);
            u.count_heat = counts;
            REQUIRE(compile(&codes[0], &u));
            struct rt_func compiled = *f;
            compiled.native = codes[0].entry[0];
            compiled.cells = rt_cells_to_native;
            f->heat = INT32_MAX;
            rt_cell cells[2] = {TURNS, 5};
            CHECK_EQ(rt_call(&compiled, cells), TRAP_NONE);
            CHECK_EQ(cells[0], 5 + TURNS * (TURNS + 1) / 2);
            CHECK_EQ(f->heat, INT32_MAX - (counts ? (TURNS + 1) * RT_HEAT_CALL : 0));
            CHECK((f->code != NULL) == (counts || t > TIER_O0));
        }
    }
    stop();
}
