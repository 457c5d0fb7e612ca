/* Throwing, calls that catch, and reclaiming what nobody reaches. */
#include "rt_helpers.h"

#include <string.h>

#include "plat.h"
#include "unit.h"

static struct rt_tag tag_of(const rt_type *types, u32 n)
{
    return (struct rt_tag){.sig = rt_sig_get(types, n, 0)};
}

static const rt_type pair_types[] = {RT_I64, RT_EXNREF};

/* --- rt_try_run. --- */

static u32 passed;

static __attribute__((noinline)) void throw_deep(u32 depth, struct rt_exn *e)
{
    volatile u64 frame[8];
    frame[depth % 8] = depth;
    if (depth == 0)
        rt_throw(e);
    throw_deep(depth - 1, e);
    passed += (u32)frame[depth % 8]; /* not a tail call */
}

static void thrower(void *arg)
{
    throw_deep(5, arg);
}

static void catcher(void *arg)
{
    struct rt_handler h;
    rt_try_run(&h, thrower, arg);
    struct rt_exn *e = rt_thread.exception;
    rt_thread.exception = NULL;
    e->cells[0]++;
    rt_throw(e); /* the inner record is gone: this goes to the outer one */
}

static void calm(void *arg)
{
    ++*(u32 *)arg;
}

TEST(rt_exn_without_a_throw)
{
    REQUIRE(rt_thread_init() == ST_OK);
    struct rt_handler h;
    u32 runs = 0;
    rt_try_run(&h, calm, &runs);
    CHECK_EQ(runs, 1);
    CHECK(rt_thread.exception == NULL && rt_thread.handler_top == NULL);
}

TEST(rt_exn_is_caught_rethrown_and_caught)
{
    REQUIRE(rt_thread_init() == ST_OK);
    struct rt_tag tag = tag_of(pair_types, 2);
    rt_cell cells[] = {41, 0};
    struct rt_exn *e = rt_exn_new(&tag, cells);
    rt_cell *top = rt_thread.cells_top;
    struct rt_handler h;
    passed = 0;
    u64 a = cells[0], b = a + 1, c = a + 2, d = a + 3; /* some live in callee-saved registers */
    __asm__ volatile("" : "+r"(a), "+r"(b), "+r"(c), "+r"(d));
    rt_try_run(&h, catcher, e);
    CHECK(rt_thread.exception == e && e->tag == &tag);
    CHECK_EQ(e->ncells, 2);
    CHECK_EQ(e->cells[0], 42);
    CHECK_EQ(passed, 0);
    CHECK(rt_thread.handler_top == NULL && rt_thread.cells_top == top);
    CHECK_EQ(a + b + c + d, 41 + 42 + 43 + 44);
    rt_thread.exception = NULL;
}

/* --- rt_call is a boundary. --- */

static struct rt_tag host_tag;

static enum rt_trap host_throws(void *env, struct rt_instance *caller, rt_cell *cells)
{
    (void)env, (void)caller;
    rt_throw(rt_exn_new(&host_tag, cells));
}

struct middle {
    struct rt_func *callee;
    bool swallow;
};
static enum rt_trap host_calls(void *env, struct rt_instance *caller, rt_cell *cells)
{
    (void)caller;
    const struct middle *m = env;
    enum rt_trap t = rt_call(m->callee, cells);
    return m->swallow ? TRAP_NONE : t;
}

struct attempt {
    struct rt_func *f;
    rt_cell *cells;
};
static void call_cells(void *arg)
{
    struct attempt *a = arg;
    a->f->cells(a->f, a->cells);
}
static enum rt_trap host_tries(void *env, struct rt_instance *caller, rt_cell *cells)
{
    (void)caller;
    struct rt_handler h;
    struct attempt a = {env, cells};
    rt_try_run(&h, call_cells, &a);
    if (!rt_thread.exception)
        return TRAP_NONE;
    cells[0] = rt_thread.exception->cells[0] + 100;
    rt_thread.exception = NULL;
    return TRAP_NONE;
}

TEST(rt_exn_uncaught_ends_the_call)
{
    REQUIRE(rt_thread_init() == ST_OK);
    rt_type i64 = RT_I64;
    host_tag = tag_of(&i64, 1);
    struct rt_func throws;
    rt_func_init_host(&throws, host_tag.sig, host_throws, NULL);
    rt_cell cells[1] = {7};
    CHECK_EQ(rt_call(&throws, cells), TRAP_UNCAUGHT_EXCEPTION);
    CHECK(rt_thread.exception == NULL && rt_thread.handler_top == NULL && rt_thread.catch_top == NULL);
    REQUIRE(rt_thread.uncaught != NULL);
    CHECK(rt_thread.uncaught->tag == &host_tag);
    CHECK_EQ(rt_thread.uncaught->cells[0], 7);
}

TEST(rt_exn_crosses_a_host_function_that_passes_it_on)
{
    REQUIRE(rt_thread_init() == ST_OK);
    rt_type types[] = {RT_I64, RT_I64};
    host_tag = tag_of(types, 1);
    struct rt_func throws, between, tries;
    rt_func_init_host(&throws, host_tag.sig, host_throws, NULL);
    struct middle m = {&throws, false};
    rt_func_init_host(&between, host_tag.sig, host_calls, &m);
    rt_func_init_host(&tries, rt_sig_get(types, 1, 1), host_tries, &between);
    rt_cell cells[1] = {7};
    CHECK_EQ(rt_call(&tries, cells), TRAP_NONE);
    CHECK_EQ(cells[0], 107);
    m.swallow = true;
    cells[0] = 9;
    CHECK_EQ(rt_call(&tries, cells), TRAP_NONE);
    CHECK_EQ(cells[0], 9);
    CHECK(rt_thread.exception == NULL && rt_thread.handler_top == NULL && rt_thread.catch_top == NULL);
}

TEST(rt_exn_trap_texts)
{
    CHECK_STR(rt_trap_text(TRAP_NULL_EXCEPTION), "null exception reference");
    CHECK_STR(rt_trap_text(TRAP_UNCAUGHT_EXCEPTION), "uncaught exception");
    CHECK_STR(rt_trap_text(TRAP_NULL_FUNCTION), "null function reference");
}

/* --- rt_try_call: what compiled code does. --- */

static struct rt_exn *to_throw;

/* Seven integer arguments: the last one is on the stack. */
static u64 native_sum(u64 a, u64 b, u64 c, u64 d, u64 e, u64 f, u64 g, double x)
{
    if (to_throw)
        rt_throw(to_throw);
    return a + 10 * b + 100 * c + 1000 * d + 10000 * e + 100000 * f + 1000000 * g + (u64)x;
}

/* Calls native_sum(1..7, 0.0) through rt_try_call, and looks whether rsp and rbx come back. */
static u64 try_sum(struct rt_handler *h, bool *kept)
{
    u64 result, before, after, rbx;
    h->target = (void *)native_sum;
    h->slot = NULL;
    __asm__ volatile("mov %%rsp, %1\n\t"
                     "mov %1, %%r12\n\t"
                     "sub $256, %%rsp\n\t" /* the red zone, and room */
                     "and $-16, %%rsp\n\t"
                     "sub $8, %%rsp\n\t"
                     "push $7\n\t"
                     "mov $1, %%edi\n\tmov $2, %%esi\n\tmov $3, %%edx\n\t"
                     "mov $4, %%ecx\n\tmov $5, %%r8d\n\tmov $6, %%r9d\n\t"
                     "xorps %%xmm0, %%xmm0\n\t"
                     "mov $0x1234, %%ebx\n\t"
                     "mov %4, %%r10\n\t"
                     "call rt_try_call\n\t"
                     "add $16, %%rsp\n\t"
                     "mov %%rbx, %3\n\t"
                     "mov %%r12, %%rsp\n\t"
                     "mov %%rsp, %2\n\t"
                     : "=a"(result), "=&r"(before), "=&r"(after), "=&r"(rbx)
                     : "r"(h)
                     : "rbx", "rcx", "rdx", "rsi", "rdi", "r8", "r9", "r10", "r11", "r12", "memory", "cc",
                       "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7", "xmm8", "xmm9",
                       "xmm10", "xmm11", "xmm12", "xmm13", "xmm14", "xmm15");
    *kept = before == after && rbx == 0x1234;
    return result;
}

TEST(rt_exn_try_call_passes_arguments_and_results)
{
    REQUIRE(rt_thread_init() == ST_OK);
    struct rt_tag tag = tag_of(NULL, 0);
    struct rt_handler h;
    bool kept;
    to_throw = NULL;
    CHECK_EQ(try_sum(&h, &kept), 7654321);
    CHECK(kept && rt_thread.exception == NULL && rt_thread.handler_top == NULL);
    to_throw = rt_exn_new(&tag, NULL);
    try_sum(&h, &kept);
    CHECK(kept && rt_thread.exception == to_throw && rt_thread.handler_top == NULL);
    rt_thread.exception = to_throw = NULL;
}

/* push %rbp; mov %rsp,%rbp; mov %rsi,%r10; mov $rt_try_call,%eax; call *%rax; pop %rbp; ret */
static const u8 try_code[] = {0x55, 0x48, 0x89, 0xe5, 0x49, 0x89, 0xf2, 0xb8,
                              0,    0,    0,    0,    0xff, 0xd0, 0x5d, 0xc3};
enum { TRY_CODE_TARGET = 8 };

static void traps(void)
{
    rt_trap(TRAP_HOST);
}

TEST(rt_exn_backtrace_sees_through_try_call)
{
    REQUIRE(rt_thread_init() == ST_OK);
    u8 *code = plat_reserve(NULL, PLAT_PAGE);
    REQUIRE(code && plat_commit(code, PLAT_PAGE, PLAT_RW) == ST_OK);
    memcpy(code, try_code, sizeof try_code);
    u32 target = (u32)(uintptr_t)rt_try_call;
    memcpy(code + TRY_CODE_TARGET, &target, sizeof target);
    REQUIRE(plat_protect(code, PLAT_PAGE, PLAT_RX) == ST_OK);
    rt_type i64 = RT_I64;
    struct rt_func f = {.native = code, .cells = rt_cells_to_native, .sig = rt_sig_get(&i64, 1, 0)};
    struct rt_code where = {.start = (uintptr_t)code, .end = (uintptr_t)code + sizeof try_code, .func = &f};
    REQUIRE(rt_code_add(&where) == ST_OK);
    struct rt_handler h = {.target = (void *)traps};
    rt_cell cells[1] = {(uintptr_t)&h};
    CHECK_EQ(rt_call(&f, cells), TRAP_HOST);
    CHECK_EQ(rt_thread.nframes, 1);
    CHECK(rt_thread.frames[0].func == &f);
    CHECK(rt_thread.handler_top == NULL);
    rt_code_remove(where.start);
    plat_release(code, PLAT_PAGE);
}

/* --- Reclaiming. --- */

enum { MANY = 200000 };

static __attribute__((noinline)) void make_garbage(const struct rt_tag *tag)
{
    for (u32 k = 0; k < MANY; k++) {
        rt_cell cells[2] = {k, 0};
        rt_exn_new(tag, cells);
    }
}

TEST(rt_exn_garbage_is_reclaimed)
{
    REQUIRE(rt_thread_init() == ST_OK);
    struct rt_tag tag = tag_of(pair_types, 2);
    make_garbage(&tag);
    CHECK(rt_exn_count() < MANY / 4);
}

/* A table holds the head of a chain of ten; its other objects are found through values alone. */
static __attribute__((noinline)) void make_chain(const struct rt_tag *tag, struct rt_table *t)
{
    struct rt_exn *head = NULL;
    for (u32 k = 0; k < 10; k++) {
        rt_cell cells[2] = {1000 + k, (uintptr_t)head};
        head = rt_exn_new(tag, cells);
    }
    t->elems[3] = head;
}

TEST(rt_exn_in_tables_and_values_stays)
{
    REQUIRE(rt_thread_init() == ST_OK);
    struct rt_tag tag = tag_of(pair_types, 2);
    struct rt_table *t;
    REQUIRE(rt_table_create(RT_EXNREF, 4, 4, &t) == ST_OK);
    make_chain(&tag, t);
    for (u32 round = 0; round < 3; round++) {
        make_garbage(&tag);
        const struct rt_exn *e = t->elems[3];
        for (u32 k = 10; k-- > 0; e = (const struct rt_exn *)(uintptr_t)e->cells[1])
            CHECK_EQ(e->cells[0], 1000 + k);
        CHECK(e == NULL);
    }
    rt_table_release(t);
}

TEST(rt_exn_in_globals_stays)
{
    REQUIRE(rt_thread_init() == ST_OK);
    struct rt_tag tag = tag_of(pair_types, 2);
    struct rt_layout l;
    rt_layout_init(&l, 0, 0, 2, 0, 0, 0, 0, 0);
    struct rt_instance *i;
    REQUIRE(rt_instance_create(&l, false, &i) == ST_OK);
    i->globals[0]->type = RT_I64;
    i->globals[1]->type = RT_EXNREF | RT_NONNULL;
    rt_cell cells[2] = {77, 0};
    i->globals[1]->value[0] = (uintptr_t)rt_exn_new(&tag, cells);
    make_garbage(&tag);
    make_garbage(&tag);
    const struct rt_exn *e = (const struct rt_exn *)(uintptr_t)i->globals[1]->value[0];
    CHECK(e->tag == &tag);
    CHECK_EQ(e->cells[0], 77);
    rt_instance_destroy(i);
}
