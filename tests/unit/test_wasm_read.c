#include "wasm.h"

#include "wasm_build.h"

/* Disassembles function 0 into one line, instructions separated by "; ". */
static void disasm_all(const struct wasm_module *m, char *buf, size_t size)
{
    struct wasm_instr in;
    size_t n = 0;
    for (const u8 *p = m->funcs[0].body; p < m->funcs[0].end && n + 3 < size; p = in.next) {
        wasm_read_instr(m, p, &in);
        if (n) {
            buf[n++] = ';';
            buf[n++] = ' ';
        }
        size_t len = wasm_disasm(m, &in, buf + n, size - n);
        n += len < size - n ? len : size - n - 1;
    }
}

TEST(wasm_read_decodes_immediates)
{
    char text[600];
    struct wasm_module *m =
        GET_MODULE(MODULE(TYPE_V_V, ONE_FUNC, SEC(4, 1, 0x70, 0, 1), SEC(5, 1, 0, 1),
                          CODE(0x41, 0x7f, 0x28, 2, 8, 0x1a, 0x42, 0xc0, 0, 0x1a, 0x02, 0x40, 0x41, 0, 0x0e,
                               1, 0, 1, 0x0b, 0x41, 0, 0x41, 0, 0x41, 0, 0xfc, 0x0b, 0, 0x43, 0, 0, 0x80,
                               0x3f, 0x1a, 0xd0, 0x70, 0x1a, 0x10, 0, 0x41, 0, 0x11, 0, 0)));
    REQUIRE(m != NULL);
    disasm_all(m, text, sizeof text);
    CHECK_STR(text,
              "i32.const -1; i32.load offset=8 align=4; drop; i64.const 64; drop; block; i32.const 0; "
              "br_table 0 1; end; "
              "i32.const 0; i32.const 0; i32.const 0; memory.fill 0; f32.const bits=0x3f800000; drop; "
              "ref.null funcref; drop; call 0 <func[0]>; i32.const 0; call_indirect type=0 table=0; end");
    wasm_module_destroy(m);
}

TEST(wasm_read_gives_block_types)
{
    struct wasm_instr in;
    struct wasm_module *m =
        GET_MODULE(MODULE(SEC(1, 2, 0x60, 0, 0, 0x60, 1, 0x7f, 2, 0x7f, 0x7e), ONE_FUNC,
                          CODE(0x41, 0, 0x02, 1, 0x42, 0, 0x0b, 0x1a, 0x1a, 0x02, 0x7c, 0x00, 0x0b, 0x1a)));
    REQUIRE(m != NULL);
    wasm_read_instr(m, m->funcs[0].body + 2, &in);
    CHECK_EQ(in.op, WASM_OP_BLOCK);
    CHECK_EQ(in.u.block.nparams, 1);
    CHECK_EQ(in.u.block.nresults, 2);
    CHECK_EQ(in.u.block.results[1], RT_I64);
    wasm_read_instr(m, m->funcs[0].body + 9, &in);
    CHECK_EQ(in.u.block.nparams, 0);
    CHECK_EQ(in.u.block.nresults, 1);
    CHECK_EQ(in.u.block.results[0], RT_F64);
    wasm_module_destroy(m);
}

TEST(wasm_disasm_never_writes_past_its_buffer)
{
    struct wasm_instr in;
    char buf[8] = "1234567";
    struct wasm_module *m = GET_MODULE(BODY(0x41, 0xff, 0xff, 0xff, 0xff, 7, 0x1a));
    REQUIRE(m != NULL);
    wasm_read_instr(m, m->funcs[0].body, &in);
    CHECK_EQ(wasm_disasm(m, &in, buf, 4), strlen("i32.const 2147483647"));
    CHECK_STR(buf, "i32");
    CHECK_EQ(buf[4], '5');
    CHECK_EQ(wasm_disasm(m, &in, NULL, 0), strlen("i32.const 2147483647"));
    wasm_module_destroy(m);
}
