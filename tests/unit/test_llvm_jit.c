/* Compiling small modules at every tier, running the code, and compilations that fail. */
#include "llvm_jit.h"

#include "heap.h"
#include "interp.h"
#include "wasm_counts.h"
#include "plat.h"
#include "prof.h"
#include "wasm_build.h"

struct subject {
    struct wasm_module *m;
    struct rt_instance *i;
    struct llvm_code code;
    enum bailout why;
    struct err e;
};

static bool no_import(void *env, const struct wasm_module *m, const struct wasm_import *imp,
                      struct wasm_extern_value *out)
{
    (void)env;
    (void)m;
    (void)imp;
    (void)out;
    return false;
}

/* Decodes, instantiates; `*s` is to be given to finish(). False (and a failed check) when that does not work.
 */
static bool start(struct subject *s, const u8 *bytes, size_t len, bool fixed)
{
    memset(s, 0, sizeof *s);
    enum rt_trap trap;
    struct llvm_jit_config config = {.cpu = "native", .verify = true};
    struct wasm_instantiate_options o = {
        .resolve = no_import, .want_fixed = fixed, .func_cells = interp_call};
    return CHECK_EQ(rt_thread_init(), ST_OK) && CHECK_EQ(llvm_jit_init(&config, &s->e), ST_OK) &&
           CHECK_EQ(wasm_module_decode(bytes, len, &s->m, &s->e), ST_OK) &&
           CHECK_EQ(wasm_instantiate(s->m, &o, &s->i, &trap, &s->e), ST_OK);
}

static void finish(struct subject *s)
{
    llvm_code_free(&s->code);
    if (s->i)
        interp_instance_fini(s->i);
    rt_instance_destroy(s->i);
    wasm_module_destroy(s->m);
    llvm_jit_fini();
}

static struct llvm_unit unit_of(const struct subject *s, enum jit_tier t, const struct llvm_unit_func *funcs,
                                u32 n)
{
    return (struct llvm_unit){.module = s->m,
                              .inst = s->i,
                              .tier = t,
                              .fixed_inst = s->i->fixed,
                              .fixed_mem = s->i->layout->nmems && s->i->mems[0]->fixed,
                              .short_mem = s->i->layout->nmems > 0,
                              .nfuncs = n,
                              .funcs = funcs};
}

/* Compiles functions 0.. as roots of one unit and lets their slots point to the code. */
static bool compile(struct subject *s, enum jit_tier t)
{
    struct llvm_unit_func funcs[8];
    u32 n = s->m->nfuncs;
    for (u32 k = 0; k < n; k++)
        funcs[k] = (struct llvm_unit_func){.index = k, .root = true};
    struct llvm_unit u = unit_of(s, t, funcs, n);
    llvm_code_free(&s->code);
    if (!CHECK_EQ(llvm_jit_compile(&u, &s->code, &s->why, &s->e), ST_OK))
        return CHECK_STR(s->e.text, "");
    for (u32 k = 0; k < n; k++) {
        s->i->own_funcs[k].native = s->code.entry[k];
        s->i->own_funcs[k].cells = rt_cells_to_native;
    }
    return true;
}

static enum rt_trap call(struct subject *s, u32 func, rt_cell a, rt_cell b, rt_cell *result)
{
    rt_cell cells[4] = {a, b};
    enum rt_trap t = rt_call(s->i->funcs[func], cells);
    *result = cells[0];
    return t;
}

#define EACH_TIER(t) for (int t = TIER_O0; t < TIER_COUNT; t++)

#define TYPE_II_I SEC(1, 1, 0x60, 2, 0x7f, 0x7f, 1, 0x7f)

TEST(llvm_jit_divides_as_specified)
{
    struct subject s;
    REQUIRE(start(&s, MODULE(TYPE_II_I, ONE_FUNC, CODE(0x20, 0, 0x20, 1, 0x6d)), false)); /* i32.div_s */
    EACH_TIER(t)
    {
        rt_cell r;
        REQUIRE(compile(&s, (enum jit_tier)t));
        CHECK_EQ(call(&s, 0, (u32)-7, 2, &r), TRAP_NONE);
        CHECK_EQ((s32)r, -3);
        CHECK_EQ(call(&s, 0, 7, 0, &r), TRAP_DIV_BY_ZERO);
        CHECK_EQ(call(&s, 0, 0x80000000u, (u32)-1, &r), TRAP_INT_OVERFLOW);
    }
    finish(&s);
}

/* 0: i32.load; 1: loads and drops. */
#define LOADS                                                                                                \
    MODULE(                                                                                                  \
        TYPE_II_I, SEC(3, 2, 0, 0), SEC(5, 1, 0, 1),                                                         \
        SEC(10, 2, SIZED(0, 0x20, 0, 0x28, 2, 0, 0x0b), SIZED(0, 0x20, 0, 0x28, 2, 0, 0x1a, 0x41, 5, 0x0b)))

static void check_loads(bool fixed)
{
    struct subject s;
    REQUIRE(start(&s, LOADS, fixed));
    if (s.i->mems[0]->fixed != fixed) {
        finish(&s);
        SKIP("no fixed memory in this build");
    }
    EACH_TIER(t)
    {
        rt_cell r;
        REQUIRE(compile(&s, (enum jit_tier)t));
        memcpy(s.i->mems[0]->base + 65531, "\1\2\3\4", 4);
        CHECK_EQ(call(&s, 0, 65531, 0, &r), TRAP_NONE);
        CHECK_EQ((u32)r, 0x04030201);
        CHECK_EQ(call(&s, 0, 65533, 0, &r), TRAP_MEMORY_OOB);
        CHECK_EQ(call(&s, 0, UINT32_MAX, 0, &r), TRAP_MEMORY_OOB);
        CHECK_EQ(rt_thread.nframes, 1);
        CHECK_EQ(rt_thread.frames[0].tier, t);
        CHECK_EQ(call(&s, 1, 65533, 0, &r), TRAP_MEMORY_OOB); /* a dead load still traps */
        CHECK_EQ(call(&s, 1, 4, 0, &r), TRAP_NONE);
        CHECK_EQ((u32)r, 5);
    }
    finish(&s);
}

TEST(llvm_jit_loads_from_fixed_memory)
{
    check_loads(true);
}

TEST(llvm_jit_loads_through_a_base)
{
    check_loads(false);
}

TEST(llvm_jit_needs_no_base_register_for_fixed_memory)
{
    struct subject s;
    REQUIRE(start(&s, LOADS, false));
    struct llvm_unit_func func = {.index = 0, .root = true};
    struct llvm_unit u = unit_of(&s, TIER_O1, &func, 1);
    u.fixed_mem = true;
    char *text = NULL;
    REQUIRE(CHECK_EQ(llvm_jit_emit_text(&u, true, &text, &s.e), ST_OK));
    CHECK(strstr(text, "anneal_mem0(%r") != NULL);
    heap_free(text);
    finish(&s);
}

/* The load only feeds a local that is written again before anyone reads it. */
TEST(llvm_jit_traps_for_values_nobody_reads)
{
    struct subject s;
    REQUIRE(start(&s,
                  MODULE(TYPE_II_I, ONE_FUNC, SEC(5, 1, 0, 1),
                         CODE(0x20, 0, 0x28, 2, 0, 0x41, 3, 0x6a, 0x21, 1, 0x41, 7, 0x21, 1, 0x20, 1)),
                  false));
    EACH_TIER(t)
    {
        rt_cell r;
        REQUIRE(compile(&s, (enum jit_tier)t));
        CHECK_EQ(call(&s, 0, 65536, 0, &r), TRAP_MEMORY_OOB);
        CHECK_EQ(call(&s, 0, 0, 0, &r), TRAP_NONE);
        CHECK_EQ((u32)r, 7);
    }
    finish(&s);
}

/* Results 2..n are stored side by side, which O3 does with vectors: nothing may assume more than 8-byte
 * alignment. */
TEST(llvm_jit_returns_many_values)
{
    struct subject s;
    REQUIRE(start(&s,
                  MODULE(SEC(1, 1, 0x60, 0, 5, 0x7e, 0x7e, 0x7e, 0x7e, 0x7e), ONE_FUNC,
                         CODE(0x42, 1, 0x42, 2, 0x42, 3, 0x42, 4, 0x42, 5)),
                  false));
    EACH_TIER(t)
    {
        rt_cell cells[5] = {0};
        REQUIRE(compile(&s, (enum jit_tier)t));
        CHECK_EQ(rt_call(s.i->funcs[0], cells), TRAP_NONE);
        for (u32 k = 0; k < 5; k++)
            CHECK_EQ(cells[k], k + 1);
    }
    finish(&s);
}

/* A recursion without end uses up the stack at every tier, and is not turned into a loop. */
TEST(llvm_jit_checks_the_stack)
{
    struct subject s;
    REQUIRE(start(&s, BODY(0x10, 0), false)); /* call 0 */
    EACH_TIER(t)
    {
        rt_cell r;
        REQUIRE(compile(&s, (enum jit_tier)t));
        CHECK_EQ(call(&s, 0, 0, 0, &r), TRAP_STACK_EXHAUSTED);
        CHECK(rt_thread.nframes > 10);
    }
    finish(&s);
}

/* x * 1, x - 0 and max(x, -0) make a signalling NaN quiet; LLVM would rather give x back. */
TEST(llvm_jit_makes_nan_quiet)
{
    struct subject s;
    REQUIRE(start(&s,
                  MODULE(SEC(1, 1, 0x60, 1, 0x7c, 1, 0x7c), SEC(3, 3, 0, 0, 0),
                         SEC(10, 3, SIZED(0, 0x20, 0, 0x44, 0, 0, 0, 0, 0, 0, 0xf0, 0x3f, 0xa2, 0x0b),
                             SIZED(0, 0x20, 0, 0x44, 0, 0, 0, 0, 0, 0, 0, 0, 0xa1, 0x0b),
                             SIZED(0, 0x20, 0, 0x44, 0, 0, 0, 0, 0, 0, 0, 0x80, 0xa5, 0x0b))),
                  false));
    EACH_TIER(t)
    {
        REQUIRE(compile(&s, (enum jit_tier)t));
        for (u32 f = 0; f < 3; f++) {
            rt_cell r;
            CHECK_EQ(call(&s, f, 0x7ff4000000000000, 0, &r), TRAP_NONE);
            CHECK(r & 0x8000000000000);
        }
    }
    finish(&s);
}

/* fac(n) by a loop: locals 0 n, 1 (i64) product. */
#define FACTORIAL                                                                                            \
    MODULE(SEC(1, 1, 0x60, 1, 0x7f, 1, 0x7e), ONE_FUNC,                                                      \
           SEC(10, 1,                                                                                        \
               SIZED(1, 1, 0x7e, 0x42, 1, 0x21, 1, 0x03, 0x40, 0x20, 0, 0xad, 0x20, 1, 0x7e, 0x21, 1, 0x20,  \
                     0, 0x41, 1, 0x6b, 0x22, 0, 0x0d, 0, 0x0b, 0x20, 1, 0x0b)))

/* The sanitizer looks for a type in front of a function; compiled code has none. */
__attribute__((no_sanitize("function"))) static void enter(void *code, struct rt_instance *i, rt_cell *frame)
{
    ((void (*)(struct rt_instance *, rt_cell *))(uintptr_t)code)(i, frame);
}

TEST(llvm_jit_enters_at_a_loop)
{
    struct subject s;
    REQUIRE(start(&s, FACTORIAL, false));
    EACH_TIER(t)
    {
        struct llvm_unit_func func = {.index = 0, .root = true};
        struct llvm_unit u = unit_of(&s, (enum jit_tier)t, &func, 1);
        u.osr = true;
        REQUIRE(CHECK_EQ(llvm_jit_compile(&u, &s.code, &s.why, &s.e), ST_OK));
        rt_cell frame[4] = {3, 20}; /* 5 * 4 were done */
        enter(s.code.entry[0], s.i, frame);
        CHECK_EQ(frame[0], 120);
        u.osr_loop = 1; /* there is none */
        struct llvm_code none;
        CHECK(llvm_jit_compile(&u, &none, &s.why, &s.e) != ST_OK);
        CHECK_EQ(s.why, BAILOUT_OSR_SHAPE);
        llvm_code_free(&s.code);
    }
    finish(&s);
}

/* 0: g(g(..x)), n times, where g is a typed reference to function 1, x -> 3x, in a local that cannot be null
 * and, at the loop's header, on the operand stack. 2: calls a null reference. */
#define TYPED_REFERENCES                                                                                     \
    MODULE(SEC(1, 3, 0x60, 2, 0x7f, 0x7f, 1, 0x7f, 0x60, 1, 0x7f, 1, 0x7f, 0x60, 1, 0x64, 1, 1, 0x64, 1),    \
           SEC(3, 3, 0, 1, 0), SEC(9, 1, 3, 0, 1, 1),                                                        \
           SEC(10, 3,                                                                                        \
               SIZED(1, 1, 0x64, 1, 0xd2, 1, 0x03, 2, 0x21, 2, 0x20, 0, 0x20, 2, 0x14, 1, 0x21, 0, 0x20, 2,  \
                     0x20, 1, 0x41, 1, 0x6b, 0x22, 1, 0x0d, 0, 0x0b, 0x1a, 0x20, 0, 0x0b),                   \
               SIZED(0, 0x20, 0, 0x41, 3, 0x6c, 0x0b), SIZED(0, 0x41, 5, 0xd0, 1, 0x14, 1, 0x0b)))

TEST(llvm_jit_calls_typed_references)
{
    struct subject s;
    REQUIRE(start(&s, TYPED_REFERENCES, false));
    EACH_TIER(t)
    {
        rt_cell r;
        REQUIRE(compile(&s, (enum jit_tier)t));
        CHECK_EQ(call(&s, 0, 2, 4, &r), TRAP_NONE);
        CHECK_EQ((u32)r, 162);
        CHECK_EQ(call(&s, 2, 0, 0, &r), TRAP_NULL_FUNCTION);
    }
    finish(&s);
}

TEST(llvm_jit_enters_at_a_loop_with_typed_references)
{
    struct subject s;
    REQUIRE(start(&s, TYPED_REFERENCES, false));
    EACH_TIER(t)
    {
        struct llvm_unit_func func = {.index = 0, .root = true};
        struct llvm_unit u = unit_of(&s, (enum jit_tier)t, &func, 1);
        struct llvm_code osr;
        REQUIRE(compile(&s, (enum jit_tier)t));
        u.osr = true;
        REQUIRE(CHECK_EQ(llvm_jit_compile(&u, &osr, &s.why, &s.e), ST_OK));
        rt_cell frame[8] = {2, 4, 0, (uintptr_t)s.i->funcs[1]};
        enter(osr.entry[0], s.i, frame);
        CHECK_EQ((u32)frame[0], 162);
        llvm_code_free(&osr);
    }
    finish(&s);
}

/* 0: nothing; 1: throws tag 0; 2 and 3: call 0 and 1 inside a block that catches it; 4: throws there itself,
 * 5: the same, and the handler wants the exception. */
#define CATCHING(...) 0x02, 0x40, 0x1f, 0x40, 1, 0, 0, 0, __VA_ARGS__, 0x0b, 0x0b, 0x0b
#define EXCEPTIONS                                                                                           \
    MODULE(TYPE_V_V, SEC(3, 6, 0, 0, 0, 0, 0, 0), SEC(13, 1, 0, 0),                                          \
           SEC(10, 6, SIZED(0, 0x0b), SIZED(0, 0x08, 0, 0x0b), SIZED(0, CATCHING(0x10, 0)),                  \
               SIZED(0, CATCHING(0x10, 1)), SIZED(0, CATCHING(0x08, 0)),                                     \
               SIZED(0, 0x02, 0x69, 0x1f, 0x40, 1, 1, 0, 0, 0x08, 0, 0x0b, 0, 0x0b, 0x1a, 0x0b)))

static bool code_names(struct subject *s, u32 func, const char *text)
{
    struct llvm_unit_func root = {.index = func, .root = true};
    struct llvm_unit u = unit_of(s, TIER_O1, &root, 1);
    char *ir = NULL;
    if (!CHECK_EQ(llvm_jit_emit_text(&u, false, &ir, &s->e), ST_OK))
        return false;
    bool found = strstr(ir, text) != NULL;
    heap_free(ir);
    return found;
}

TEST(llvm_jit_makes_exceptions_only_where_they_are_needed)
{
    struct subject s;
    REQUIRE(start(&s, EXCEPTIONS, false));
    CHECK(!code_names(&s, 2, "rt_try_call")); /* what it calls cannot throw */
    CHECK(code_names(&s, 3, "rt_try_call"));
    CHECK(!code_names(&s, 4, "rt_h_")); /* a branch */
    CHECK(code_names(&s, 5, "rt_h_exn_new") && !code_names(&s, 5, "rt_h_throw"));
    EACH_TIER(t)
    {
        rt_cell r;
        REQUIRE(compile(&s, (enum jit_tier)t));
        CHECK_EQ(call(&s, 1, 0, 0, &r), TRAP_UNCAUGHT_EXCEPTION);
        for (u32 f = 2; f <= 5; f++)
            CHECK_EQ(call(&s, f, 0, 0, &r), TRAP_NONE);
        CHECK(!rt_thread.handler_top && !rt_thread.exception);
    }
    finish(&s);
}

TEST(llvm_jit_counts_heat)
{
    struct subject s;
    REQUIRE(start(&s, FACTORIAL, false));
    EACH_TIER(t)
    {
        struct llvm_unit_func func = {.index = 0, .root = true};
        struct llvm_unit u = unit_of(&s, (enum jit_tier)t, &func, 1);
        u.count_heat = true;
        REQUIRE(CHECK_EQ(llvm_jit_compile(&u, &s.code, &s.why, &s.e), ST_OK));
        s.i->own_funcs[0].native = s.code.entry[0];
        s.i->own_funcs[0].cells = rt_cells_to_native;
        s.i->own_funcs[0].heat = 100;
        rt_cell r;
        CHECK_EQ(call(&s, 0, 5, 0, &r), TRAP_NONE);
        CHECK_EQ(r, 120);
        CHECK_EQ(s.i->own_funcs[0].heat, 100 - RT_HEAT_CALL - 4);
        llvm_code_free(&s.code);
    }
    finish(&s);
}

TEST(llvm_jit_survives_failing_compilations)
{
    static const enum bailout ways[] = {BAILOUT_LLVM_FATAL, BAILOUT_NO_MEMORY, BAILOUT_UNSUPPORTED};
    struct subject s;
    REQUIRE(start(&s, FACTORIAL, false));
    REQUIRE(compile(&s, TIER_O1));
    u64 used, peak, used_after;
    llvm_jit_memory(&used, &peak);
    for (size_t k = 0; k < sizeof ways / sizeof *ways; k++) {
        struct llvm_unit_func func = {.index = 0, .root = true};
        struct llvm_unit u = unit_of(&s, TIER_O2, &func, 1);
        struct llvm_code none;
        struct err e = {0};
        llvm_jit_test_fail = ways[k];
        CHECK(llvm_jit_compile(&u, &none, &s.why, &e) != ST_OK);
        CHECK_EQ(s.why, ways[k]);
        CHECK_STR(e.text, "asked for by a test");
        rt_cell r;
        CHECK_EQ(call(&s, 0, 6, 0, &r), TRAP_NONE); /* older code goes on working */
        CHECK_EQ(r, 720);
        struct llvm_code again;
        REQUIRE(CHECK_EQ(llvm_jit_compile(&u, &again, &s.why, &s.e), ST_OK)); /* and so does the compiler */
        llvm_code_free(&again);
    }
    llvm_jit_memory(&used_after, &peak);
    CHECK_EQ(used_after, used);
    finish(&s);
}

TEST(llvm_jit_reuses_freed_code_pages)
{
    struct subject s;
    REQUIRE(start(&s, FACTORIAL, false));
    uintptr_t at = 0;
    for (int k = 0; k < 5; k++) {
        REQUIRE(compile(&s, TIER_O1));
        CHECK(at == 0 || s.code.text_start == at);
        CHECK(rt_code_find((uintptr_t)s.code.entry[0]) != NULL);
        at = s.code.text_start;
        llvm_code_free(&s.code);
        CHECK(rt_code_find(at) == NULL);
    }
    finish(&s);
}

/* What is left after the passes decides, too: stores, none of which can go. */
TEST(llvm_jit_refuses_too_many_values)
{
    enum { STORES = 60000, STORE = 7, HEAD = 8 + 6 + 4 + 5, SIZE = STORES * STORE + 1 };
    static const u8 head[HEAD] = {HEADER, TYPE_V_V, ONE_FUNC, SEC(5, 1, 0, 1)};
    u8 *bytes = heap_alloc(HEAD + SIZE + 32), *p = bytes + HEAD;
    REQUIRE(bytes != NULL);
    memcpy(bytes, head, HEAD);
    *p++ = 10;
    for (u32 rest = SIZE + 6 /* count, size, locals */, k = 0; k < 5; k++, rest >>= 7)
        *p++ = (u8)((rest & 0x7f) | (k < 4 ? 0x80 : 0));
    *p++ = 1;
    for (u32 rest = SIZE + 1, k = 0; k < 4; k++, rest >>= 7)
        *p++ = (u8)((rest & 0x7f) | (k < 3 ? 0x80 : 0));
    *p++ = 0;
    for (u32 k = 0; k < STORES; k++, p += STORE)
        memcpy(p, ((const u8[STORE]){0x3f, 0, 0x3f, 0, 0x36, 2, 0}),
               STORE); /* memory.size twice, i32.store */
    *p++ = 0x0b;
    struct subject s;
    REQUIRE(start(&s, bytes, (size_t)(p - bytes), false));
    struct llvm_unit_func func = {.index = 0, .root = true};
    struct llvm_unit u = unit_of(&s, TIER_O1, &func, 1);
    struct llvm_code none;
    CHECK_EQ(llvm_jit_compile(&u, &none, &s.why, &s.e), E_LIMIT);
    bool slow = strcmp(plat_image_kind(), "hosted") != 0; /* in an emulator the time may be up first */
    CHECK(s.why == BAILOUT_TOO_BIG || (slow && s.why == BAILOUT_TIME));
    finish(&s);
    heap_free(bytes);
}

TEST(llvm_jit_refuses_what_is_too_big)
{
    struct subject s;
    REQUIRE(start(&s, FACTORIAL, false));
    struct llvm_unit_func func = {.index = 0, .root = true};
    struct llvm_unit u = unit_of(&s, TIER_O3, &func, 1);
    u32 size = s.m->funcs[0].size;
    s.m->funcs[0].size = 100000000;
    struct llvm_code none;
    CHECK_EQ(llvm_jit_compile(&u, &none, &s.why, &s.e), E_LIMIT);
    CHECK_EQ(s.why, BAILOUT_TOO_BIG);
    s.m->funcs[0].size = size;
    finish(&s);
}

/* As wat2wasm writes this text:
 *
 * (module (type $t (func (param i32) (result i32)))
 *  (table 2 funcref) (elem (i32.const 0) 0 1)
 *  (func (type $t) (i32.add (local.get 0) (i32.const 1)))
 *  (func (type $t) (i32.mul (local.get 0) (i32.const 3)))
 *  (func (param i32 i32) (result i32)
 *   (if (result i32) (local.get 0)
 *    (then (call_indirect (type $t) (local.get 0) (local.get 1)))
 *    (else (i32.const 7)))))
 */
static const u8 counted_module[] = {
    /* clang-format off */
    0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00, 0x01, 0x0c, 0x02, 0x60, 0x01, 0x7f, 0x01, 0x7f,
    0x60, 0x02, 0x7f, 0x7f, 0x01, 0x7f, 0x03, 0x04, 0x03, 0x00, 0x00, 0x01, 0x04, 0x04, 0x01, 0x70,
    0x00, 0x02, 0x09, 0x08, 0x01, 0x00, 0x41, 0x00, 0x0b, 0x02, 0x00, 0x01, 0x0a, 0x23, 0x03, 0x07,
    0x00, 0x20, 0x00, 0x41, 0x01, 0x6a, 0x0b, 0x07, 0x00, 0x20, 0x00, 0x41, 0x03, 0x6c, 0x0b, 0x11,
    0x00, 0x20, 0x00, 0x04, 0x7f, 0x20, 0x00, 0x20, 0x01, 0x11, 0x00, 0x00, 0x05, 0x41, 0x07, 0x0b,
    0x0b,
    /* clang-format on */
};

enum { COUNTED_WORDS = 2 + 3 };

/* The last function counts in code of O1: 20 calls of one target, one of another, 3 of none. */
static bool count(struct subject *s, u32 *counts)
{
    struct prof_record record = {.counts = counts};
    struct llvm_unit_func func = {.index = 2, .root = true};
    struct llvm_unit u = unit_of(s, TIER_O1, &func, 1);
    struct rt_func *f = &s->i->own_funcs[2];
    void *host = f->host;
    rt_cell r;
    u.counts = true;
    if (!CHECK_EQ(llvm_jit_compile(&u, &s->code, &s->why, &s->e), ST_OK))
        return false;
    f->native = s->code.entry[0];
    f->cells = rt_cells_to_native;
    f->host = &record;
    for (u32 k = 0; k < 24; k++)
        CHECK_EQ(call(s, 2, k < 21 ? 5 : 0, k == 20, &r), TRAP_NONE);
    f->host = host;
    return true;
}

TEST(llvm_jit_uses_what_was_counted)
{
    struct subject s;
    u32 counts[COUNTED_WORDS] = {0};
    REQUIRE(start(&s, counted_module, sizeof counted_module, true));
    for (u32 k = 0; k < 2; k++)
        s.i->own_funcs[k].heat = INT32_MAX;
    REQUIRE(count(&s, counts));
    const u32 *branch = counts, *target = branch + 2;
    CHECK_EQ(branch[0], 3);
    CHECK_EQ(branch[1], 21);
    CHECK_EQ(target[0], (u32)(uintptr_t)&s.i->own_funcs[1]);
    CHECK_EQ(target[1], 21);
    CHECK_EQ(target[2], 2); /* the first one is another than none */
    CHECK_EQ(wasm_counted_target(s.i, target), 1);

    struct llvm_unit_func funcs[] = {{.index = 2, .root = true, .counts = counts}, {.index = 1}};
    struct llvm_unit u = unit_of(&s, TIER_O3, funcs, 2);
    char *ir;
    rt_cell r;
    REQUIRE(CHECK_EQ(llvm_jit_emit_text(&u, false, &ir, &s.e), ST_OK));
    CHECK(strstr(ir, "i32 22}") == NULL); /* 21 to 3 is nearly even */
    CHECK(strstr(ir, "\"branch_weights\", i32 20, i32 3}") != NULL);
    heap_free(ir);
    counts[1] = 3 * WASM_COUNTS_SKEW;
    REQUIRE(CHECK_EQ(llvm_jit_emit_text(&u, false, &ir, &s.e), ST_OK));
    CHECK(strstr(ir, "\"branch_weights\", i32 4, i32 193}") != NULL);
    heap_free(ir);
    llvm_code_free(&s.code);
    REQUIRE(CHECK_EQ(llvm_jit_compile(&u, &s.code, &s.why, &s.e), ST_OK));
    s.i->own_funcs[2].native = s.code.entry[0];
    CHECK(call(&s, 2, 5, 1, &r) == TRAP_NONE && (u32)r == 15);
    CHECK(call(&s, 2, 5, 0, &r) == TRAP_NONE && (u32)r == 6);
    CHECK(call(&s, 2, 0, 0, &r) == TRAP_NONE && (u32)r == 7);
    CHECK_EQ(call(&s, 2, 5, 2, &r), TRAP_UNDEFINED_ELEMENT);
    s.i->tables[0]->elems[1] = &s.i->own_funcs[2];
    CHECK_EQ(call(&s, 2, 5, 1, &r), TRAP_INDIRECT_TYPE);
    s.i->tables[0]->elems[1] = NULL;
    CHECK_EQ(call(&s, 2, 5, 1, &r), TRAP_UNINITIALIZED_ELEMENT);
    finish(&s);
}
