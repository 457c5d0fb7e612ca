/* example.c: embeds the engine: a host function, typed calls, a trap, exports as C functions, the memory
 * view, fuel. See docs/embedding.md.
 */
#include "anneal.h"

#include <stdio.h>
#include <string.h>

/* (module
 *   (import "host" "twice" (func $twice (param i32) (result i32)))
 *   (memory (export "memory") 1)
 *   (data (i32.const 8) "hello")
 *   (func (export "add") (param i32 i32) (result i32)
 *     (i32.add (local.get 0) (call $twice (local.get 1))))
 *   (func (export "div") (param i32 i32) (result i32)
 *     (i32.div_s (local.get 0) (local.get 1)))) */
static const unsigned char wasm[] = {
    0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00,                                     /* magic, version */
    0x01, 0x0c, 0x02, 0x60, 0x01, 0x7f, 0x01, 0x7f, 0x60, 0x02, 0x7f, 0x7f, 0x01, 0x7f, /* types */
    0x02, 0x0e, 0x01, 0x04, 'h',  'o',  's',  't',  0x05, 't',  'w',  'i',  'c',  'e',  0x00, 0x00, /* import
                                                                                                     */
    0x03, 0x03, 0x02, 0x01, 0x01,                                           /* functions */
    0x05, 0x03, 0x01, 0x00, 0x01,                                           /* memory */
    0x07, 0x16, 0x03, 0x06, 'm',  'e',  'm',  'o',  'r',  'y',  0x02, 0x00, /* exports */
    0x03, 'a',  'd',  'd',  0x00, 0x01, 0x03, 'd',  'i',  'v',  0x00, 0x02, 0x0a, 0x13, 0x02, 0x09, 0x00,
    0x20, 0x00, 0x20, 0x01, 0x10, 0x00, 0x6a, 0x0b, /* code */
    0x07, 0x00, 0x20, 0x00, 0x20, 0x01, 0x6d, 0x0b, 0x0b, 0x0b, 0x01, 0x00, 0x41, 0x08, 0x0b, 0x05, 'h',
    'e',  'l',  'l',  'o', /* data */
};

static bool twice(void *env, const anneal_value *args, anneal_value *results)
{
    ++*(int *)env;
    results[0].of.i32 = 2 * args[0].of.i32;
    return true;
}

static anneal_value i32(int32_t v)
{
    return (anneal_value){.type = ANNEAL_I32, .of.i32 = v};
}

int main(void)
{
    int calls = 0;
    const anneal_import imports[] = {{"host", "twice", twice, &calls}};
    const anneal_config config = {.fuel = 10000000000};
    anneal_engine *engine = anneal_engine_new(&config);
    anneal_module *module = engine ? anneal_module_new(engine, wasm, sizeof wasm) : NULL;
    anneal_instance *instance = module ? anneal_instance_new(module, imports, 1, NULL) : NULL;
    if (!instance) {
        fprintf(stderr, "cannot start: %s\n", anneal_error());
        return 1;
    }

    anneal_value sum, quotient;
    anneal_func *add = anneal_instance_func(instance, "add");
    const anneal_value some[] = {i32(1), i32(10)};
    /* What is called often leaves the interpreter, when a thread beside this one has compiled it. */
    while (anneal_func_tier(add) == 0 && anneal_call(add, some, 2, &sum, 1))
        ;
    calls = 0;
    anneal_fuel_set(engine, 10000000);
    for (int k = 0; k < 20000; k++) {
        const anneal_value args[] = {i32(k), i32(10)};
        if (!anneal_call(add, args, 2, &sum, 1) || sum.of.i32 != k + 20) {
            fprintf(stderr, "add went wrong: %s\n", anneal_error());
            return 1;
        }
    }
    char type[16];
    anneal_func_type(add, type, sizeof type);
    printf("add has type %s and runs in tier %s\n", type,
           anneal_func_tier(add) > 0 ? "compiled" : "interpreter");
    printf("the host function was called %d times\n", calls);

    anneal_func *div = anneal_instance_func(instance, "div");
    const anneal_value bad[] = {i32(1), i32(0)};
    printf("1 / 0: %s\n", anneal_call(div, bad, 2, &quotient, 1) ? "no trap?" : anneal_error());

    typedef int32_t (*binary)(int32_t, int32_t);
    binary c_add = (binary)anneal_instance_typed(instance, "add", "ii_i");
    binary c_div = (binary)anneal_instance_typed(instance, "div", "ii_i");
    if (!c_add || !c_div) {
        fprintf(stderr, "no C functions: %s\n", anneal_error());
        return 1;
    }
    int32_t c_sum = c_add(30, 6), c_quotient = c_div(1, 0);
    printf("as C functions: %d and %d, %s\n", c_sum, c_quotient,
           anneal_typed_trapped() ? anneal_error() : "no trap?");

    uint8_t *data;
    size_t size;
    if (anneal_memory_view(instance, "memory", &data, &size))
        printf("memory: %zu bytes, \"%.5s\" at 8\n", size, (const char *)data + 8);

    uint64_t left;
    if (anneal_fuel_get(engine, &left))
        printf("fuel left: %llu\n", (unsigned long long)left);
    const anneal_value two[] = {i32(1), i32(2)};
    anneal_fuel_set(engine, 4); /* add has five instructions */
    printf("1 + 2: %s\n", anneal_call(add, two, 2, &sum, 1) ? "no trap?" : anneal_error());

    anneal_instance_delete(instance);
    anneal_module_delete(module);
    anneal_engine_delete(engine);
    return 0;
}
