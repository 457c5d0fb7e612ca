/* Packed objects: they run as what they were made from, and damaged ones are refused without harm. */
#include "obj.h"

#include "heap.h"
#include "interp.h"
#include "llvm_jit.h"
#include "plat.h"
#include "rt_symbols.h"
#include "wasm_build.h"

/* 0: a switch (a jump table) whose arms multiply, mask, call function 1 and divide; else unreachable.
 * 1: its first argument times 2.5 (a constant in memory). */
#define SWITCH                                                                                               \
    0x02, 0x40, 0x02, 0x40, 0x02, 0x40, 0x02, 0x40, 0x02, 0x40, 0x20, 0, 0x0e, 4, 0, 1, 2, 3, 4, 0x0b, 0x20, \
        1, 0x41, 3, 0x6c, 0x0f, 0x0b, 0x20, 1, 0x41, 5, 0x71, 0x0f, 0x0b, 0x20, 1, 0x20, 0, 0x10, 1, 0x0f,   \
        0x0b, 0x20, 1, 0x41, 10, 0x6e, 0x0f, 0x0b, 0x00, 0x0b
#define TIMES 0x20, 0, 0xb7, 0x44, 0, 0, 0, 0, 0, 0, 4, 0x40, 0xa2, 0xfc, 2, 0x0b
static const u8 module[] = {HEADER, SEC(1, 1, 0x60, 2, 0x7f, 0x7f, 1, 0x7f), SEC(3, 2, 0, 0),
                            SEC(10, 2, SIZED(0, SWITCH), SIZED(0, TIMES))};

struct subject {
    struct wasm_module *m;
    struct rt_instance *i;
    struct err e;
    u8 *packed;
    size_t bytes, elf_bytes;
    u8 *elf;
};

static bool start(struct subject *s)
{
    memset(s, 0, sizeof *s);
    enum rt_trap trap;
    struct llvm_jit_config config = {.cpu = "native", .objects = true};
    struct wasm_instantiate_options o = {.want_fixed = true, .func_cells = interp_call};
    s->m = GET_MODULE(module, sizeof module);
    return s->m && CHECK_EQ(rt_thread_init(), ST_OK) && CHECK_EQ(llvm_jit_init(&config, &s->e), ST_OK) &&
           CHECK_EQ(wasm_instantiate(s->m, &o, &s->i, &trap, &s->e), ST_OK);
}

static void drop_object(struct subject *s)
{
    heap_free(s->packed);
    heap_free(s->elf);
    s->packed = s->elf = NULL;
}

static void finish(struct subject *s)
{
    drop_object(s);
    if (s->i)
        interp_instance_fini(s->i);
    rt_instance_destroy(s->i);
    wasm_module_destroy(s->m);
    llvm_jit_fini();
}

/* Both functions as roots of one unit: s->elf and s->packed. */
static bool compile(struct subject *s, enum jit_tier t)
{
    static const struct llvm_unit_func funcs[] = {{.index = 0, .root = true}, {.index = 1, .root = true}};
    struct llvm_unit u = {
        .module = s->m, .inst = s->i, .tier = t, .fixed_inst = s->i->fixed, .nfuncs = 2, .funcs = funcs};
    struct llvm_code code;
    enum bailout why;
    drop_object(s);
    if (!CHECK_EQ(llvm_jit_compile(&u, &code, &why, &s->e), ST_OK))
        return false;
    s->elf = code.object;
    s->elf_bytes = code.object_bytes;
    return CHECK_EQ(obj_pack(s->elf, s->elf_bytes, &s->packed, &s->bytes, &s->e), ST_OK);
}

static bool load(struct subject *s, enum jit_tier t, struct obj *o)
{
    struct obj_view v;
    return CHECK_EQ(obj_open(s->packed, s->bytes, &v, &s->e), ST_OK) &&
           CHECK_EQ(obj_load(&v, s->i, (u8)t, false, o, &s->e), ST_OK);
}

static enum rt_trap call(struct subject *s, const struct obj *o, rt_cell a, rt_cell b, rt_cell *result)
{
    rt_cell cells[2] = {a, b};
    s->i->own_funcs[0].native = obj_entry(o, 0);
    s->i->own_funcs[0].cells = rt_cells_to_native;
    enum rt_trap t = rt_call(&s->i->own_funcs[0], cells);
    *result = cells[0];
    return t;
}

TEST(obj_runs_what_was_packed)
{
    static const u32 results[] = {36, 4, 30, 1};
    struct subject s;
    REQUIRE(start(&s));
    for (int t = TIER_O0; t < TIER_COUNT; t++) {
        struct obj o;
        rt_cell r;
        REQUIRE(compile(&s, (enum jit_tier)t) && load(&s, (enum jit_tier)t, &o));
        for (u32 k = 0; k < 4; k++) {
            CHECK_EQ(call(&s, &o, k, 12, &r), TRAP_NONE);
            CHECK_EQ((u32)r, results[k]);
        }
        CHECK_EQ(call(&s, &o, 4, 12, &r), TRAP_UNREACHABLE);
        CHECK_EQ(rt_thread.frames[0].tier, t);
        CHECK_EQ(rt_thread.frames[0].func == &s.i->own_funcs[0], true);
        CHECK_EQ(obj_entry(&o, 2) == NULL, true);
        CHECK_EQ(s.bytes < s.elf_bytes, true);
        CHECK_EQ(rt_code_find((uintptr_t)obj_entry(&o, 1))->func_index, 1);
        uintptr_t was = (uintptr_t)obj_entry(&o, 1);
        obj_free(&o);
        CHECK_EQ(rt_code_find(was) == NULL, true);
    }
    finish(&s);
}

/* --- Damage. --- */

static bool resolve_any(void *env, const char *name, size_t len, u64 *address)
{
    (void)env;
    (void)name;
    *address = len;
    return true;
}

/* Places into buffers of exactly the size that the view names: the sanitizer sees a byte too many. */
static void place(const struct obj_view *v)
{
    struct obj_place p = {.text = heap_alloc(v->text_bytes),
                          .data = heap_alloc(v->data_bytes),
                          .text_at = MAP_CODE_BASE,
                          .data_at = MAP_CODE_BASE + 0x1000000,
                          .resolve = resolve_any};
    if (p.text && p.data)
        (void)!obj_place(v, &p, NULL);
    heap_free(p.text);
    heap_free(p.data);
}

static void check_packed(struct subject *s, const u8 *bytes, size_t len)
{
    struct obj_view v;
    struct obj o;
    struct err e = {0};
    status st = obj_open(bytes, len, &v, &e);
    if (st != ST_OK) {
        CHECK_EQ(e.code, st);
        return;
    }
    place(&v);
    if (obj_load(&v, s->i, TIER_O1, false, &o, &e) == ST_OK)
        obj_free(&o);
}

static void check_elf(const u8 *bytes, size_t len)
{
    struct obj_view v;
    struct err e = {0};
    u8 *packed;
    size_t n;
    status st = obj_pack(bytes, len, &packed, &n, &e);
    if (st != ST_OK) {
        CHECK_EQ(e.code, st);
        return;
    }
    if (obj_open(packed, n, &v, NULL) == ST_OK) /* overlapping functions are found here */
        place(&v);
    heap_free(packed);
}

/* Calls `check` with each byte of a copy changed in turn, and with each length. */
static void damage(struct subject *s, const u8 *from, size_t len, bool elf)
{
    static const u8 masks[] = {0x01, 0x80, 0xff};
    for (size_t k = 0; k < len; k++) {
        u8 *copy = heap_alloc(len);
        REQUIRE(copy != NULL);
        for (u32 m = 0; m < sizeof masks; m++) {
            memcpy(copy, from, len);
            copy[k] ^= masks[m];
            if (elf)
                check_elf(copy, len);
            else
                check_packed(s, copy, len);
        }
        u8 *cut = heap_realloc(copy, k + 1); /* shorter: what lies behind is not ours */
        if (!CHECK(cut != NULL)) {
            heap_free(copy);
            return;
        }
        memcpy(cut, from, k + 1);
        if (elf)
            check_elf(cut, k);
        else
            check_packed(s, cut, k);
        heap_free(cut);
    }
}

TEST(obj_refuses_damaged_objects)
{
    struct subject s;
    REQUIRE(start(&s));
    REQUIRE(compile(&s, TIER_O1));
    damage(&s, s.packed, s.bytes, false);
    finish(&s);
}

TEST(obj_pack_refuses_damaged_elf)
{
    struct subject s;
    REQUIRE(start(&s));
    REQUIRE(compile(&s, TIER_O1));
    damage(&s, s.elf, s.elf_bytes, true);
    finish(&s);
}

static bool refused(const u8 *bytes, size_t len, const char *text)
{
    struct obj_view v;
    struct err e = {0};
    return CHECK_EQ(obj_open(bytes, len, &v, &e), E_INVAL) && CHECK_STR(e.text, text);
}

TEST(obj_says_what_is_wrong)
{
    struct subject s;
    REQUIRE(start(&s));
    REQUIRE(compile(&s, TIER_O1));
    CHECK(refused(s.packed, 5, "a stored object is damaged: too short"));
    CHECK(refused(s.packed, s.bytes - 1, "a stored object is damaged: its length is not what its parts say"));
    CHECK(refused(s.elf, s.elf_bytes, "a stored object is damaged: not an object"));
    struct err e = {0};
    u8 *out;
    size_t n;
    CHECK_EQ(obj_pack(s.packed, s.bytes, &out, &n, &e), E_INVAL);
    CHECK_STR(e.text, "not an object: another format");
    finish(&s);
}

TEST(rt_symbols_are_found_by_name)
{
    CHECK_EQ(rt_symbol_find("rt_thread and more", 9)->address, (uintptr_t)&rt_thread);
    CHECK_EQ(rt_symbol_find("anneal_mem0", 11)->address, MAP_MEM0_BASE);
    CHECK_EQ(rt_symbol_find("rt_threa", 8) == NULL, true);
}
