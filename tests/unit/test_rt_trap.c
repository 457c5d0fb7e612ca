/* The call boundary, and faults that become traps. */
#include "rt.h"

#include <string.h>

#include "plat.h"
#include "unit.h"

static const struct rt_sig *no_params(void)
{
    return rt_sig_get(NULL, 0, 0);
}

static enum rt_trap host_traps(void *env, struct rt_instance *caller, rt_cell *cells)
{
    (void)caller, (void)cells;
    return *(enum rt_trap *)env;
}

TEST(rt_trap_of_a_host_function)
{
    REQUIRE(rt_thread_init() == ST_OK);
    enum rt_trap t = TRAP_HOST;
    struct rt_func f;
    rt_func_init_host(&f, no_params(), host_traps, &t);
    rt_cell cells[1] = {0};
    CHECK_EQ(rt_call(&f, cells), TRAP_HOST);
    CHECK_EQ(rt_thread.trap, TRAP_HOST);
    t = TRAP_NONE;
    CHECK_EQ(rt_call(&f, cells), TRAP_NONE);
    t = TRAP_EXIT;
    CHECK_EQ(rt_call(&f, cells), TRAP_EXIT);
    CHECK_EQ(rt_thread.nframes, 0);
    CHECK(rt_thread.catch_top == NULL);
}

static u32 caught;

/* Calls itself through rt_call and traps at the bottom; odd levels catch, even ones pass it on. */
static enum rt_trap nest(void *env, struct rt_instance *caller, rt_cell *cells)
{
    (void)caller;
    u64 level = cells[0];
    if (level == 0)
        rt_trap(TRAP_UNREACHABLE);
    rt_cell own[1] = {level - 1};
    enum rt_trap t = rt_call(env, own);
    if (t == TRAP_NONE) {
        cells[0] = own[0] + 1;
        return TRAP_NONE;
    }
    caught++;
    cells[0] = 100;
    return level % 2 ? TRAP_NONE : t;
}

TEST(rt_trap_nests)
{
    REQUIRE(rt_thread_init() == ST_OK);
    rt_cell *top = rt_thread.cells_top;
    rt_type types[2] = {RT_I64, RT_I64};
    struct rt_func f;
    rt_func_init_host(&f, rt_sig_get(types, 1, 1), nest, &f);
    rt_cell cells[1] = {5};
    caught = 0;
    CHECK_EQ(rt_call(&f, cells), TRAP_NONE);
    CHECK_EQ(caught, 1);
    CHECK_EQ(cells[0], 104);
    CHECK(rt_thread.cells_top == top && rt_thread.catch_top == NULL);
}

/* --- Callee-saved registers survive a throw. --- */

TEST(rt_trap_keeps_callee_saved_registers)
{
    REQUIRE(rt_thread_init() == ST_OK);
    enum rt_trap t = TRAP_HOST;
    struct rt_func f;
    rt_func_init_host(&f, no_params(), host_traps, &t);
    rt_cell cells[1];
    u64 live[12];
    for (u64 k = 0; k < 12; k++) {
        live[k] = k * 3;
        __asm__ volatile("" : "+r"(live[k]));
    }
    u64 a = live[1], b = live[2], c = live[3], d = live[4], e = live[5];
    CHECK_EQ(rt_call(&f, cells), TRAP_HOST);
    CHECK_EQ(a + b + c + d + e, 3 + 6 + 9 + 12 + 15);
}

/* --- Faults: small pieces of "compiled" machine code. --- */

struct piece {
    u8 *code;
    struct rt_func func;
    struct rt_code where;
};

static bool piece_init(struct piece *p, const u8 *bytes, size_t n)
{
    p->code = plat_reserve(NULL, PLAT_PAGE);
    if (!p->code || plat_commit(p->code, PLAT_PAGE, PLAT_RW) != ST_OK)
        return false;
    memcpy(p->code, bytes, n);
    p->where = (struct rt_code){
        .start = (uintptr_t)p->code, .end = (uintptr_t)p->code + n, .func = &p->func, .tier = 3};
    rt_type types[2] = {RT_I64, RT_I64};
    p->func = (struct rt_func){
        .native = p->code, .cells = rt_cells_to_native, .sig = rt_sig_get(types, 1, 1), .index = 17};
    return plat_protect(p->code, PLAT_PAGE, PLAT_RX) == ST_OK && rt_code_add(&p->where) == ST_OK;
}

static void piece_fini(struct piece *p)
{
    rt_code_remove(p->where.start);
    plat_release(p->code, PLAT_PAGE);
}

/* push %rbp; mov %rsp,%rbp; mov (%rsi),%rax; pop %rbp; ret */
static const u8 load_code[] = {0x55, 0x48, 0x89, 0xe5, 0x48, 0x8b, 0x06, 0x5d, 0xc3};

TEST(rt_fault_in_guest_memory_is_a_trap)
{
    REQUIRE(rt_thread_init() == ST_OK);
    struct rt_memory *m;
    REQUIRE(rt_memory_create(1, 2, false, &m) == ST_OK);
    struct piece p;
    REQUIRE(piece_init(&p, load_code, sizeof load_code));
    m->base[65528] = 42;
    rt_cell cells[1] = {(uintptr_t)m->base + 65528};
    CHECK_EQ(rt_call(&p.func, cells), TRAP_NONE);
    CHECK_EQ(cells[0], 42);
    const u64 beyond[] = {65536, 65529, m->reserved - 16};
    for (int k = 0; k < 3; k++) {
        cells[0] = (uintptr_t)m->base + beyond[k];
        CHECK_EQ(rt_call(&p.func, cells), TRAP_MEMORY_OOB);
        REQUIRE(rt_thread.nframes == 1);
        CHECK(rt_thread.frames[0].func == &p.func);
        CHECK_EQ(rt_thread.frames[0].tier, 3);
        CHECK(rt_thread.catch_top == NULL);
    }
    piece_fini(&p);
    rt_memory_release(m);
}

/* push %rbp; mov %rsp,%rbp; then for ever: sub $4096,%rsp; orq $0,(%rsp) */
static const u8 probe_code[] = {0x55, 0x48, 0x89, 0xe5, 0x48, 0x81, 0xec, 0x00, 0x10,
                                0x00, 0x00, 0x48, 0x83, 0x0c, 0x24, 0x00, 0xeb, 0xf2};

TEST(rt_fault_in_the_stack_guard_is_a_trap)
{
    REQUIRE(rt_thread_init() == ST_OK);
    struct piece p;
    REQUIRE(piece_init(&p, probe_code, sizeof probe_code));
    rt_cell cells[1] = {0};
    for (int k = 0; k < 3; k++) {
        CHECK_EQ(rt_call(&p.func, cells), TRAP_STACK_EXHAUSTED);
        REQUIRE(rt_thread.nframes == 1);
        CHECK(rt_thread.frames[0].func == &p.func);
    }
    piece_fini(&p);
}

/* push %rbp; mov $0x123,%ebp; mov $TRAP,%edi; call *%rsi: a walk that trusted the frame pointer would fault.
 */
static const u8 garbage_fp_code[] = {0x55, 0xbd, 0x23, 0x01, 0x00, 0x00, 0xbf, TRAP_DIV_BY_ZERO,
                                     0x00, 0x00, 0x00, 0xff, 0xd6};

TEST(rt_trap_survives_a_garbage_frame_pointer)
{
    REQUIRE(rt_thread_init() == ST_OK);
    struct piece p;
    REQUIRE(piece_init(&p, garbage_fp_code, sizeof garbage_fp_code));
    rt_cell cells[1] = {(uintptr_t)rt_trap};
    CHECK_EQ(rt_call(&p.func, cells), TRAP_DIV_BY_ZERO);
    CHECK(rt_thread.nframes <= 1);
    piece_fini(&p);
}

TEST(rt_trap_texts)
{
    CHECK_STR(rt_trap_text(TRAP_MEMORY_OOB), "out of bounds memory access");
    CHECK_STR(rt_trap_text(TRAP_EXIT), "program exit");
}
