/* anneal_analyze.c: `anneal analyze`: every function at O3 for the sake of the known algorithms in it. */
#include <string.h>

#include "anneal_cmd.h"
#include "fmt.h"
#include "heap.h"
#include "llvm_jit.h"

static void look_at(const struct wasm_module *m, const struct options *o, bool forms, u32 func)
{
    struct llvm_unit_func uf = {.index = func, .root = true};
    bool fixed = m->nmems > 0 && m->imp_mems == 0;
    struct llvm_unit u = {.module = m,
                          .tier = TIER_O3,
                          .fixed_inst = true,
                          .fixed_mem = fixed,
                          .short_mem = fixed && m->mems[0].limits.min * RT_PAGE <= RT_SHORT_MEMORY,
                          .patterns = true,
                          .fp_relaxed = o->fp_relaxed,
                          .forms = forms,
                          .nfuncs = 1,
                          .funcs = &uf};
    struct llvm_code code;
    enum bailout why;
    struct err e;
    char *text;
    if (forms && llvm_jit_emit_text(&u, false, &text, &e) == ST_OK)
        heap_free(text);
    else if (forms)
        fmt_out(PLAT_ERR, "anneal: func[%u]: %s\n", func, e.text);
    else if (llvm_jit_compile(&u, &code, &why, &e) == ST_OK)
        llvm_code_free(&code);
    else
        fmt_out(PLAT_ERR, "anneal: func[%u]: %s\n", func, bailout_text(why));
}

int anneal_analyze(int argc, char **argv)
{
    struct options o;
    struct err e = {0};
    struct plat_blob b;
    bool json = false, forms = false;
    unsigned long func = 0; /* 0: all, else N + 1 */
    options_init(&o);
    int k = 0;
    for (size_t used; k < argc && strncmp(argv[k], "--", 2) == 0; k += (int)used) {
        used = 1;
        if (strcmp(argv[k], "--json") == 0)
            json = true;
        else if (strcmp(argv[k], "--forms") == 0)
            forms = true;
        else if (!anneal_number(argv[k], "--func=", 1, &func) &&
                 options_parse(&o, (const char *const *)argv + k, (size_t)(argc - k), &used, &e) != ST_OK)
            return anneal_bad(&e);
    }
    if (argc - k != 1)
        return anneal_bad_use("analyze: one FILE");
    struct wasm_module *m = anneal_decode(argv[k], &b);
    if (!m)
        return ENGINE_EXIT_BAD;
    if (func && !anneal_has_body(m, func - 1))
        return anneal_bad_func();
    struct llvm_jit_config config = {.cpu = o.cpu};
    if (llvm_jit_init(&config, &e) != ST_OK)
        return anneal_bad(&e);
    if (o.state && engine_patterns_learnt(o.state, m, &e) != ST_OK)
        return anneal_bad(&e);
    for (u32 f = m->imp_funcs; f < m->nfuncs; f++) {
        if (!func || f == func - 1)
            look_at(m, &o, forms, f);
    }
    engine_patterns_print(m, json);
    wasm_module_destroy(m);
    return 0;
}
