#include "wasm.h"

#include "heap.h"
#include "wasm_build.h"

/* Offset of a BODY's first instruction. */
enum { AT = 8 + 6 + 4 + 5 };

TEST(wasm_ops_table_is_consistent)
{
    for (u32 op = 0; op < WASM_OP_COUNT; op++) {
        const struct wasm_op_info *i = &wasm_op_info[op];
        CHECK_EQ(wasm_op_find(i->prefix, i->code), op);
        if (i->kind != WASM_KIND_SIMD)
            CHECK_EQ(i->kind == WASM_KIND_LOAD || i->kind == WASM_KIND_STORE, i->imm == WASM_IMM_MEMARG);
        bool lane = i->imm == WASM_IMM_LANE || i->imm == WASM_IMM_MEMARG_LANE || i->imm == WASM_IMM_SHUFFLE;
        CHECK_EQ(wasm_op_lanes(op) != 0, lane);
    }
    CHECK_EQ(wasm_op_find(0, 0xff), WASM_OP_COUNT);
    CHECK_EQ(wasm_op_find(0xfc, 0x100), WASM_OP_COUNT);
    CHECK_EQ(wasm_op_find(0xfd, 0x200), WASM_OP_COUNT);
    CHECK_EQ(wasm_op_find(0xfd, 0x113), WASM_OP_I32X4_RELAXED_DOT_I8X16_I7X16_ADD_S);
    CHECK_EQ(wasm_op_align(WASM_OP_V128_LOAD), 4);
    CHECK_EQ(wasm_op_align(WASM_OP_V128_LOAD16_LANE), 1);
    CHECK_EQ(wasm_op_align(WASM_OP_I64_LOAD32_S), 2);
    CHECK_EQ(wasm_op_align(WASM_OP_F64_STORE), 3);
}

/* Behind `unreachable` every instruction is valid somewhere; none may miss its rule in the validator. */
TEST(wasm_validate_has_a_rule_for_every_opcode)
{
    wasm_features_forced = ~0u;
    for (u32 op = 0; op < WASM_OP_COUNT; op++) {
        const struct wasm_op_info *i = &wasm_op_info[op];
        u8 module[] = {HEADER, TYPE_V_V, ONE_FUNC, CODE(0x00, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)};
        u8 *p = module + AT + 1;
        if (i->prefix)
            *p++ = i->prefix;
        *p++ = i->prefix && i->code >= 0x80 ? (i->code & 0x7f) | 0x80 : i->code;
        if (i->prefix && i->code >= 0x80)
            *p = (u8)(i->code >> 7);
        struct err e = {0};
        struct wasm_module *m = NULL;
        if (wasm_module_decode(module, sizeof module, &m, &e) == ST_OK)
            wasm_module_destroy(m);
        else
            CHECK(strncmp(e.text, "illegal opcode", 14) != 0);
    }
    wasm_features_forced = 0;
}

TEST(wasm_validate_reports_types)
{
    CHECK_BAD("type mismatch: expected i32, got f64 (i32.add)", AT + 11,
              BODY(0x41, 0, 0x44, 0, 0, 0, 0, 0, 0, 0, 0, 0x6a));
    CHECK_BAD("type mismatch: expected i32 but nothing on stack (i32.eqz)", AT, BODY(0x45, 0x1a));
    CHECK_BAD("type mismatch: 1 values remain", AT + 2, BODY(0x41, 0));
    CHECK_BAD("unknown local 3", AT, BODY(0x20, 3, 0x1a));
    CHECK_BAD("unknown global 1", AT, BODY(0x23, 1, 0x1a));
    CHECK_BAD("unknown function 7", AT, BODY(0x10, 7));
    CHECK_BAD("unknown table 0", AT + 2, BODY(0x41, 0, 0x11, 0, 0));
    CHECK_BAD("unknown label 1", AT, BODY(0x0c, 1));
    CHECK_BAD("unknown memory 0", AT + 2, BODY(0x41, 0, 0x28, 2, 0, 0x1a));
    CHECK_BAD("undeclared function reference 0", AT, BODY(0xd2, 0, 0x1a));
    CHECK_BAD("data count section required", AT, BODY(0xfc, 9, 0));
    CHECK_BAD("unknown elem segment 0", AT, BODY(0xfc, 13, 0));
    CHECK_BAD("invalid result arity", AT + 1, BODY(0x00, 0x1c, 0, 0x1a));
    CHECK_BAD("misplaced ELSE opcode", AT, BODY(0x05));
}

TEST(wasm_validate_names_later_proposals)
{
    CHECK_BAD("illegal opcode fe: it needs the threads proposal", AT, BODY(0xfe, 3, 0));
    CHECK_BAD("illegal opcode fb: it needs the garbage collection proposal", AT, BODY(0xfb, 0));
    CHECK_BAD("illegal opcode ff", AT, BODY(0xff));
    CHECK_BAD("illegal opcode fc 13: it needs the wide-arithmetic proposal", AT, BODY(0xfc, 0x13));
    CHECK_BAD("illegal opcode fc 20", AT, BODY(0xfc, 0x20));
}

/* As names_later_proposals, but where the proposal is let through. */
TEST(wasm_validate_forced_features)
{
    wasm_features_forced = ~0u;
    CHECK_OK(BODY(0xfd, 0x0c, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 0x1a));
    CHECK_BAD("invalid lane index 16 (i8x16.extract_lane_u)", AT + 1, BODY(0x00, 0xfd, 0x16, 16, 0x1a));
    CHECK_BAD("invalid lane index 32 (i8x16.shuffle)", AT + 1,
              BODY(0x00, 0xfd, 0x0d, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 32, 0x1a));
    CHECK_OK(BODY(0x12, 0));                         /* return_call */
    CHECK_OK(BODY(0xd0, 0, 0x14, 0));                /* ref.null 0; call_ref 0 */
    CHECK_OK(BODY(0x1f, 0x40, 1, 2, 0, 0x0b));       /* try_table (catch_all 0) */
    CHECK_OK(BODY(0x06, 0x40, 0x19, 0x09, 0, 0x0b)); /* try catch_all rethrow 0 */
    CHECK_BAD("invalid rethrow label 1", AT + 3, BODY(0x06, 0x40, 0x19, 0x09, 1, 0x0b));
    CHECK_BAD("type mismatch: a catch clause brings 1 values, its label takes 0", AT,
              BODY(0x1f, 0x40, 1, 3, 0, 0x0b));
    CHECK_BAD("uninitialized local 0", AT + 3,
              MODULE(TYPE_V_V, ONE_FUNC, SEC(10, 1, SIZED(1, 1, 0x64, 0x70, 0x20, 0, 0x1a, 0x0b))));
    wasm_features_forced = 0;
}

TEST(wasm_validate_closes_bodies)
{
    CHECK_BAD("unexpected end of section or function: END opcode expected", 24,
              MODULE(TYPE_V_V, ONE_FUNC, SEC(10, 1, SIZED(0, 1))));
    CHECK_BAD("section size mismatch", AT + 1, BODY(0x0b, 0x01));
    CHECK_BAD("unexpected end of section or function: END opcode expected", AT + 3, BODY(0x02, 0x40));
}

TEST(wasm_validate_unreachable_code_is_polymorphic)
{
    CHECK_OK(BODY(0x00, 0x6a, 0x1a));             /* unreachable; i32.add; drop */
    CHECK_OK(BODY(0x00, 0x1b, 0x45, 0x1a));       /* select of unknowns */
    CHECK_OK(BODY(0x02, 0x7f, 0x00, 0x0b, 0x1a)); /* block with a result from nowhere */
    CHECK_BAD("type mismatch", AT + 3, BODY(0x00, 0x42, 0, 0x45, 0x1a)); /* i64.const then i32.eqz */
    CHECK_BAD("type mismatch", AT + 3, BODY(0x00, 0x41, 0));             /* one value too many at the end */
}

TEST(wasm_validate_blocks_and_branches)
{
    CHECK_OK(BODY(0x02, 0x7f, 0x41, 0, 0x0c, 0, 0x0b, 0x1a));
    CHECK_OK(BODY(0x03, 0x40, 0x41, 0, 0x0d, 0, 0x0b));
    CHECK_OK(BODY(0x41, 1, 0x04, 0x7f, 0x41, 1, 0x05, 0x41, 2, 0x0b, 0x1a));
    CHECK_BAD("type mismatch: if without else", AT + 6, BODY(0x41, 1, 0x04, 0x7f, 0x41, 1, 0x0b, 0x1a));
    CHECK_BAD("type mismatch", AT + 2, BODY(0x02, 0x7f, 0x0c, 0, 0x0b, 0x1a));
    CHECK_OK(BODY(0x02, 0x40, 0x41, 0, 0x0e, 1, 0, 1, 0x0b));
    CHECK_BAD("type mismatch: labels of br_table have 1 and 0 operands", AT + 6,
              BODY(0x02, 0x7f, 0x41, 0, 0x41, 0, 0x0e, 1, 0, 1, 0x0b, 0x1a));
    CHECK_BAD("unknown type 5", AT, BODY(0x02, 5, 0x0b));
}

TEST(wasm_validate_memory_operands)
{
#define MEM_BODY(...) MODULE(TYPE_V_V, ONE_FUNC, SEC(5, 1, 0, 1), CODE(__VA_ARGS__))
    enum { MEM_AT = AT + 5 };
    CHECK_OK(MEM_BODY(0x41, 0, 0x28, 2, 0xff, 0xff, 0xff, 0xff, 0x0f, 0x1a));
    CHECK_BAD("alignment must not be larger than natural", MEM_AT + 2, MEM_BODY(0x41, 0, 0x28, 3, 0, 0x1a));
    CHECK_BAD("malformed memop flags", MEM_AT + 3, MEM_BODY(0x41, 0, 0x28, 0x20, 0, 0x1a));
    CHECK_OK(MEM_BODY(0x41, 0, 0x28, 0x42, 0, 0, 0x1a)); /* with the index of the memory */
    CHECK_BAD("unknown memory 1", MEM_AT + 2, MEM_BODY(0x41, 0, 0x28, 0x42, 1, 0, 0x1a));
    CHECK_BAD("offset out of range", MEM_AT + 2,
              MEM_BODY(0x41, 0, 0x28, 2, 0x80, 0x80, 0x80, 0x80, 0x10, 0x1a));
    CHECK_BAD("unknown memory 1", MEM_AT, MEM_BODY(0x3f, 1, 0x1a));
}

TEST(wasm_validate_fills_what_tiers_need)
{
    struct wasm_module *m = GET_MODULE(MODULE(SEC(1, 1, 0x60, 1, 0x7f, 1, 0x7f), ONE_FUNC,
                                              SEC(10, 1,
                                                  SIZED(2, 2, 0x7e, 1, 0x7c, 0x03, 0x40, 0x03, 0x40, 0x0b,
                                                        0x0b, 0x20, 0, 0x20, 0, 0x20, 0, 0x6a, 0x6a, 0x0b))));
    REQUIRE(m != NULL);
    const struct wasm_func *f = &m->funcs[0];
    CHECK_EQ(f->nlocals, 4);
    CHECK_EQ(f->max_stack, 3);
    CHECK_EQ(f->nloops, 2);
    CHECK_EQ(f->max_depth, 3);
    CHECK_EQ(f->size, 15);
    CHECK_EQ(f->flags & WASM_FUNC_CALLS, 0);
    CHECK_EQ(wasm_local_type(m, f, 0), RT_I32);
    CHECK_EQ(wasm_local_type(m, f, 1), RT_I64);
    CHECK_EQ(wasm_local_type(m, f, 2), RT_I64);
    CHECK_EQ(wasm_local_type(m, f, 3), RT_F64);
    wasm_module_destroy(m);
}

/* Many locals in few bytes, beyond the validator's quick table. */
TEST(wasm_validate_finds_locals_in_runs)
{
    CHECK_OK(MODULE(TYPE_V_V, ONE_FUNC,
                    SEC(10, 1,
                        SIZED(3, 0xac, 2, 0x7f, 0, 0x7e, 0xac, 2, 0x7c, /* 300 i32, no i64, 300 f64 */
                              0x20, 0xab, 2, 0x45, 0x1a,                /* local 299: i32 */
                              0x20, 0xac, 2, 0x99, 0x1a, 0x0b))));      /* local 300: f64 */
    CHECK_BAD("unknown local 600", 29,
              MODULE(TYPE_V_V, ONE_FUNC,
                     SEC(10, 1, SIZED(2, 0xac, 2, 0x7f, 0xac, 2, 0x7c, 0x20, 0xd8, 4, 0x1a, 0x0b))));
    CHECK_BAD("too many locals of a function, parameters counted: 50001, the limit is 50000", 22,
              MODULE(TYPE_V_V, ONE_FUNC, SEC(10, 1, SIZED(1, 0xd1, 0x86, 3, 0x7f, 0x0b))));
    CHECK_BAD(
        "too many locals", 22,
        MODULE(TYPE_V_V, ONE_FUNC, SEC(10, 1, SIZED(2, 0xff, 0xff, 0xff, 0xff, 0x0f, 0x7f, 1, 0x7f, 0x0b))));
}

static void put_leb(u8 **p, u32 v, u32 bytes)
{
    while (bytes-- > 1) {
        *(*p)++ = (u8)(v | 0x80);
        v >>= 7;
    }
    *(*p)++ = (u8)(v & 0x7f);
}

/* Deep nesting needs no deep recursion. */
TEST(wasm_validate_nests_deeply)
{
    enum { DEPTH = 50000 };
    static const u8 head[] = {HEADER, TYPE_V_V, ONE_FUNC};
    u8 *module = heap_alloc(sizeof head + 3 * DEPTH + 32), *p = module;
    REQUIRE(module != NULL);
    memcpy(p, head, sizeof head);
    p += sizeof head;
    *p++ = 10;
    put_leb(&p, 3 * DEPTH + 2 + 5 + 1, 5);
    *p++ = 1;
    put_leb(&p, 3 * DEPTH + 2, 5);
    *p++ = 0;
    for (u32 k = 0; k < DEPTH; k++) {
        *p++ = 0x02;
        *p++ = 0x40;
    }
    memset(p, 0x0b, DEPTH + 1);
    p += DEPTH + 1;
    struct wasm_module *m = GET_MODULE(module, (size_t)(p - module));
    if (m)
        CHECK_EQ(m->funcs[0].max_depth, DEPTH + 1);
    wasm_module_destroy(m);
    heap_free(module);
}

/* A body this long goes by the quick path, whose table must not be more lenient, or say anything else, than
 * the rules that short bodies go by. */
#define NOPS           1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1
#define LONG_BODY(...) MODULE(TYPE_V_V, ONE_FUNC, CODE(__VA_ARGS__, NOPS))
#define LONG_MEM(...)  MODULE(TYPE_V_V, ONE_FUNC, SEC(5, 1, 0, 1), CODE(__VA_ARGS__, NOPS))

TEST(wasm_validate_quick_path_leaves_errors_to_the_rules)
{
    enum { AT_MEM = AT + 5 };
    CHECK_BAD("type mismatch: expected i32, got f64 (i32.add)", AT + 11,
              LONG_BODY(0x41, 0, 0x44, 0, 0, 0, 0, 0, 0, 0, 0, 0x6a));
    CHECK_BAD("type mismatch: expected i32 but nothing on stack (i32.add)", AT + 2, LONG_BODY(0x41, 0, 0x6a));
    CHECK_BAD("type mismatch: expected i32 but nothing on stack (i32.eqz)", AT + 4,
              LONG_BODY(0x41, 0, 0x02, 0x40, 0x45, 0x1a, 0x0b));
    CHECK_BAD("type mismatch: expected a value but nothing on stack", AT, LONG_BODY(0x1a));
    CHECK_BAD("type mismatch: 1 values remain", AT + 2 + 16, LONG_BODY(0x41, 0));
    CHECK_BAD("unknown local 3", AT, LONG_BODY(0x20, 3, 0x1a));
    CHECK_BAD("integer too large", AT + 1, LONG_BODY(0x41, 0x80, 0x80, 0x80, 0x80, 0x40, 0x1a));
    CHECK_BAD("unknown memory 0", AT + 2, LONG_BODY(0x41, 0, 0x28, 2, 0, 0x1a));
    CHECK_BAD("alignment must not be larger than natural", AT_MEM + 2, LONG_MEM(0x41, 0, 0x28, 3, 0, 0x1a));
    CHECK_BAD("type mismatch: expected i64, got i32 (i64.store)", AT_MEM + 4,
              LONG_MEM(0x41, 0, 0x41, 0, 0x37, 3, 0));
    CHECK_BAD("illegal opcode ff", AT, LONG_BODY(0xff));
}

TEST(wasm_validate_quick_path_knows_operands)
{
    CHECK_OK(LONG_MEM(0x00, 0x6a, 0x1a, 0x45, 0x1a, 0x37, 3, 0)); /* of any type behind `unreachable` */
    CHECK_OK(LONG_MEM(0x41, 0, 0x42, 0xff, 0x7f, 0x37, 3, 0xff, 0x7f, 0x41, 0, 0x28, 2, 0, 0xac, 0x1a));
    struct wasm_module *m = GET_MODULE(LONG_BODY(0x41, 0, 0x41, 0, 0x41, 0, 0x6a, 0x6a, 0xc0, 0x1a));
    if (!m)
        return;
    CHECK_EQ(m->funcs[0].max_stack, 3);
    CHECK_EQ(m->features >> WASM_FEATURE_SIGN_EXT & 1, 1);
    wasm_module_destroy(m);
}
