#include "wasm_fuel.h"

#include "heap.h"
#include "wasm_build.h"

/* (i32.const 1) (if (then (loop nop (block nop (loop nop nop nop)) nop))) (loop nop) unreachable */
TEST(wasm_fuel_counts_loops_by_themselves)
{
    struct wasm_module *m =
        GET_MODULE(BODY(0x41, 1, 0x04, 0x40, 0x03, 0x40, 0x01, 0x02, 0x40, 0x01, 0x03, 0x40, 0x01, 0x01, 0x01,
                        0x0b, 0x0b, 0x01, 0x0b, 0x0b, 0x03, 0x40, 0x01, 0x0b, 0x00));
    REQUIRE(m != NULL);
    const struct wasm_func *f = &m->funcs[0];
    u32 *costs = heap_calloc(wasm_fuel_words(f), sizeof *costs);
    REQUIRE(costs != NULL);
    wasm_fuel_costs(m, f, costs);
    CHECK_EQ(f->nloops, 3);
    CHECK_EQ(costs[0], 7); /* const if loop end(if) loop unreachable end */
    CHECK_EQ(costs[1], 7); /* nop block nop loop end(block) nop end */
    CHECK_EQ(costs[2], 4);
    CHECK_EQ(costs[3], 2);
    heap_free(costs);
    wasm_module_destroy(m);
}
