/* spec_run.c: one script: a current module, names, registrations, and assertions about all of them.
 *
 * Instances live until the script ends, because tables and references may lead to them. Only one that nothing
 * can lead to (no name, not registered, imported by nobody, no table of somebody else's) goes when the next
 * one becomes current: that frees the fixed addresses for it. */
#include "spec_run.h"

#include <string.h>

#include "engine.h"
#include "fmt.h"
#include "heap.h"
#include "interp.h"
#include "json.h"
#include "plat.h"
#include "spec_test.h"
#include "spec_value.h"
#include "tier.h"
#include "wasm.h"

enum { TEXT_MAX = 256, PATH_BYTES = 1024 };

struct definition { /* a decoded module and its bytes */
    struct definition *next;
    struct json_text name;
    struct plat_blob blob;
    struct wasm_module *module;
    u32 instances;
};
struct instance {
    struct instance *next;
    struct definition *def;
    struct json_text name;
    struct rt_instance *inst;
    bool needed; /* registered, or imported by another */
};
struct registration {
    struct registration *next;
    struct json_text as;
    struct instance *instance;
};
struct script {
    const struct spec_config *config;
    struct spec_counts *counts;
    const char *file;
    char folder[PATH_BYTES];
    struct arena arena;
    struct definition *defs; /* newest first, as all lists here */
    struct instance *instances, *current;
    struct registration *registrations;
    const struct json *command;
    u32 line;
};

/* --- Saying how a command ended. --- */

static bool is_assertion(const struct json *command)
{
    struct json_text type = json_member_text(command, "type");
    return type.len > 7 && memcmp(type.s, "assert_", 7) == 0;
}

static bool needs_text_parser(const struct json *command)
{
    return json_text_is(json_member_text(command, "module_type"), "text");
}

__attribute__((format(printf, 2, 3))) static void fail(struct script *s, const char *fmt, ...)
{
    char why[2 * TEXT_MAX];
    va_list ap;
    va_start(ap, fmt);
    fmt_v(why, sizeof why, fmt, ap);
    va_end(ap);
    if (s->config->known && s->config->known(s->file, s->line)) {
        s->counts->known++;
        return;
    }
    s->counts->failed++;
    fmt_out(PLAT_OUT, "%s:%u: %s: %s\n", s->file, s->line, json_member_text(s->command, "type").s, why);
}

static void pass(struct script *s)
{
    if (s->config->known && s->config->known(s->file, s->line)) {
        s->counts->failed++;
        fmt_out(PLAT_OUT, "%s:%u: passed, but is listed as a known failure\n", s->file, s->line);
    } else if (is_assertion(s->command)) {
        s->counts->passed++;
    }
}

/* --- Modules. --- */

static status define(struct script *s, struct json_text name, struct json_text filename,
                     struct definition **out, struct err *e)
{
    char path[PATH_BYTES];
    fmt_s(path, sizeof path, "%s/%s", s->folder, filename.s ? filename.s : "");
    struct definition *d = arena_alloc(&s->arena, sizeof *d, _Alignof(struct definition));
    if (!d)
        return err_set(e, E_NOMEM, ERR_NO_OFFSET, "out of memory");
    status st = plat_blob_find(path, &d->blob);
    if (st != ST_OK)
        return err_set(e, E_IO, ERR_NO_OFFSET, "cannot read %s", path);
    st = wasm_module_decode(d->blob.data, d->blob.len, &d->module, e);
    if (st != ST_OK) {
        plat_blob_release(&d->blob);
        return st;
    }
    d->name = name;
    d->next = s->defs;
    s->defs = d;
    *out = d;
    return ST_OK;
}

static struct definition *definition_find(struct script *s, struct json_text name)
{
    struct definition *d = s->defs;
    while (d && name.s && !json_text_equal(d->name, name))
        d = d->next;
    return d;
}

static void definition_drop(struct script *s, struct definition *d)
{
    struct definition **p = &s->defs;
    while (*p != d)
        p = &(*p)->next;
    *p = d->next;
    wasm_module_destroy(d->module);
    plat_blob_release(&d->blob);
}

/* --- Instances. --- */

static struct instance *registered_find(struct script *s, const struct wasm_name *as)
{
    for (struct registration *r = s->registrations; r; r = r->next)
        if (json_text_equal(r->as, (struct json_text){as->s, as->len}))
            return r->instance;
    return NULL;
}

static bool resolve(void *env, const struct wasm_module *m, const struct wasm_import *imp,
                    struct wasm_extern_value *out)
{
    (void)m;
    struct script *s = env;
    struct instance *from = registered_find(s, &imp->module);
    if (!from)
        return json_text_is((struct json_text){imp->module.s, imp->module.len}, "spectest") &&
               spec_test_find(imp->name, out);
    const struct wasm_export *x = wasm_export_find(from->def->module, imp->name.s, imp->name.len);
    if (!x)
        return false;
    wasm_instance_export(from->inst, x, out);
    return true;
}

/* Whether anything but the script's "current module" can lead to it. */
static bool reachable(const struct instance *i)
{
    const struct wasm_module *m = i->def->module;
    if (i->needed || i->name.s || m->imp_tables)
        return true;
    for (u32 k = 0; k < m->nimports; k++)
        if (!json_text_is((struct json_text){m->imports[k].module.s, m->imports[k].module.len}, "spectest"))
            return true;
    return false;
}

/* Functions that no command calls have to compile, too. */
static void compile_rest(struct script *s, const struct instance *i)
{
    if (i->inst->layout->nfuncs == i->inst->layout->imp_funcs || !i->inst->own_funcs[0].host)
        return; /* no functions, or its initialisation trapped */
    u32 n = tier_compile_all(i->inst);
    s->counts->failed += n;
    if (n)
        fmt_out(PLAT_OUT, "%s: %u functions of an instance do not compile\n", s->file, n);
}

static void instance_drop(struct script *s, struct instance *i)
{
    compile_rest(s, i);
    struct instance **p = &s->instances;
    while (*p != i)
        p = &(*p)->next;
    *p = i->next;
    interp_instance_fini(i->inst);
    tier_remove_instance(i->inst);
    rt_instance_destroy(i->inst);
    if (--i->def->instances == 0)
        definition_drop(s, i->def);
}

/* Runs the start function. A trap in it makes the instance unusable, but what it wrote stays. */
static status start(struct rt_instance *inst, enum rt_trap *trap)
{
    const struct wasm_module *m = wasm_module_of(inst);
    rt_cell cells[1] = {0};
    *trap = m->has_start ? rt_call(inst->funcs[m->start], cells) : TRAP_NONE;
    return *trap == TRAP_NONE ? ST_OK : E_TRAP;
}

static status instantiate(struct script *s, struct definition *d, struct json_text name,
                          struct instance **out, enum rt_trap *trap, struct err *e)
{
    struct instance *i = arena_alloc(&s->arena, sizeof *i, _Alignof(struct instance));
    if (!i)
        return err_set(e, E_NOMEM, ERR_NO_OFFSET, "out of memory");
    struct wasm_instantiate_options options = {
        .resolve = resolve,
        .env = s,
        .want_fixed = s->config->want_fixed,
        .func_cells = tier_first_call,
    };
    *trap = TRAP_NONE;
    status st = wasm_instantiate(d->module, &options, &i->inst, trap, e);
    if (st != ST_OK && st != E_TRAP)
        return st;
    i->def = d;
    i->name = name;
    d->instances++;
    i->next = s->instances;
    s->instances = i;
    if (st == ST_OK)
        st = tier_add_instance(i->inst);
    if (st == ST_OK)
        st = start(i->inst, trap);
    if (st == ST_OK) {
        *out = i;
        return ST_OK;
    }
    /* Nobody can ask for it, but a table that it was written into may lead to it. */
    i->name = (struct json_text){0};
    if (!reachable(i))
        instance_drop(s, i);
    return st;
}

/* The current module makes room before the next one is instantiated. */
static void retire_current(struct script *s)
{
    if (s->current && !reachable(s->current))
        instance_drop(s, s->current);
    s->current = NULL;
}

static void mark_imported(struct script *s, const struct definition *d)
{
    for (u32 k = 0; k < d->module->nimports; k++) {
        struct instance *from = registered_find(s, &d->module->imports[k].module);
        if (from)
            from->needed = true;
    }
}

static void make_current(struct script *s, struct definition *d, struct json_text name)
{
    struct err e = {0};
    enum rt_trap trap;
    struct instance *i;
    retire_current(s);
    status st = instantiate(s, d, name, &i, &trap, &e);
    if (st == ST_OK) {
        mark_imported(s, d);
        s->current = i;
        pass(s);
    } else if (trap != TRAP_NONE) {
        fail(s, "expected an instance, got trap: %s", rt_trap_text(trap));
    } else {
        fail(s, "expected an instance, got status %d: %s", st, e.text);
    }
}

/* --- Actions. --- */

struct outcome {
    enum rt_trap trap;
    u32 n;
    const rt_type *types;
    rt_cell cells[2 * RT_RESULTS_MAX];
};

static struct instance *target(struct script *s, const struct json *action)
{
    struct json_text name = json_member_text(action, "module");
    if (!name.s)
        return s->current;
    struct instance *i = s->instances;
    while (i && !(i->name.s && json_text_equal(i->name, name)))
        i = i->next;
    return i;
}

static bool read_args(const struct json *args, const struct rt_sig *sig, rt_cell *cells)
{
    u32 n = 0;
    for (const struct json *a = args ? args->first : NULL; a; a = a->next, n++) {
        if (n == sig->nparams || !spec_value_read(a, sig->types[n], cells))
            return false;
        cells += rt_type_cells(sig->types[n]);
    }
    return n == sig->nparams;
}

static bool invoke(struct script *s, const struct json *action, struct rt_func *f, struct outcome *out)
{
    if (rt_sig_cells(f->sig) > 2 * RT_RESULTS_MAX ||
        !read_args(json_member(action, "args"), f->sig, out->cells)) {
        fail(s, "the arguments do not fit the function, or are of a kind this runner does not know");
        return false;
    }
    const struct rt_instance *inst = f->inst;
    if (inst && inst->layout->nmems && inst->mems[0]->fixed && is_assertion(s->command))
        s->counts->fixed++;
    out->trap = rt_call(f, out->cells);
    out->n = f->sig->nresults;
    out->types = f->sig->types + f->sig->nparams;
    return true;
}

/* False: the action could not even be tried, which has been said. */
static bool act(struct script *s, struct outcome *out)
{
    const struct json *action = json_member(s->command, "action");
    struct json_text field = json_member_text(action, "field");
    struct instance *i = target(s, action);
    const struct wasm_export *x = i ? wasm_export_find(i->def->module, field.s, field.len) : NULL;
    struct wasm_extern_value v;
    if (!x) {
        fail(s, i ? "no export \"%s\"" : "no module for \"%s\"", field.s);
        return false;
    }
    wasm_instance_export(i->inst, x, &v);
    if (v.kind == WASM_FUNC)
        return invoke(s, action, v.u.func, out);
    if (v.kind != WASM_GLOBAL) {
        fail(s, "\"%s\" is neither a function nor a global", field.s);
        return false;
    }
    out->trap = TRAP_NONE;
    out->n = 1;
    out->types = &v.u.global->type;
    memcpy(out->cells, v.u.global->value, sizeof v.u.global->value);
    return true;
}

/* --- Commands. --- */

static void run_module(struct script *s)
{
    struct err e = {0};
    struct definition *d;
    struct json_text name = json_member_text(s->command, "name");
    status st = define(s, (struct json_text){0}, json_member_text(s->command, "filename"), &d, &e);
    if (st == ST_OK) {
        make_current(s, d, name);
    } else {
        retire_current(s);
        fail(s, "expected a valid module, got status %d at 0x%llx: %s", st, (unsigned long long)e.offset,
             e.text);
    }
}

static void run_module_definition(struct script *s)
{
    struct err e = {0};
    struct definition *d;
    struct json_text name = json_member_text(s->command, "name");
    status st = define(s, name, json_member_text(s->command, "filename"), &d, &e);
    if (st == ST_OK) {
        d->instances++; /* the definition itself: module_instance may ask for it until the end */
        pass(s);
    } else {
        fail(s, "expected a valid module, got status %d at 0x%llx: %s", st, (unsigned long long)e.offset,
             e.text);
    }
}

static void run_module_instance(struct script *s)
{
    struct definition *d = definition_find(s, json_member_text(s->command, "module"));
    if (d)
        make_current(s, d, json_member_text(s->command, "instance"));
    else
        fail(s, "no such module definition");
}

static void run_register(struct script *s)
{
    struct json_text name = json_member_text(s->command, "name");
    struct instance *i = s->current;
    if (name.s)
        for (i = s->instances; i && !(i->name.s && json_text_equal(i->name, name)); i = i->next)
            ;
    struct registration *r = arena_alloc(&s->arena, sizeof *r, _Alignof(struct registration));
    if (!i || !r) {
        fail(s, "no module to register");
        return;
    }
    *r = (struct registration){
        .next = s->registrations, .as = json_member_text(s->command, "as"), .instance = i};
    s->registrations = r;
    i->needed = true;
    pass(s);
}

static void run_action(struct script *s)
{
    struct outcome got;
    if (!act(s, &got))
        return;
    if (got.trap == TRAP_NONE)
        pass(s);
    else
        fail(s, "expected no trap, got trap: %s", rt_trap_text(got.trap));
}

static void run_return(struct script *s)
{
    struct outcome got;
    char want_text[TEXT_MAX], got_text[TEXT_MAX];
    if (!act(s, &got))
        return;
    if (got.trap != TRAP_NONE) {
        fail(s, "expected results, got trap: %s", rt_trap_text(got.trap));
        return;
    }
    const struct json *expected = json_member(s->command, "expected");
    u32 n = 0;
    const rt_cell *cell = got.cells;
    for (const struct json *want = expected ? expected->first : NULL; want; want = want->next, n++) {
        if (n < got.n && spec_value_matches(want, got.types[n], cell)) {
            cell += rt_type_cells(got.types[n]);
            continue;
        }
        spec_value_print_want(want, want_text, sizeof want_text);
        if (n < got.n)
            spec_value_print(got.types[n], cell, got_text, sizeof got_text);
        fail(s, "%s: expected %s (result %u), got %s",
             json_member_text(json_member(s->command, "action"), "field").s, want_text, n,
             n < got.n ? got_text : "fewer results");
        return;
    }
    if (n == got.n)
        pass(s);
    else
        fail(s, "expected %u results, got %u", n, got.n);
}

/* The vectors' text may say more than the trap's ("uninitialized element 2") or less ("undefined"). */
static bool trap_is(enum rt_trap trap, struct json_text want)
{
    const char *text = rt_trap_text(trap);
    size_t len = strlen(text) < want.len ? strlen(text) : want.len;
    return trap != TRAP_NONE && want.len && memcmp(text, want.s, len) == 0;
}

static void expect_trap(struct script *s, enum rt_trap trap)
{
    struct json_text want = json_member_text(s->command, "text");
    if (trap_is(trap, want))
        pass(s);
    else
        fail(s, "expected trap: %s, got %s%s", want.s, trap ? "trap: " : "", rt_trap_text(trap));
}

static void run_trap(struct script *s)
{
    struct outcome got;
    if (act(s, &got))
        expect_trap(s, got.trap);
}

static void run_exception(struct script *s)
{
    struct outcome got;
    if (!act(s, &got))
        return;
    if (got.trap == TRAP_UNCAUGHT_EXCEPTION)
        pass(s);
    else
        fail(s, "expected an exception, got %s%s", got.trap ? "trap: " : "", rt_trap_text(got.trap));
}

/* What is wrong with the module has many wordings and orders; that it is refused is what counts. */
static void run_rejected(struct script *s)
{
    struct err e = {0};
    struct definition *d;
    status st = define(s, (struct json_text){0}, json_member_text(s->command, "filename"), &d, &e);
    if (st == ST_OK) {
        definition_drop(s, d);
        fail(s, "expected \"%s\", got a valid module", json_member_text(s->command, "text").s);
    } else if (st == E_IO || st == E_NOMEM) {
        fail(s, "%s", e.text);
    } else {
        pass(s);
    }
}

static void run_unlinkable(struct script *s)
{
    struct err e = {0};
    enum rt_trap trap;
    struct definition *d;
    struct instance *i;
    struct json_text want = json_member_text(s->command, "text");
    status st = define(s, (struct json_text){0}, json_member_text(s->command, "filename"), &d, &e);
    if (st != ST_OK) {
        fail(s, "expected a valid module, got status %d at 0x%llx: %s", st, (unsigned long long)e.offset,
             e.text);
        return;
    }
    st = instantiate(s, d, (struct json_text){0}, &i, &trap, &e);
    if (st == E_INVAL && strstr(e.text, want.s))
        pass(s);
    else
        fail(s, "expected \"%s\", got status %d: %s", want.s, st, st == E_TRAP ? rt_trap_text(trap) : e.text);
}

static void run_uninstantiable(struct script *s)
{
    struct err e = {0};
    enum rt_trap trap = TRAP_NONE;
    struct definition *d;
    struct instance *i;
    status st = define(s, (struct json_text){0}, json_member_text(s->command, "filename"), &d, &e);
    if (st == ST_OK)
        st = instantiate(s, d, (struct json_text){0}, &i, &trap, &e);
    if (st == ST_OK || st == E_TRAP)
        expect_trap(s, trap);
    else
        fail(s, "expected a trap, got status %d: %s", st, e.text);
}

static const struct command_row {
    const char *type;
    void (*run)(struct script *s);
} command_rows[] = {
    {"module", run_module},
    {"module_definition", run_module_definition},
    {"module_instance", run_module_instance},
    {"register", run_register},
    {"action", run_action},
    {"assert_return", run_return},
    {"assert_trap", run_trap},
    {"assert_exception", run_exception},
    {"assert_exhaustion", run_trap},
    {"assert_invalid", run_rejected},
    {"assert_malformed", run_rejected},
    {"assert_unlinkable", run_unlinkable},
    {"assert_uninstantiable", run_uninstantiable},
};

static void run_command(struct script *s)
{
    uint64_t line;
    struct json_text type = json_member_text(s->command, "type");
    s->line = json_text_u64(json_member_text(s->command, "line"), &line) ? (u32)line : 0;
    s->counts->line = s->line;
    if (needs_text_parser(s->command)) {
        s->counts->skipped++;
        return;
    }
    for (size_t i = 0; i < sizeof command_rows / sizeof *command_rows; i++) {
        if (json_text_is(type, command_rows[i].type)) {
            command_rows[i].run(s);
            return;
        }
    }
    fail(s, "this runner does not know the command");
}

static void script_fini(struct script *s)
{
    s->registrations = NULL;
    while (s->instances)
        instance_drop(s, s->instances);
    while (s->defs)
        definition_drop(s, s->defs);
    arena_fini(&s->arena);
}

static status script_read(struct script *s, struct plat_blob *text, const struct json **commands,
                          struct err *e)
{
    char path[PATH_BYTES];
    const struct json *root;
    fmt_s(path, sizeof path, "%s/%s", s->config->dir, s->file);
    const char *slash = strrchr(path, '/');
    fmt_s(s->folder, sizeof s->folder, "%.*s", (int)(slash - path), path);
    status st = plat_blob_find(path, text);
    if (st != ST_OK)
        return err_set(e, st, ERR_NO_OFFSET, "cannot read %s", path);
    TRY(json_parse((const char *)text->data, text->len, &s->arena, &root, e));
    *commands = json_member(root, "commands");
    return *commands ? ST_OK : err_set(e, E_INVAL, ERR_NO_OFFSET, "no \"commands\"");
}

status spec_run_file(const struct spec_config *config, const char *file, struct spec_counts *c, struct err *e)
{
    struct script s = {.config = config, .counts = c, .file = file};
    struct plat_blob text = {0};
    const struct json *commands;
    struct tier_totals before, after;
    tier_totals(&before);
    status st = spec_test_init();
    if (st == ST_OK)
        st = script_read(&s, &text, &commands, e);
    if (st == ST_OK) {
        for (s.command = commands->first; s.command; s.command = s.command->next)
            c->assertions += is_assertion(s.command) && !needs_text_parser(s.command);
        for (s.command = commands->first; s.command; s.command = s.command->next)
            run_command(&s);
        c->finished = true;
    }
    script_fini(&s);
    tier_totals(&after);
    c->compiled = after.functions_compiled - before.functions_compiled;
    spec_test_fini();
    plat_blob_release(&text);
    return st;
}
