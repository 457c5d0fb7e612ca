/* What code of the baseline counts for the code that follows it. */
#include "wasm_counts.h"

#include "interp.h"
#include "llvm_jit.h"
#include "prof.h"
#include "tier.h"
#include "wasm_build.h"

/* (module
 *   (type $t (func (param i32) (result i32)))
 *   (table 2 funcref)
 *   (elem (i32.const 0) $a $b)
 *   (func $a (type $t) (i32.add (local.get 0) (i32.const 1)))
 *   (func $b (type $t) (i32.mul (local.get 0) (i32.const 3)))
 *   (func (param $x i32) (param $y i32) (result i32)
 *     (block $out
 *       (br_if $out (local.get $x))
 *       (if (f32.eq (f32.convert_i32_s (local.get $y)) (f32.const 2)) (then (local.set $y (i32.const 9)))))
 *     (local.set $x
 *       (if (result i32) (i32.lt_s (local.get $x) (local.get $y)) (then (i32.const 4)) (else (i32.const 5))))
 *     (block $two (block $one (block $none
 *       (br_table $none $one $two (local.get $y)))
 *       (return (i32.const 70)))
 *       (local.set $y (i32.const 7)))
 *     (loop $again
 *       (br_if $again (i32.lt_s (local.tee $y (i32.add (local.get $y) (i32.const 1))) (i32.const 20))))
 *     (i32.add (local.get $y)
 *       (call_indirect (type $t) (local.get $x) (i32.and (local.get $x) (i32.const 1)))))) */
static const u8 module[] = {
    /* clang-format off */
    0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00, 0x01, 0x0c, 0x02, 0x60, 0x01, 0x7f, 0x01, 0x7f,
    0x60, 0x02, 0x7f, 0x7f, 0x01, 0x7f, 0x03, 0x04, 0x03, 0x00, 0x00, 0x01, 0x04, 0x04, 0x01, 0x70,
    0x00, 0x02, 0x09, 0x08, 0x01, 0x00, 0x41, 0x00, 0x0b, 0x02, 0x00, 0x01, 0x0a, 0x6e, 0x03, 0x07,
    0x00, 0x20, 0x00, 0x41, 0x01, 0x6a, 0x0b, 0x07, 0x00, 0x20, 0x00, 0x41, 0x03, 0x6c, 0x0b, 0x5c,
    0x00, 0x02, 0x40, 0x20, 0x00, 0x0d, 0x00, 0x20, 0x01, 0xb2, 0x43, 0x00, 0x00, 0x00, 0x40, 0x5b,
    0x04, 0x40, 0x41, 0x09, 0x21, 0x01, 0x0b, 0x0b, 0x20, 0x00, 0x20, 0x01, 0x48, 0x04, 0x7f, 0x41,
    0x04, 0x05, 0x41, 0x05, 0x0b, 0x21, 0x00, 0x02, 0x40, 0x02, 0x40, 0x02, 0x40, 0x20, 0x01, 0x0e,
    0x02, 0x00, 0x01, 0x02, 0x0b, 0x41, 0xc6, 0x00, 0x0f, 0x0b, 0x41, 0x07, 0x21, 0x01, 0x0b, 0x03,
    0x40, 0x20, 0x01, 0x41, 0x01, 0x6a, 0x22, 0x01, 0x41, 0x14, 0x48, 0x0d, 0x00, 0x0b, 0x20, 0x01,
    0x20, 0x00, 0x20, 0x00, 0x41, 0x01, 0x71, 0x11, 0x00, 0x00, 0x6a, 0x0b,
    /* clang-format on */
};

static u32 call(struct rt_instance *i, u32 x, u32 y)
{
    rt_cell cells[2] = {x, y};
    CHECK_EQ(rt_call(&i->own_funcs[2], cells), TRAP_NONE);
    return (u32)cells[0];
}

static void count(struct rt_instance *i)
{
    CHECK_EQ(call(i, 0, 2), 25);
    CHECK_EQ(call(i, 0, 0), 70);
    CHECK_EQ(call(i, 1, 1), 35);
    CHECK_EQ(call(i, 1, 5), 25);
    const u32 *words = ((const struct prof_record *)i->own_funcs[2].host)->counts;
    REQUIRE(words != NULL);
    const u32 branches[] = {2, 2, 1, 1, 2, 2, 1, 1, 2, 3, 36};
    for (u32 k = 0; k < sizeof branches / sizeof *branches; k++)
        CHECK_EQ(words[k], branches[k]);
    const u32 *target = words + sizeof branches / sizeof *branches;
    CHECK_EQ(target[0], (u32)(uintptr_t)&i->own_funcs[0]);
    CHECK_EQ(target[1], 3);
    CHECK_EQ(target[2], 3); /* the first one is another than none */
}

TEST(baseline_counts_branches_and_targets)
{
    struct err e = {0};
    struct rt_instance *i = NULL;
    enum rt_trap trap;
    struct llvm_jit_config jit = {.cpu = "native"};
    struct tier_config tier = {.mode = TIER_MODE_AUTO, .baseline = true, .counts = true, .bind = true};
    struct wasm_instantiate_options o = {.want_fixed = true, .func_cells = tier_first_call};
    struct wasm_module *m = GET_MODULE(module, sizeof module);
    REQUIRE(m && CHECK_EQ(rt_thread_init(), ST_OK) && CHECK_EQ(llvm_jit_init(&jit, &e), ST_OK) &&
            CHECK_EQ(tier_init(&tier), ST_OK));
    if (CHECK_EQ(wasm_instantiate(m, &o, &i, &trap, &e), ST_OK) && CHECK_EQ(tier_add_instance(i), ST_OK)) {
        count(i);
        interp_instance_fini(i);
        tier_remove_instance(i);
    }
    rt_instance_destroy(i);
    wasm_module_destroy(m);
    llvm_jit_fini();
}
