/* anneal_analyze.c: `anneal analyze`: every function at O3 for the sake of the known algorithms in it. */
#include <string.h>

#include "anneal_cmd.h"
#include "fmt.h"
#include "heap.h"
#include "llvm_jit.h"
#include "tier_tuning.h"

/* Small callees, and theirs, as copies: what O3 puts into the function's place for calls. The unit's funcs.
 */
static u32 add_callees(const struct wasm_module *m, struct llvm_unit_func *funcs)
{
    u32 n = 1, bytes = 0;
    for (u32 k = 0; k < n; k++) {
        const struct wasm_func *f = &m->funcs[funcs[k].index];
        for (const u8 *p = f->body; p < f->end;) {
            struct wasm_instr in;
            wasm_read_instr(m, p, &in);
            p = in.next;
            if (in.op != WASM_OP_CALL || in.u.index < m->imp_funcs || n == TUNE_UNIT_FUNCS)
                continue;
            u32 size = m->funcs[in.u.index].size, known = 0;
            while (known < n && funcs[known].index != in.u.index)
                known++;
            if (known < n || size > TUNE_COPY_BYTES || bytes + size > TUNE_UNIT_BYTES_O2)
                continue;
            funcs[n++] = (struct llvm_unit_func){.index = in.u.index};
            bytes += size;
        }
    }
    return n;
}

/* As if it had not reached anything yet. */
static bool forget_arms(const struct wasm_module *m, struct llvm_unit_func *f)
{
    u32 n = m->funcs[f->index].narms;
    f->seen = heap_calloc(n, sizeof *f->seen);
    f->keep_loops = true;
    return f->seen || !n;
}

static void look_at(const struct wasm_module *m, const struct options *o, bool forms, u32 func)
{
    static struct llvm_unit_func funcs[TUNE_UNIT_FUNCS];
    funcs[0] = (struct llvm_unit_func){.index = func, .root = true};
    if (forms && o->cold_bytes == TIER_COLD_ALL && !forget_arms(m, &funcs[0])) {
        fmt_out(PLAT_ERR, "anneal: func[%u]: out of memory\n", func);
        return;
    }
    bool fixed = m->nmems > 0; /* an imported memory, too, as if it were the module's own */
    struct llvm_unit u = {.module = m,
                          .tier = TIER_O3,
                          .fixed_inst = true,
                          .fixed_mem = fixed,
                          .short_mem = fixed && m->mems[0].limits.min * RT_PAGE <= RT_SHORT_MEMORY,
                          .patterns = true,
                          .fp_relaxed = o->fp_relaxed,
                          .forms = forms,
                          .nfuncs = forms ? 1 : add_callees(m, funcs),
                          .funcs = funcs};
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
    heap_free((void *)funcs[0].seen);
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
    engine_patterns_print(m, json, o.verbose);
    if (m->imp_mems)
        fmt_out(PLAT_OUT, "%s\n",
                json ? "{\"ev\":\"imported\",\"memory\":0}"
                     : "memory 0 is imported: none of these places becomes a kernel in a run, as it lies at "
                       "no fixed address");
    wasm_module_destroy(m);
    return 0;
}
