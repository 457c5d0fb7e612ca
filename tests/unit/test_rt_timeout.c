/* Ending guests by time, wherever they are, again and again. */
#include "rt.h"

#include "interp.h"
#include "tier.h"
#include "unit.h"
#include "wasm.h"

/*
 * (module
 *   (type $i_i (func (param i32) (result i32)))
 *   (memory 1)
 *   (table funcref (elem $fib))
 *   (func $fib (export "fib") (param i32) (result i32)
 *     (if (result i32) (i32.lt_u (local.get 0) (i32.const 2))
 *       (then (local.get 0))
 *       (else (i32.add (call $fib (i32.sub (local.get 0) (i32.const 1)))
 *                      (call_indirect (type $i_i) (i32.sub (local.get 0) (i32.const 2)) (i32.const 0))))))
 *   (func (export "for_ever") (local i32)
 *     (loop $again
 *       (local.set 0 (i32.const 500))
 *       (loop $spin
 *         (i32.store (i32.const 8) (i32.add (i32.load (i32.const 8)) (local.get 0)))
 *         (br_if $spin (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
 *       (memory.fill (i32.const 100) (call $fib (i32.const 9)) (i32.const 3000))
 *       (drop (memory.grow (i32.const 0)))
 *       (br $again))))
 */
static const u8 mix[] = {
    0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00, 0x01, 0x09, 0x02, 0x60, 0x01, 0x7f, 0x01, 0x7f,
    0x60, 0x00, 0x00, 0x03, 0x03, 0x02, 0x00, 0x01, 0x04, 0x05, 0x01, 0x70, 0x01, 0x01, 0x01, 0x05,
    0x03, 0x01, 0x00, 0x01, 0x07, 0x12, 0x02, 0x03, 0x66, 0x69, 0x62, 0x00, 0x00, 0x08, 0x66, 0x6f,
    0x72, 0x5f, 0x65, 0x76, 0x65, 0x72, 0x00, 0x01, 0x09, 0x07, 0x01, 0x00, 0x41, 0x00, 0x0b, 0x01,
    0x00, 0x0a, 0x5b, 0x02, 0x1f, 0x00, 0x20, 0x00, 0x41, 0x02, 0x49, 0x04, 0x7f, 0x20, 0x00, 0x05,
    0x20, 0x00, 0x41, 0x01, 0x6b, 0x10, 0x00, 0x20, 0x00, 0x41, 0x02, 0x6b, 0x41, 0x00, 0x11, 0x00,
    0x00, 0x6a, 0x0b, 0x0b, 0x39, 0x01, 0x01, 0x7f, 0x03, 0x40, 0x41, 0xf4, 0x03, 0x21, 0x00, 0x03,
    0x40, 0x41, 0x08, 0x41, 0x08, 0x28, 0x02, 0x00, 0x20, 0x00, 0x6a, 0x36, 0x02, 0x00, 0x20, 0x00,
    0x41, 0x01, 0x6b, 0x22, 0x00, 0x0d, 0x00, 0x0b, 0x41, 0xe4, 0x00, 0x41, 0x09, 0x10, 0x00, 0x41,
    0xb8, 0x17, 0xfc, 0x0b, 0x00, 0x41, 0x00, 0x40, 0x00, 0x1a, 0x0c, 0x00, 0x0b, 0x0b};

static bool no_import(void *env, const struct wasm_module *m, const struct wasm_import *imp,
                      struct wasm_extern_value *out)
{
    (void)env, (void)m, (void)imp, (void)out;
    return false;
}

enum { FIB, FOR_EVER };

/* Each round ends at another moment, and leaves everything such that the next call works. */
static void interrupt_often(struct rt_instance *i)
{
    enum { ROUNDS = 60, STEP_NS = 37000 };
    for (u32 k = 0; k < ROUNDS; k++) {
        rt_cell cells[1] = {0};
        if (!CHECK_EQ(rt_timeout_start(1 + (u64)k * STEP_NS), ST_OK))
            return;
        CHECK_EQ(rt_call(i->funcs[FOR_EVER], cells), TRAP_TIMEOUT);
        cells[0] = 5; /* still ringing */
        CHECK_EQ(rt_call(i->funcs[FIB], cells), TRAP_TIMEOUT);
        rt_timeout_stop();
        CHECK(!rt_timed_out());
        cells[0] = 12;
        CHECK_EQ(rt_call(i->funcs[FIB], cells), TRAP_NONE);
        CHECK_EQ((u32)cells[0], 144);
    }
}

static void run_at(enum tier_mode mode, bool fixed)
{
    struct err e = {0};
    struct wasm_module *m = NULL;
    struct rt_instance *i = NULL;
    enum rt_trap trap;
    struct llvm_jit_config jit = {.cpu = "native"};
    struct tier_config tiers = {.mode = mode, .osr = true, .threshold = {0, 100, 200, 400, 800}};
    struct wasm_instantiate_options o = {
        .resolve = no_import, .want_fixed = fixed, .func_cells = tier_first_call};
    REQUIRE(rt_thread_init() == ST_OK && llvm_jit_init(&jit, &e) == ST_OK && tier_init(&tiers) == ST_OK);
    REQUIRE(wasm_module_decode(mix, sizeof mix, &m, &e) == ST_OK);
    if (CHECK_EQ(wasm_instantiate(m, &o, &i, &trap, &e), ST_OK) && CHECK_EQ(tier_add_instance(i), ST_OK)) {
        interrupt_often(i);
        tier_remove_instance(i);
        interp_instance_fini(i);
    }
    rt_instance_destroy(i);
    wasm_module_destroy(m);
    llvm_jit_fini();
}

TEST(rt_timeout_in_the_interpreter)
{
    run_at(TIER_MODE_INTERP, true);
}

TEST(rt_timeout_in_compiled_code)
{
    run_at(TIER_MODE_O0, true);
    run_at(TIER_MODE_O2, false);
}

TEST(rt_timeout_between_tiers)
{
    run_at(TIER_MODE_AUTO, true);
}
