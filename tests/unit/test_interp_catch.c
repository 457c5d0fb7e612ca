/* Exceptions in the interpreter and through an embedder's function. How they behave is for the golden cases
 * and the specification's vectors; here is what those do not see. */
#include "anneal.h"
#include "interp.h"
#include "unit.h"
#include "wasm.h"

/* As wat2wasm writes this text:
 *
 * (module
 *   (tag $i (param i32))
 *   (func $throws (param i32) (throw $i (local.get 0)))
 *   ;; catches, throws the same again, catches that
 *   (func (export "run") (param $n i32) (result i32)
 *     (local $r exnref) (local $sum i32)
 *     (loop $l
 *       (block $h (result exnref)
 *         (try_table (catch_all_ref $h) (call $throws (local.get $n)))
 *         (unreachable))
 *       (local.set $r)
 *       (block $again (result i32)
 *         (try_table (catch $i $again) (throw_ref (local.get $r)))
 *         (unreachable))
 *       (local.set $sum (i32.add (local.get $sum)))
 *       (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
 *     (local.get $sum)))
 */
static const u8 loop_module[] = {
    /* clang-format off */
    0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00, 0x01, 0x0a, 0x02, 0x60, 0x01, 0x7f, 0x00, 0x60,
    0x01, 0x7f, 0x01, 0x7f, 0x03, 0x03, 0x02, 0x00, 0x01, 0x0d, 0x03, 0x01, 0x00, 0x00, 0x07, 0x07,
    0x01, 0x03, 0x72, 0x75, 0x6e, 0x00, 0x01, 0x0a, 0x40, 0x02, 0x06, 0x00, 0x20, 0x00, 0x08, 0x00,
    0x0b, 0x37, 0x02, 0x01, 0x69, 0x01, 0x7f, 0x03, 0x40, 0x02, 0x69, 0x1f, 0x40, 0x01, 0x03, 0x00,
    0x20, 0x00, 0x10, 0x00, 0x0b, 0x00, 0x0b, 0x21, 0x01, 0x02, 0x7f, 0x1f, 0x40, 0x01, 0x00, 0x00,
    0x00, 0x20, 0x01, 0x0a, 0x0b, 0x00, 0x0b, 0x20, 0x02, 0x6a, 0x21, 0x02, 0x20, 0x00, 0x41, 0x01,
    0x6b, 0x22, 0x00, 0x0d, 0x00, 0x0b, 0x20, 0x02, 0x0b,
    /* clang-format on */
};

enum { TURNS = 500000, ALIVE_MAX = 50000 };

TEST(interp_throws_in_constant_memory)
{
    struct err e = {0};
    enum rt_trap trap;
    struct wasm_module *m;
    struct rt_instance *i;
    struct wasm_instantiate_options o = {.func_cells = interp_call};
    REQUIRE(rt_thread_init() == ST_OK);
    REQUIRE(wasm_module_decode(loop_module, sizeof loop_module, &m, &e) == ST_OK);
    REQUIRE(wasm_instantiate(m, &o, &i, &trap, &e) == ST_OK);
    i->funcs[0]->heat = i->funcs[1]->heat = INT32_MAX;
    rt_cell cells[1] = {TURNS};
    CHECK_EQ(rt_call(i->funcs[1], cells), TRAP_NONE);
    CHECK_EQ((u32)cells[0], (u32)((u64)TURNS * (TURNS + 1) / 2));
    CHECK(rt_exn_count() < ALIVE_MAX);
    CHECK(rt_thread.handler_top == NULL && rt_thread.exception == NULL && rt_thread.interp_top == NULL);
    interp_instance_fini(i);
    rt_instance_destroy(i);
    wasm_module_destroy(m);
}

/*
 * (module
 *   (import "host" "pass" (func $pass (param i32)))
 *   (tag $e (export "error") (param i32))
 *   (func (export "fail") (param i32) (throw $e (local.get 0)))
 *   (func (export "run") (param i32) (result i32)
 *     (block $h (result i32) (try_table (result i32) (catch $e $h) (call $pass (local.get 0)) (i32.const
 * -1)))))
 */
static const u8 host_module[] = {
    /* clang-format off */
    0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00, 0x01, 0x0a, 0x02, 0x60, 0x01, 0x7f, 0x00, 0x60,
    0x01, 0x7f, 0x01, 0x7f, 0x02, 0x0d, 0x01, 0x04, 0x68, 0x6f, 0x73, 0x74, 0x04, 0x70, 0x61, 0x73,
    0x73, 0x00, 0x00, 0x03, 0x03, 0x02, 0x00, 0x01, 0x0d, 0x03, 0x01, 0x00, 0x00, 0x07, 0x16, 0x03,
    0x05, 0x65, 0x72, 0x72, 0x6f, 0x72, 0x04, 0x00, 0x04, 0x66, 0x61, 0x69, 0x6c, 0x00, 0x01, 0x03,
    0x72, 0x75, 0x6e, 0x00, 0x02, 0x0a, 0x1b, 0x02, 0x06, 0x00, 0x20, 0x00, 0x08, 0x00, 0x0b, 0x12,
    0x00, 0x02, 0x7f, 0x1f, 0x7f, 0x01, 0x00, 0x00, 0x00, 0x20, 0x00, 0x10, 0x00, 0x41, 0x7f, 0x0b,
    0x0b, 0x0b,
    /* clang-format on */
};

struct host {
    anneal_func *fail;
    bool call;
};

/* Fails, after a call that throws or without one. */
static bool pass(void *env, const anneal_value *args, anneal_value *results)
{
    const struct host *h = env;
    (void)results;
    return h->call ? anneal_call(h->fail, args, 1, NULL, 0) : false;
}

TEST(interp_exception_passes_an_embedders_function)
{
    struct host h = {.call = true};
    anneal_config config = {.tier = ANNEAL_INTERP};
    const anneal_import imports[] = {{"host", "pass", pass, &h}};
    anneal_engine *engine = anneal_engine_new(&config);
    anneal_module *m = engine ? anneal_module_new(engine, host_module, sizeof host_module) : NULL;
    anneal_instance *i = m ? anneal_instance_new(m, imports, 1, NULL) : NULL;
    REQUIRE(i != NULL);
    anneal_value arg = {.type = ANNEAL_I32, .of.i32 = 42}, result;
    h.fail = anneal_instance_func(i, "fail");
    anneal_func *run = anneal_instance_func(i, "run");
    CHECK(anneal_call(run, &arg, 1, &result, 1));
    CHECK_EQ(result.of.i32, 42);
    CHECK(!anneal_call(h.fail, &arg, 1, NULL, 0));
    CHECK_STR(anneal_error(), "uncaught exception: error(42)");
    h.call = false;
    CHECK(!anneal_call(run, &arg, 1, &result, 1));
    CHECK_STR(anneal_error(), "trap: error in a host function");
    anneal_instance_delete(i);
    anneal_module_delete(m);
    anneal_engine_delete(engine);
}
