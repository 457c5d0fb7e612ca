/* Exports and imports as C functions (typed.h), through the embedding API, in every tier. */
#include "anneal.h"
#include "unit.h"

/* As wat2wasm writes this text:
 *
 * (module
 *   (import "h" "mix" (func $mix (param i32 f64 i64 f32) (result f64)))
 *   (import "h" "stop" (func $stop))
 *   (import "h" "back" (func $back (param i32) (result i32)))
 *   (memory 1)
 *   (data (i32.const 8) "\07")
 *   (func (export "mix") (param i32 f64 i64 f32) (result f64)
 *     (call $mix (local.get 0) (local.get 1) (local.get 2) (local.get 3)))
 *   (func (export "load") (param i32) (result i32) (i32.load (local.get 0)))
 *   (func (export "stop") (call $stop))
 *   (func (export "back") (param i32) (result i32)
 *     (i32.add (call $back (local.get 0)) (i32.const 1)))
 *   (func $deep (export "deep") (param i32) (result i32) (i32.add (call $deep (local.get 0)) (i32.const 1)))
 *   (func (export "many") (param i32 i32 i32 i32 i32 i32)))
 */
static const unsigned char module[] = {
    /* clang-format off */
    0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00, 0x01, 0x1a, 0x04, 0x60, 0x04, 0x7f, 0x7c, 0x7e,
    0x7d, 0x01, 0x7c, 0x60, 0x00, 0x00, 0x60, 0x01, 0x7f, 0x01, 0x7f, 0x60, 0x06, 0x7f, 0x7f, 0x7f,
    0x7f, 0x7f, 0x7f, 0x00, 0x02, 0x1b, 0x03, 0x01, 0x68, 0x03, 0x6d, 0x69, 0x78, 0x00, 0x00, 0x01,
    0x68, 0x04, 0x73, 0x74, 0x6f, 0x70, 0x00, 0x01, 0x01, 0x68, 0x04, 0x62, 0x61, 0x63, 0x6b, 0x00,
    0x02, 0x03, 0x07, 0x06, 0x00, 0x02, 0x01, 0x02, 0x02, 0x03, 0x05, 0x03, 0x01, 0x00, 0x01, 0x07,
    0x2a, 0x06, 0x03, 0x6d, 0x69, 0x78, 0x00, 0x03, 0x04, 0x6c, 0x6f, 0x61, 0x64, 0x00, 0x04, 0x04,
    0x73, 0x74, 0x6f, 0x70, 0x00, 0x05, 0x04, 0x62, 0x61, 0x63, 0x6b, 0x00, 0x06, 0x04, 0x64, 0x65,
    0x65, 0x70, 0x00, 0x07, 0x04, 0x6d, 0x61, 0x6e, 0x79, 0x00, 0x08, 0x0a, 0x32, 0x06, 0x0c, 0x00,
    0x20, 0x00, 0x20, 0x01, 0x20, 0x02, 0x20, 0x03, 0x10, 0x00, 0x0b, 0x07, 0x00, 0x20, 0x00, 0x28,
    0x02, 0x00, 0x0b, 0x04, 0x00, 0x10, 0x01, 0x0b, 0x09, 0x00, 0x20, 0x00, 0x10, 0x02, 0x41, 0x01,
    0x6a, 0x0b, 0x09, 0x00, 0x20, 0x00, 0x10, 0x07, 0x41, 0x01, 0x6a, 0x0b, 0x02, 0x00, 0x0b, 0x0b,
    0x07, 0x01, 0x00, 0x41, 0x08, 0x0b, 0x01, 0x07,
    /* clang-format on */
};

typedef double (*mix_fn)(int32_t, double, int64_t, float);
typedef int32_t (*int_fn)(int32_t);
typedef void (*stop_fn)(void);

struct host {
    int_fn load;
    int calls;
    bool stops;
};

static double mix(struct host *h, int32_t a, double b, int64_t c, float d)
{
    h->calls++;
    return a + 10 * b + 100 * (double)c + 1000 * (double)d;
}

static void stop(struct host *h)
{
    if (h->stops)
        anneal_trap();
}

/* A typed call inside of another, whose trap stays there. */
static int32_t back(struct host *h, int32_t address)
{
    int32_t v = h->load(address);
    return anneal_typed_trapped() ? -100 : v;
}

static bool import(anneal_module *m, struct host *h)
{
    return anneal_module_import(m, "h", "mix", "idlf_d", (anneal_code)mix, h) &&
           anneal_module_import(m, "h", "stop", "_", (anneal_code)stop, h) &&
           anneal_module_import(m, "h", "back", "i_i", (anneal_code)back, h);
}

static void check_calls(anneal_instance *i, struct host *h)
{
    mix_fn f = (mix_fn)anneal_instance_typed(i, "mix", "idlf_d");
    h->load = (int_fn)anneal_instance_typed(i, "load", "i_i");
    int_fn f_back = (int_fn)anneal_instance_typed(i, "back", "i_i");
    stop_fn f_stop = (stop_fn)anneal_instance_typed(i, "stop", "_");
    REQUIRE(f && h->load && f_back && f_stop);
    CHECK_F64(f(1, 0.5, -3, 0.25f), 1 + 5 - 300 + 250);
    CHECK_EQ(h->calls, 1);
    CHECK_EQ(h->load(8), 7);
    CHECK_EQ(f_back(8), 8);
    h->stops = false;
    f_stop();
    CHECK(!anneal_typed_trapped());
    CHECK_EQ(f_back(65536), -99);
    CHECK(!anneal_typed_trapped()); /* the host function has asked */
    h->stops = true;
    f_stop();
    CHECK(anneal_typed_trapped());
    CHECK_STR(anneal_error(), "trap: error in a host function");
    CHECK(!anneal_typed_trapped());
}

/* What traps, in the middle of calls that do not: the caller's registers are its own. */
static void check_traps(anneal_instance *i, const struct host *h)
{
    int_fn deep = (int_fn)anneal_instance_typed(i, "deep", "i_i");
    REQUIRE(deep != NULL);
    int32_t sum = 0;
    for (int k = 0; k < 100; k++)
        sum += h->load(k % 3 == 2 ? 65533 : 8) + k;
    CHECK_EQ(sum, 99 * 100 / 2 + 7 * 67);
    CHECK(anneal_typed_trapped());
    CHECK_STR(anneal_error(), "trap: out of bounds memory access");
    CHECK_EQ(deep(1), 0);
    CHECK(anneal_typed_trapped());
    CHECK_STR(anneal_error(), "trap: call stack exhausted");
    CHECK_EQ(h->load(8), 7);
}

static void check_refused(anneal_instance *i)
{
    CHECK(!anneal_instance_typed(i, "load", "l_i"));
    CHECK_STR(anneal_error(), "the function has type i_i, not l_i");
    CHECK(!anneal_instance_typed(i, "many", "iiiiii_"));
    CHECK(!anneal_instance_typed(i, "none", "_"));
    CHECK_STR(anneal_error(), "no such exported function");
}

static void check_tier(enum anneal_tier tier)
{
    struct host h = {0};
    anneal_config config = {.tier = tier};
    anneal_engine *engine = anneal_engine_new(&config);
    anneal_module *m = engine ? anneal_module_new(engine, module, sizeof module) : NULL;
    anneal_instance *i = m && import(m, &h) ? anneal_instance_new(m, NULL, 0, NULL) : NULL;
    if (CHECK(i != NULL)) {
        check_calls(i, &h);
        check_traps(i, &h);
        check_refused(i);
    }
    anneal_instance_delete(i);
    anneal_module_delete(m);
    anneal_engine_delete(engine);
}

TEST(typed_calls_interpreted)
{
    check_tier(ANNEAL_INTERP);
}

TEST(typed_calls_compiled)
{
    check_tier(ANNEAL_O1);
    check_tier(ANNEAL_O3);
}

TEST(typed_import_of_another_type)
{
    struct host h = {0};
    anneal_engine *engine = anneal_engine_new(NULL);
    anneal_module *m = engine ? anneal_module_new(engine, module, sizeof module) : NULL;
    REQUIRE(m && import(m, &h));
    CHECK(anneal_module_import(m, "h", "back", "ii_i", (anneal_code)back, &h));
    CHECK(!anneal_instance_new(m, NULL, 0, NULL));
    CHECK_STR(anneal_error(), "the function has type i_i, not ii_i");
    anneal_module_delete(m);
    anneal_engine_delete(engine);
}
