#include "wasm.h"

#include "heap.h"
#include "wasm_build.h"

TEST(wasm_decode_accepts_the_empty_module)
{
    CHECK_OK(BYTES(HEADER));
}

TEST(wasm_decode_checks_the_header)
{
    CHECK_BAD("unexpected end", 0, (const u8 *)"", 0);
    CHECK_BAD("magic header not detected", 0, BYTES('a', 's', 'm', 0, 1, 0, 0, 0));
    CHECK_BAD("unexpected end", 3, BYTES('a', 's', 'm'));
    CHECK_BAD("unexpected end", 6, BYTES(0, 'a', 's', 'm', 1, 0));
    CHECK_BAD("unknown binary version", 4, BYTES(0, 'a', 's', 'm', 2, 0, 0, 0));
    CHECK_BAD("unknown binary version: this is a component", 4, BYTES(0, 'a', 's', 'm', 0x0d, 0, 1, 0));
}

TEST(wasm_decode_keeps_sections_in_order)
{
    CHECK_BAD("unexpected content after last section", 14, MODULE(SEC(1, 1, 0x60, 0, 0), SEC(1, 0)));
    CHECK_BAD("unexpected content after last section", 11, MODULE(SEC(2, 0), SEC(1, 0)));
    CHECK_BAD("malformed section id 14", 8, MODULE(SEC(14, 0)));
    CHECK_BAD("unexpected content after last section", 11, MODULE(SEC(13, 0), SEC(5, 0)));
    CHECK_BAD("length out of bounds", 10, MODULE(1, 9, 0));
    CHECK_BAD("section size mismatch", 11, MODULE(SEC(1, 0, 0)));
    CHECK_OK(MODULE(SEC(0, 1, 'a'), SEC(1, 0), SEC(0, 1, 'a', 99), SEC(2, 0)));
    CHECK_OK(MODULE(SEC(5, 0), SEC(13, 0), SEC(6, 0)));
}

TEST(wasm_decode_reads_leb128_strictly)
{
    CHECK_OK(MODULE(SEC(1, 0x80, 0x80, 0x80, 0x80, 0x00)));
    CHECK_BAD("integer representation too long", 10, MODULE(SEC(1, 0x80, 0x80, 0x80, 0x80, 0x80, 0x00)));
    CHECK_BAD("integer too large", 10, MODULE(SEC(1, 0x80, 0x80, 0x80, 0x80, 0x10)));
    CHECK_BAD("integer too large", 24, BODY(0x41, 0xff, 0xff, 0xff, 0xff, 0x0f, 0x1a));
    CHECK_OK(BODY(0x41, 0xff, 0xff, 0xff, 0xff, 0x7f, 0x1a));
    CHECK_OK(BODY(0x42, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x7f, 0x1a));
    CHECK_BAD("integer too large", 24,
              BODY(0x42, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x7e, 0x1a));
    CHECK_BAD("unexpected end", 11, MODULE(1, 1, 0x80));
}

TEST(wasm_decode_checks_utf8)
{
    CHECK_OK(MODULE(SEC(0, 4, 0xf0, 0x9f, 0x98, 0x80)));
    CHECK_BAD("malformed UTF-8 encoding", 11, MODULE(SEC(0, 1, 0x80)));
    CHECK_BAD("malformed UTF-8 encoding", 11, MODULE(SEC(0, 2, 0xc0, 0x80)));
    CHECK_BAD("malformed UTF-8 encoding", 11, MODULE(SEC(0, 3, 0xed, 0xa0, 0x80)));
    CHECK_BAD("malformed UTF-8 encoding", 11, MODULE(SEC(0, 4, 0xf4, 0x90, 0x80, 0x80)));
    CHECK_BAD("malformed UTF-8 encoding", 11, MODULE(SEC(0, 1, 0xe2, 0x82, 0xac)));
}

TEST(wasm_decode_reads_imports_into_index_spaces)
{
    struct wasm_module *m = GET_MODULE(MODULE(SEC(1, 1, 0x60, 1, 0x7f, 1, 0x7e),
                                              SEC(2, 4, 1, 'a', 1, 'f', 0, 0, 1, 'a', 1, 't', 1, 0x70, 1, 2,
                                                  9, 1, 'a', 1, 'm', 2, 0, 1, 1, 'a', 1, 'g', 3, 0x7d, 1),
                                              SEC(7, 2, 1, 'z', 0, 0, 1, 'b', 3, 0)));
    REQUIRE(m != NULL);
    CHECK_EQ(m->nimports, 4);
    CHECK_EQ(m->imp_funcs, 1);
    CHECK_EQ(m->nfuncs, 1);
    CHECK_EQ(wasm_func_type(m, 0)->nparams, 1);
    CHECK_EQ(m->tables[0].limits.max, 9);
    CHECK_EQ(m->mems[0].limits.min, 1);
    CHECK_EQ(m->mems[0].limits.has_max, false);
    CHECK_EQ(m->globals[0].type.mut, true);
    CHECK_EQ(m->imports[3].kind, WASM_GLOBAL);
    CHECK_EQ(m->funcs[0].flags, WASM_FUNC_EXPORTED);
    const struct wasm_export *x = wasm_export_find(m, "b", 1);
    REQUIRE(x != NULL);
    CHECK_EQ(x->kind, WASM_GLOBAL);
    CHECK(wasm_export_find(m, "z", 1) == &m->exports[0]);
    CHECK(wasm_export_find(m, "zz", 2) == NULL);
    CHECK(wasm_export_find(m, "", 0) == NULL);
    CHECK((m->features & 1u << WASM_FEATURE_MUT_GLOBALS) != 0);
    wasm_module_destroy(m);
}

TEST(wasm_decode_refuses_bad_definitions)
{
    CHECK_BAD("malformed import kind 9", 15, MODULE(SEC(2, 1, 1, 'a', 1, 'b', 9)));
    CHECK_BAD("unknown type 0", 16, MODULE(SEC(2, 1, 1, 'a', 1, 'b', 0, 0)));
    CHECK_BAD("malformed value type 0x01", 13, MODULE(SEC(1, 1, 0x60, 1, 1, 0)));
    CHECK_BAD("malformed reference type", 11, MODULE(SEC(4, 1, 0x7f, 0, 0)));
    CHECK_BAD("malformed limits flags", 12, MODULE(SEC(4, 1, 0x70, 0x10, 0)));
    CHECK_BAD("size minimum must not be greater than maximum", 11, MODULE(SEC(5, 1, 1, 2, 1)));
    CHECK_BAD("memory size must be at most 65536 pages (4GiB)", 11, MODULE(SEC(5, 1, 0, 0x81, 0x80, 4)));
    CHECK_BAD("malformed mutability", 12, MODULE(SEC(6, 1, 0x7f, 2, 0x41, 0, 0x0b)));
    CHECK_BAD("duplicate export name \"a\"", 21,
              MODULE(SEC(5, 1, 0, 0), SEC(7, 2, 1, 'a', 2, 0, 1, 'a', 2, 0)));
    CHECK_BAD("unknown memory 0", 14, MODULE(SEC(7, 1, 1, 'a', 2, 0)));
    CHECK_BAD("unknown function 3", 10, MODULE(SEC(8, 3)));
    CHECK_BAD("unknown memory 0", 11, MODULE(SEC(11, 1, 0, 0x41, 0, 0x0b, 0)));
    CHECK_BAD("function and code section have inconsistent lengths", 18, MODULE(TYPE_V_V, ONE_FUNC));
    CHECK_BAD("data count and data section have inconsistent lengths", 11, MODULE(SEC(12, 1)));
}

TEST(wasm_decode_refuses_bad_constant_expressions)
{
    CHECK_BAD("type mismatch", 15, MODULE(SEC(6, 1, 0x7e, 0, 0x41, 0, 0x0b)));
    CHECK_BAD("constant expression required, got nop", 13, MODULE(SEC(6, 1, 0x7f, 0, 0x01, 0x41, 0, 0x0b)));
    CHECK_BAD("type mismatch: expected i32 but nothing on stack", 13, MODULE(SEC(6, 1, 0x7f, 0, 0x0b)));
    CHECK_BAD("unknown global 0", 13, MODULE(SEC(6, 1, 0x7f, 0, 0x23, 0, 0x0b)));
    CHECK_BAD("constant expression required: global 0 is mutable", 23,
              MODULE(SEC(2, 1, 1, 'a', 1, 'g', 3, 0x7f, 1), SEC(6, 1, 0x7f, 0, 0x23, 0, 0x0b)));
}

TEST(wasm_decode_refuses_every_truncation)
{
    static const u8 module[] = {HEADER,
                                SEC(1, 1, 0x60, 1, 0x7f, 1, 0x7f),
                                SEC(3, 1, 0),
                                SEC(4, 1, 0x70, 0, 1),
                                SEC(5, 1, 0, 1),
                                SEC(7, 1, 1, 'f', 0, 0),
                                SEC(9, 1, 0, 0x41, 0, 0x0b, 1, 0),
                                SEC(10, 1, SIZED(1, 2, 0x7e, 0x20, 0, 0x0b)),
                                SEC(11, 1, 0, 0x41, 0, 0x0b, 2, 'h', 'i')};
    CHECK_OK(module, sizeof module);
    for (size_t len = 0; len < sizeof module; len++) {
        u8 *copy = heap_alloc(len + 1); /* a block of its own, so that sanitizers see reads behind it */
        REQUIRE(copy != NULL);
        memcpy(copy, module, len);
        struct err e = {0};
        struct wasm_module *m = NULL;
        status s = wasm_module_decode(copy, len, &m, &e);
        if (s == ST_OK)
            wasm_module_destroy(m);
        else
            CHECK(e.offset <= len);
        heap_free(copy);
    }
}

TEST(wasm_decode_tolerates_bad_name_sections)
{
    /* module name, function names, then a subsection that is cut off */
    struct wasm_module *m =
        GET_MODULE(MODULE(TYPE_V_V, ONE_FUNC, CODE(0x01),
                          SEC(0, 4, 'n', 'a', 'm', 'e', 0, 2, 1, 'M', 1, 4, 1, 0, 1, 'F', 2, 99, 1)));
    REQUIRE(m != NULL);
    char name[16];
    wasm_func_name(m, 0, name, sizeof name);
    CHECK_STR(name, "F");
    CHECK_EQ(m->module_name.len, 1);
    wasm_module_destroy(m);
    m = GET_MODULE(MODULE(TYPE_V_V, ONE_FUNC, CODE(0x01), SEC(0, 4, 'n', 'a', 'm', 'e', 1, 4, 1, 7, 1, 'F')));
    REQUIRE(m != NULL);
    wasm_func_name(m, 0, name, sizeof name);
    CHECK_STR(name, "func[0]");
    wasm_module_destroy(m);
}

TEST(wasm_hash_is_sha256)
{
    static const u8 abc[] = {0xba, 0x78, 0x16, 0xbf, 0x8f, 0x01, 0xcf, 0xea, 0x41, 0x41, 0x40,
                             0xde, 0x5d, 0xae, 0x22, 0x23, 0xb0, 0x03, 0x61, 0xa3, 0x96, 0x17,
                             0x7a, 0x9c, 0xb4, 0x10, 0xff, 0x61, 0xf2, 0x00, 0x15, 0xad};
    static const u8 two_blocks[] = {0x24, 0x8d, 0x6a, 0x61, 0xd2, 0x06, 0x38, 0xb8, 0xe5, 0xc0, 0x26,
                                    0x93, 0x0c, 0x3e, 0x60, 0x39, 0xa3, 0x3c, 0xe4, 0x59, 0x64, 0xff,
                                    0x21, 0x67, 0xf6, 0xec, 0xed, 0xd4, 0x19, 0xdb, 0x06, 0xc1};
    u8 out[32];
    wasm_sha256("abc", 3, out);
    CHECK(memcmp(out, abc, 32) == 0);
    wasm_sha256("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 56, out);
    CHECK(memcmp(out, two_blocks, 32) == 0);
}

TEST(wasm_decode_lazily_leaves_bodies_and_names_for_later)
{
    static const u8 bytes[] = {HEADER, TYPE_V_V, ONE_FUNC,
                               SEC(10, 1, SIZED(1, 2, 0x7e, 0x03, 0x40, 0x42, 0, 0x1a, 0x0b, 0x0b)),
                               SEC(0, 4, 'n', 'a', 'm', 'e', 1, 4, 1, 0, 1, 'F')};
    struct wasm_module *whole = GET_MODULE(bytes, sizeof bytes), *m = NULL;
    REQUIRE(whole != NULL && wasm_module_decode_lazily(bytes, sizeof bytes, &m, NULL) == ST_OK);
    CHECK(m->funcs[0].flags & WASM_FUNC_SKIPPED);
    CHECK(m->func_names == NULL);
    char name[16];
    wasm_func_name(m, 0, name, sizeof name);
    CHECK_STR(name, "F");
    for (int again = 0; again < 2; again++) {
        CHECK_EQ(wasm_func_complete(m, 0, NULL), ST_OK);
        const struct wasm_func *a = &m->funcs[0], *b = &whole->funcs[0];
        CHECK(a->body == b->body && a->end == b->end);
        CHECK_EQ(a->flags, b->flags);
        CHECK_EQ(a->nlocals, b->nlocals);
        CHECK_EQ(a->max_stack, b->max_stack);
        CHECK_EQ(a->max_depth, b->max_depth);
        CHECK_EQ(a->nloops, b->nloops);
        CHECK_EQ(a->narms, b->narms);
    }
    wasm_module_destroy(m);
    wasm_module_destroy(whole);
}

TEST(wasm_func_complete_says_what_is_wrong)
{
    static const u8 bytes[] = {HEADER, TYPE_V_V, ONE_FUNC, SEC(10, 1, SIZED(0, 0x1a, 0x0b))};
    struct wasm_module *m = NULL;
    struct err e = {0};
    REQUIRE(wasm_module_decode_lazily(bytes, sizeof bytes, &m, NULL) == ST_OK);
    CHECK_EQ(wasm_func_complete(m, 0, &e), E_INVAL);
    CHECK(m->funcs[0].flags & WASM_FUNC_SKIPPED);
    CHECK(strstr(e.text, "type mismatch") != NULL);
    wasm_module_destroy(m);
}

/* Long ones take another way where the processor has one. */
TEST(wasm_hash_of_all_lengths)
{
    static const struct {
        u32 len;
        u64 first;
    } rows[] = {
        {55, 0x576a1bf8d4478657ull},    {56, 0x9b20501dfd1d9916ull},    {63, 0x30b345906b493f06ull},
        {64, 0xd8bc63b4fc1156e5ull},    {65, 0x1ee23b0fbcaecc1aull},    {65535, 0x2a25c93431609f3aull},
        {65536, 0x5fce37f3129150ceull}, {65537, 0x662bcb0c13ee4da5ull}, {200000, 0xdf0f6306fcfb22caull},
    };
    static u8 data[200000];
    for (u32 k = 0; k < sizeof data; k++)
        data[k] = (u8)(k * 7 + (k >> 8));
    for (size_t k = 0; k < sizeof rows / sizeof *rows; k++) {
        u8 out[32];
        u64 first = 0;
        wasm_sha256(data, rows[k].len, out);
        for (u32 n = 0; n < 8; n++)
            first = first << 8 | out[n];
        CHECK_EQ(first, rows[k].first);
    }
}
