/* spec_test.c: what "spectest" exports stands in the vectors' README. Its functions print nothing: their
 * output would only bury the runner's. */
#include "spec_test.h"

#include <string.h>

enum { NFUNCS = 7, NGLOBALS = 4, TABLE_MIN = 10, TABLE_MAX = 20, MEMORY_MIN = 1, MEMORY_MAX = 2 };

static const struct func_row {
    const char *name;
    u32 nparams;
    rt_type params[2];
} func_rows[NFUNCS] = {
    {"print", 0, {0}},
    {"print_i32", 1, {RT_I32}},
    {"print_i64", 1, {RT_I64}},
    {"print_f32", 1, {RT_F32}},
    {"print_f64", 1, {RT_F64}},
    {"print_i32_f32", 2, {RT_I32, RT_F32}},
    {"print_f64_f64", 2, {RT_F64, RT_F64}},
};
static const struct global_row {
    const char *name;
    rt_type type;
    rt_cell bits;
} global_rows[NGLOBALS] = {
    {"global_i32", RT_I32, 666},
    {"global_i64", RT_I64, 666},
    {"global_f32", RT_F32, 0x4426a666},         /* 666.6 */
    {"global_f64", RT_F64, 0x4084d4cccccccccd}, /* 666.6 */
};

static struct rt_func funcs[NFUNCS];
static struct rt_global globals[NGLOBALS];
static struct rt_table *table, *table64;
static struct rt_memory *memory;

static enum rt_trap print(void *env, struct rt_instance *caller, rt_cell *cells)
{
    (void)env, (void)caller, (void)cells;
    return TRAP_NONE;
}

static status func_init(struct rt_func *f, const struct func_row *row)
{
    const struct rt_sig *sig = rt_sig_get(row->params, row->nparams, 0);
    if (!sig)
        return E_NOMEM;
    rt_func_init_host(f, sig, print, NULL);
    return ST_OK;
}

status spec_test_init(void)
{
    for (u32 i = 0; i < NFUNCS; i++)
        TRY(func_init(&funcs[i], &func_rows[i]));
    for (u32 i = 0; i < NGLOBALS; i++)
        globals[i] = (struct rt_global){
            .value = {global_rows[i].bits},
            .type = global_rows[i].type,
            .refs = 1,
        };
    TRY(rt_table_create(RT_FUNCREF, TABLE_MIN, TABLE_MAX, &table));
    TRY(rt_table_create(RT_FUNCREF, TABLE_MIN, TABLE_MAX, &table64));
    table64->is64 = true;
    return rt_memory_create(MEMORY_MIN, MEMORY_MAX, false, &memory);
}

void spec_test_fini(void)
{
    if (table)
        rt_table_release(table);
    if (table64)
        rt_table_release(table64);
    if (memory)
        rt_memory_release(memory);
    table = table64 = NULL;
    memory = NULL;
}

static bool name_is(struct wasm_name name, const char *s)
{
    return strlen(s) == name.len && memcmp(name.s, s, name.len) == 0;
}

bool spec_test_find(struct wasm_name name, struct wasm_extern_value *out)
{
    *out = (struct wasm_extern_value){.kind = WASM_FUNC};
    for (u32 i = 0; i < NFUNCS; i++) {
        if (name_is(name, func_rows[i].name)) {
            out->u.func = &funcs[i];
            return true;
        }
    }
    out->kind = WASM_GLOBAL;
    for (u32 i = 0; i < NGLOBALS; i++) {
        if (name_is(name, global_rows[i].name)) {
            out->u.global = &globals[i];
            return true;
        }
    }
    if (name_is(name, "table")) {
        *out = (struct wasm_extern_value){.kind = WASM_TABLE, .u.table = table};
        return true;
    }
    if (name_is(name, "table64")) {
        *out = (struct wasm_extern_value){.kind = WASM_TABLE, .u.table = table64};
        return true;
    }
    if (name_is(name, "memory")) {
        *out = (struct wasm_extern_value){.kind = WASM_MEMORY, .u.mem = memory};
        return true;
    }
    return false;
}
