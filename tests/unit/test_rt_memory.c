/* Memories, tables, instances, signatures, the value stack, the code map. */
#include "rt.h"

#include <string.h>

#include "plat.h"
#include "rt_helpers.h"
#include "unit.h"

TEST(rt_sig_is_interned)
{
    const rt_type a[] = {RT_I32, RT_I64, RT_F32};
    const struct rt_sig *s = rt_sig_get(a, 2, 1);
    REQUIRE(s != NULL);
    CHECK(rt_sig_get(a, 2, 1) == s);
    CHECK(rt_sig_get(a, 1, 2) != s);
    CHECK(rt_sig_get(a, 3, 0)->id != s->id);
    CHECK(s->types != a && s->types[2] == RT_F32);
    CHECK(rt_sig_get(NULL, 0, 0) == rt_sig_get(NULL, 0, 0));
}

TEST(rt_memory_grows_in_place)
{
    struct rt_memory *m;
    REQUIRE(rt_memory_create(1, 10, false, &m) == ST_OK);
    u8 *base = m->base;
    CHECK_EQ(m->bytes, RT_PAGE);
    base[RT_PAGE - 1] = 7;
    CHECK_EQ(rt_memory_grow(m, 0), 1);
    CHECK_EQ(rt_memory_grow(m, 4), 1);
    CHECK_EQ(m->bytes, 5 * RT_PAGE);
    CHECK(m->base == base);
    CHECK_EQ(base[RT_PAGE - 1], 7);
    CHECK_EQ(base[5 * RT_PAGE - 1], 0);
    CHECK_EQ(rt_memory_grow(m, 6), -1);
    CHECK_EQ(rt_memory_grow(m, UINT64_MAX), -1);
    CHECK_EQ(m->bytes, 5 * RT_PAGE);
    CHECK_EQ(rt_memory_grow(m, 5), 5);
    rt_memory_release(m);
}

TEST(rt_memory_obeys_limits)
{
    struct rt_memory *m;
    u64 limit = rt_memory_limit_pages;
    CHECK_EQ(rt_memory_create(65537, 65537, false, &m), E_LIMIT);
    rt_memory_limit_pages = 3;
    CHECK_EQ(rt_memory_create(4, 100, false, &m), E_LIMIT);
    REQUIRE(rt_memory_create(0, UINT64_MAX, false, &m) == ST_OK);
    CHECK_EQ(m->bytes, 0);
    CHECK_EQ(rt_memory_grow(m, 4), -1);
    CHECK_EQ(rt_memory_grow(m, 3), 0);
    rt_memory_release(m);
    rt_memory_limit_pages = limit;
}

TEST(rt_memory_fixed_slot_has_one_owner)
{
#ifdef ANNEAL_ASAN
    SKIP("AddressSanitizer owns parts of the fixed map");
#else
    struct rt_memory *m, *other;
    REQUIRE(rt_memory_create(1, 2, true, &m) == ST_OK);
    CHECK_EQ(m->base, MAP_MEM0_BASE);
    CHECK(m->fixed && m->guarded);
    CHECK_EQ(rt_memory_create(1, 2, true, &other), E_LIMIT);
    m->base[5] = 5;
    rt_memory_release(m);
    REQUIRE(rt_memory_create(1, 2, true, &m) == ST_OK);
    CHECK_EQ(m->base[5], 0);
    rt_memory_release(m);
#endif
}

TEST(rt_table_grows_and_keeps)
{
    struct rt_table *t;
    int x, y;
    REQUIRE(rt_table_create(RT_FUNCREF, 2, 100, &t) == ST_OK);
    CHECK(t->elems[0] == NULL && t->elems[1] == NULL);
    t->elems[1] = &x;
    CHECK_EQ(rt_table_grow(t, 50, &y), 2);
    CHECK_EQ(t->size, 52);
    CHECK(t->elems[1] == &x && t->elems[2] == &y && t->elems[51] == &y);
    CHECK_EQ(rt_table_grow(t, 49, NULL), -1);
    CHECK_EQ(rt_table_grow(t, UINT64_MAX, NULL), -1);
    CHECK_EQ(rt_table_grow(t, 48, NULL), 52);
    rt_table_release(t);
    CHECK_EQ(rt_table_create(RT_FUNCREF, RT_TABLE_MAX + 1, UINT64_MAX, &t), E_LIMIT);
    REQUIRE(rt_table_create(RT_EXTERNREF, 0, UINT64_MAX, &t) == ST_OK);
    CHECK_EQ(rt_table_grow(t, 0xfffffff0u, NULL), -1);
    rt_table_release(t);
}

static void check_instance(bool fixed)
{
    struct rt_layout l;
    rt_layout_init(&l, 2, 2, 5, 7, 1, 0, 2, 3);
    struct rt_instance *i;
    REQUIRE(rt_instance_create(&l, fixed, &i) == ST_OK);
    CHECK_EQ(i->fixed, fixed);
    CHECK(!fixed || (uintptr_t)i == MAP_DATA_BASE);
    CHECK((uintptr_t)i->own_funcs % 64 == 0);
    CHECK((u8 *)i->own_funcs == (u8 *)i + l.own_funcs);
    CHECK(i->funcs[3] == &i->own_funcs[0] && i->funcs[6] == &i->own_funcs[3] && i->funcs[2] == NULL);
    CHECK((u8 *)i->globals[2] == (u8 *)i + l.own_globals && i->globals[4] == i->globals[2] + 2);
    CHECK((u8 *)&i->mems[1] == (u8 *)i + l.own_mems && (u8 *)&i->tables[0] == (u8 *)i + l.own_tables);
    struct rt_memory *m;
    REQUIRE(rt_memory_create(1, 1, false, &m) == ST_OK);
    i->mems[0] = m;
    m->refs++;
    rt_instance_destroy(i);
    CHECK_EQ(m->refs, 1);
    rt_memory_release(m);
}

TEST(rt_instance_is_wired)
{
    check_instance(false);
#ifndef ANNEAL_ASAN
    check_instance(true);
#endif
}

TEST(rt_cells_grow_on_demand)
{
    REQUIRE(rt_thread_init() == ST_OK);
    rt_cell *top = rt_thread.cells_top;
    CHECK(rt_cells_reserve(top));
    rt_cell *far = rt_thread.cells_end + 1000;
    REQUIRE(rt_cells_reserve(far));
    CHECK(far <= rt_thread.cells_end);
    far[-1] = 1;
    CHECK(rt_cells_reserve(top + (1 << 20)));
    CHECK_EQ(rt_thread.cells_end - top, 1 << 20);
    CHECK(!rt_cells_reserve(top + (1 << 20) + 1));
    CHECK(!rt_cells_reserve((rt_cell *)UINTPTR_MAX));
}

TEST(rt_code_map_finds)
{
    static const uintptr_t starts[] = {0x500, 0x100, 0x300, 0x400, 0x200};
    for (u32 k = 0; k < 5; k++)
        REQUIRE(rt_code_add(&(struct rt_code){
                    .start = starts[k], .end = starts[k] + 0x80, .func_index = k}) == ST_OK);
    CHECK(rt_code_find(0xff) == NULL);
    CHECK_EQ(rt_code_find(0x100)->func_index, 1);
    CHECK_EQ(rt_code_find(0x37f)->func_index, 2);
    CHECK(rt_code_find(0x380) == NULL);
    rt_code_remove(0x300);
    CHECK(rt_code_find(0x310) == NULL);
    CHECK_EQ(rt_code_find(0x410)->func_index, 3);
    for (u32 k = 0; k < 5; k++)
        if (starts[k] != 0x300)
            rt_code_remove(starts[k]);
    CHECK(rt_code_find(0x410) == NULL);
}

/* --- Bulk operations, through a host function so that their traps have somewhere to go. --- */

struct bulk {
    struct rt_instance *i;
    void (*run)(struct rt_instance *i);
};

static enum rt_trap bulk_run(void *env, struct rt_instance *caller, rt_cell *cells)
{
    (void)caller, (void)cells;
    struct bulk *b = env;
    b->run(b->i);
    return TRAP_NONE;
}

static enum rt_trap bulk(struct rt_instance *i, void (*run)(struct rt_instance *i))
{
    struct bulk b = {i, run};
    struct rt_func f;
    rt_func_init_host(&f, rt_sig_get(NULL, 0, 0), bulk_run, &b);
    rt_cell cells[1];
    return rt_call(&f, cells);
}

static void fill_end(struct rt_instance *i)
{
    rt_h_memory_fill(i, 0, RT_PAGE - 4, 0x155, 4);
}
static void fill_over(struct rt_instance *i)
{
    rt_h_memory_fill(i, 0, RT_PAGE - 3, 1, 4);
}
static void fill_wrap(struct rt_instance *i)
{
    rt_h_memory_fill(i, 0, UINT64_MAX, 1, 2);
}
static void fill_nothing_at_end(struct rt_instance *i)
{
    rt_h_memory_fill(i, 0, RT_PAGE, 1, 0);
}
static void fill_nothing_beyond(struct rt_instance *i)
{
    rt_h_memory_fill(i, 0, RT_PAGE + 1, 1, 0);
}
static void copy_overlap(struct rt_instance *i)
{
    rt_h_memory_copy(i, 0, 0, RT_PAGE - 5, RT_PAGE - 4, 4);
}
static void init_twice(struct rt_instance *i)
{
    rt_h_memory_init(i, 0, 0, 0, 1, 2);
    rt_h_data_drop(i, 0);
    rt_h_memory_init(i, 0, 0, 0, 0, 0);
    rt_h_memory_init(i, 0, 0, 0, 0, 1);
}
static void table_over(struct rt_instance *i)
{
    rt_h_table_set(i, 0, 1, i);
    rt_h_table_copy(i, 0, 0, 0, 1, 1);
    rt_h_table_get(i, 0, 2);
}
static void table_init_over(struct rt_instance *i)
{
    rt_h_table_init(i, 0, 0, 1, 0, 1);
    rt_h_table_init(i, 0, 0, 1, 0, 2);
}

TEST(rt_helpers_check_whole_ranges)
{
    REQUIRE(rt_thread_init() == ST_OK);
    struct rt_layout l;
    rt_layout_init(&l, 1, 1, 0, 0, 0, 0, 0, 0);
    struct rt_instance *i;
    REQUIRE(rt_instance_create(&l, false, &i) == ST_OK);
    REQUIRE(rt_memory_create(1, 1, false, &i->mems[0]) == ST_OK);
    REQUIRE(rt_table_create(RT_FUNCREF, 2, 2, &i->tables[0]) == ST_OK);
    struct rt_segment data = {"abc", 3};
    void *refs[2] = {&l, NULL};
    struct rt_segment elems = {refs, 2};
    i->data = &data;
    i->elems = &elems;
    const u8 *mem = i->mems[0]->base;

    CHECK_EQ(bulk(i, fill_end), TRAP_NONE);
    CHECK_EQ(mem[RT_PAGE - 1], 0x55);
    CHECK_EQ(bulk(i, fill_over), TRAP_MEMORY_OOB);
    CHECK_EQ(mem[RT_PAGE - 3], 0x55);
    CHECK_EQ(bulk(i, fill_wrap), TRAP_MEMORY_OOB);
    CHECK_EQ(bulk(i, fill_nothing_at_end), TRAP_NONE);
    CHECK_EQ(bulk(i, fill_nothing_beyond), TRAP_MEMORY_OOB);
    CHECK_EQ(bulk(i, copy_overlap), TRAP_NONE);
    CHECK_EQ(mem[RT_PAGE - 5], 0x55);
    CHECK_EQ(bulk(i, init_twice), TRAP_MEMORY_OOB);
    CHECK_EQ(mem[1], 'c');
    CHECK_EQ(bulk(i, table_over), TRAP_TABLE_OOB);
    CHECK(i->tables[0]->elems[0] == i);
    CHECK_EQ(bulk(i, table_init_over), TRAP_TABLE_OOB);
    CHECK(i->tables[0]->elems[1] == &l);
    i->data = i->elems = NULL; /* not from the heap */
    rt_instance_destroy(i);
}
