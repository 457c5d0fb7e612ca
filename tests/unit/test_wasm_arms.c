#include "wasm_arms.h"

#include "wasm_build.h"

#define CALL_ITSELF 0x10, 0

TEST(wasm_arms_are_those_of_functions_with_calls)
{
    /* (i32.const 1) (if (then (block (br_if 0 (i32.const 1)))) (else)) (br_table 0 0 (i32.const 1)), behind
     * calls */
    struct wasm_module *m =
        GET_MODULE(BODY(CALL_ITSELF, CALL_ITSELF, CALL_ITSELF, 0x41, 1, 0x04, 0x40, 0x02, 0x40, 0x41, 1, 0x0d,
                        0, 0x0b, 0x05, 0x0b, 0x41, 1, 0x0e, 1, 0, 0));
    REQUIRE(m != NULL);
    CHECK_EQ(m->funcs[0].narms, 3 + 1 + 1 + 1);
    wasm_module_destroy(m);
    m = GET_MODULE(BODY(CALL_ITSELF, CALL_ITSELF, 0x41, 1, 0x04, 0x40, 0x0b));
    REQUIRE(m != NULL);
    CHECK_EQ(m->funcs[0].narms, 0);
    wasm_module_destroy(m);
}

TEST(wasm_arms_knows_loops_without_calls)
{
    /* (loop (block (loop nop)) (call 0)) (loop (if (i32.const 1))) */
    struct wasm_module *m = GET_MODULE(BODY(0x03, 0x40, 0x02, 0x40, 0x03, 0x40, 0x01, 0x0b, 0x0b, CALL_ITSELF,
                                            0x0b, 0x03, 0x40, 0x41, 1, 0x04, 0x40, 0x0b, 0x0b));
    REQUIRE(m != NULL);
    const u8 *body = m->funcs[0].body;
    CHECK(!wasm_loop_is_plain(m, body + 2));
    CHECK(wasm_loop_is_plain(m, body + 6));
    CHECK(wasm_loop_is_plain(m, body + 14));
    CHECK_EQ(wasm_loop_end(m, body + 2) - body, 12);
    CHECK_EQ(wasm_loop_end(m, body + 6) - body, 8);
    CHECK_EQ(wasm_loop_end(m, body + 14) - body, 20);
    wasm_module_destroy(m);
}
