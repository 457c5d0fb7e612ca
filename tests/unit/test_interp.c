/* The interpreter: what the specification's vectors do not look at: forwarded operands, where traps say they
 * happened, limits, memories without guard, profile. */
#include "interp.h"

#include <string.h>

#include "heap.h"
#include "interp_module.h"
#include "interp_paths.h"
#include "plat.h"
#include "rt_arena.h"
#include "wasm_build.h"

static struct wasm_module *module;
static struct rt_instance *instance;

static bool start_bytes(const u8 *bytes, size_t len)
{
    enum rt_trap trap;
    struct err e = {0};
    struct wasm_instantiate_options o = {.func_cells = interp_call};
    instance = NULL;
    module = NULL;
    if (rt_thread_init() != ST_OK || wasm_module_decode(bytes, len, &module, &e) != ST_OK ||
        wasm_instantiate(module, &o, &instance, &trap, &e) != ST_OK)
        return CHECK_STR(e.text, "");
    for (u32 k = 0; k < instance->layout->nfuncs; k++)
        instance->own_funcs[k].heat = INT32_MAX;
    return true;
}

static bool start(void)
{
    return start_bytes(interp_module, sizeof interp_module);
}

static void stop(void)
{
    if (instance) {
        interp_instance_fini(instance);
        rt_instance_destroy(instance);
    }
    wasm_module_destroy(module);
}

static enum rt_trap call(const char *name, rt_cell *cells)
{
    const struct wasm_export *x = wasm_export_find(module, name, strlen(name));
    if (!CHECK(x != NULL))
        return TRAP_HOST;
    return rt_call(instance->funcs[x->index], cells);
}

static u32 call2(const char *name, u64 a, u64 b)
{
    rt_cell cells[3] = {a, b};
    CHECK_EQ(call(name, cells), TRAP_NONE);
    return (u32)cells[0];
}

static f64 fdot(f64 x, f64 y, f64 z)
{
    rt_cell cells[3];
    memcpy(cells, (f64[]){x, y, z}, sizeof cells);
    CHECK_EQ(call("fdot", cells), TRAP_NONE);
    memcpy(&x, cells, sizeof x);
    return x;
}

TEST(interp_forwards_operands)
{
    REQUIRE(start());
    CHECK_EQ(call2("postinc", 3, 0), 304);
    CHECK_EQ(call2("overwritten", 11, 4), 11 * (11 - 4) + 5 - 7);
    CHECK_F64(fdot(3.0, 4.0, 0.25), 3.0 * 4.0 - 4.0 * 0.25 / 0.5);
    CHECK_EQ(call2("fib", 15, 0), 610);
    CHECK_EQ(call2("counter", 5, 40), 118);
    stop();
}

TEST(interp_moves_values_with_branches)
{
    REQUIRE(start());
    rt_cell cells[2] = {1, 2};
    CHECK_EQ(call("swap", cells), TRAP_NONE);
    CHECK_EQ(cells[0], 2);
    CHECK_EQ(cells[1], 1);
    CHECK_EQ(call2("brif", 0, 0), 1007);
    CHECK_EQ(call2("brif", 1, 0), 7);
    CHECK_EQ(call2("brtable", 0, 0), 13);
    CHECK_EQ(call2("brtable", 1, 0), 23);
    CHECK_EQ(call2("brtable", 2, 0), 3);
    CHECK_EQ(call2("brtable", UINT32_MAX, 0), 3);
    for (u32 k = 0; k < 4; k++) {
        rt_cell many[4] = {k};
        CHECK_EQ(call("many", many), TRAP_NONE);
        CHECK_EQ((u32)many[0], k ? k : 100);
        CHECK_EQ((u32)many[1], k ? 1 : 200);
        CHECK_EQ((u32)many[2], k ? 2 : 7);
        CHECK_EQ((u32)many[3], k ? k : 8);
    }
    CHECK_EQ(call2("loop", 100, 0), 5050);
    CHECK_EQ(call2("dead", 0, 0), 3);
    stop();
}

static void check_trap(const char *name, u64 a, u64 b, enum rt_trap trap, u64 offset)
{
    rt_cell cells[3] = {a, b};
    const void *top = rt_thread.interp_top;
    const rt_cell *cells_top = rt_thread.cells_top;
    if (!CHECK_EQ(call(name, cells), trap))
        return;
    CHECK(rt_thread.nframes > 0);
    CHECK_EQ(rt_thread.frames[0].offset, offset);
    CHECK(rt_thread.interp_top == top);
    CHECK(rt_thread.cells_top == cells_top);
}

static void check_traps(void)
{
    check_trap("load", 65536 - 4, 0, TRAP_MEMORY_OOB, 0x1c4);
    check_trap("load", UINT32_MAX, 0, TRAP_MEMORY_OOB, 0x1c4);
    check_trap("sum_load", 65536, UINT32_MAX - 3, TRAP_MEMORY_OOB, 0x1d0);
    check_trap("store", 65529, 1, TRAP_MEMORY_OOB, 0x1db);
    CHECK_EQ(call2("load", 65528, 0), 1);
    CHECK_EQ(call2("sum_load", 65536, UINT32_MAX - 65535), 0);
}

/* The fall-through takes the value from the accumulator: it is in its cell all the same. */
TEST(interp_stores_what_two_paths_take)
{
    wasm_features_forced = ~0u;
    REQUIRE(start_bytes(interp_paths, sizeof interp_paths));
    wasm_features_forced = 0;
    for (u32 k = 0; k < 2; k++) {
        CHECK_EQ(call2("carried", 7, k), k ? 21 : 1021);
        CHECK_EQ(call2("carried_const", 7, k), 21);
        CHECK_EQ(call2("arms", 7, k), k ? 1021 : 2021);
        CHECK_EQ(call2("halves", 7, k), 22);
        CHECK_EQ(call2("lanes", 7, k), 22);
    }
    CHECK_EQ(call2("again", 0, 4), 1081);
    stop();
}

TEST(interp_traps_say_where)
{
    REQUIRE(start());
    check_traps();
    check_trap("div", 1, 0, TRAP_DIV_BY_ZERO, 0x1e5);
    check_trap("div", 1u << 31, UINT32_MAX, TRAP_INT_OVERFLOW, 0x1e5);
    check_trap("indirect", 1, 1, TRAP_INDIRECT_TYPE, 0x1f5);
    check_trap("indirect", 1, 3, TRAP_UNDEFINED_ELEMENT, 0x1f5);
    CHECK_EQ(call2("indirect", 21, 0), 42);
    check_trap("outer", UINT32_MAX, 0, TRAP_MEMORY_OOB, 0x1c4);
    CHECK_EQ(rt_thread.nframes, 2);
    CHECK_EQ(rt_thread.frames[1].offset, 0x1ec);
    CHECK_EQ(rt_thread.frames[1].func->index, 14);
    stop();
}

TEST(interp_checks_memories_without_guard)
{
    REQUIRE(start());
    instance->mems[0]->guarded = false;
    check_traps();
    CHECK_EQ(call2("grow", 1, 0), 1);
    CHECK_EQ(call2("load", 65536, 0), 1);
    CHECK_EQ(call2("grow", 1, 0), UINT32_MAX);
    stop();
}

TEST(interp_ends_deep_recursion)
{
    REQUIRE(start());
    check_trap("deep", 1, 0, TRAP_STACK_EXHAUSTED, 0x1fd);
    CHECK_EQ(rt_thread.nframes, RT_FRAMES_MAX);
    check_trap("deep", 1, 0, TRAP_STACK_EXHAUSTED, 0x1fd);
    CHECK_EQ(call2("fib", 10, 0), 55);
    stop();
}

/* 50,000 i64 locals  in the second call lie where the first left a 1. */
TEST(interp_zeroes_many_locals)
{
    REQUIRE(start_bytes(MODULE(SEC(1, 1, 0x60, 0, 1, 0x7e), ONE_FUNC, SEC(7, 1, 1, 'f', 0, 0),
                               SEC(10, 1,
                                   SIZED(1, 0xd0, 0x86, 0x03, 0x7e, 0x20, 0xcf, 0x86, 0x03, 0x42, 1, 0x7c,
                                         0x22, 0xcf, 0x86, 0x03, 0x0b)))));
    CHECK_EQ(call2("f", 0, 0), 1);
    CHECK_EQ(call2("f", 0, 0), 1);
    CHECK(interp_code_bytes() > 0);
    stop();
}

/* Once more with a copy of every function from its first call on. */
TEST(interp_copies_do_the_same)
{
    static void (*const again[])(void) = {
        interp_forwards_operands,  interp_moves_values_with_branches,    interp_stores_what_two_paths_take,
        interp_traps_say_where,    interp_checks_memories_without_guard, interp_ends_deep_recursion,
        interp_zeroes_many_locals,
    };
    interp_copy_after = 1;
    for (size_t k = 0; k < sizeof again / sizeof *again; k++)
        again[k]();
    interp_copy_after = 0;
}

TEST(interp_copies_come_and_go)
{
    u64 used, peak;
    REQUIRE(start());
    rt_arena_usage(&used, &peak);
    CHECK_EQ(used, 0);
    for (u32 k = 0; k < 1000; k++)
        CHECK_EQ(call2("postinc", 3, 0), 304);
    rt_arena_usage(&used, &peak);
    CHECK(used > 0);
    u64 before = used;
    for (u32 k = 0; k < 1000; k++) /* others go to the same pages, and leave what is there as it was */
        CHECK_EQ(call2("fib", 5, 0), 5);
    CHECK_EQ(call2("postinc", 3, 0), 304);
    rt_arena_usage(&used, &peak);
    CHECK_EQ(used, before);
    stop();
    rt_arena_usage(&used, &peak);
    CHECK_EQ(used, 0);
}
