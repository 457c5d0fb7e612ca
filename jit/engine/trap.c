/* trap.c: how a call that ended early is told to people. */
#include "engine.h"
#include "fmt.h"

/* The exporter's name for it, if its instance still has the tag. */
static void tag_name(const struct rt_tag *t, char *buf, size_t size)
{
    const struct wasm_module *m = t->owner ? wasm_module_of(t->owner) : NULL;
    for (u32 k = 0; m && k < m->ntags; k++)
        if (t->owner->tags[k] == t)
            wasm_tag_name(m, k, buf, size);
}

/* "error(7, 2.5)" */
static void exception_text(const struct rt_exn *e, char *buf, size_t size)
{
    char name[80] = "host";
    const struct rt_sig *s = e->tag->sig;
    tag_name(e->tag, name, sizeof name);
    size_t at = fmt_s(buf, size, "%s(", name);
    for (u32 k = 0, cell = 0; k < s->nparams && at + 50 < size; cell += rt_type_cells(s->types[k++])) {
        at += fmt_s(buf + at, size - at, k ? ", " : "");
        at += engine_value_print(&e->cells[cell], s->types[k], buf + at, size - at);
    }
    fmt_s(buf + at, size - at, ")");
}

void engine_trap_text(enum rt_trap t, char *buf, size_t size)
{
    bool thrown = t == TRAP_UNCAUGHT_EXCEPTION && rt_thread.uncaught;
    size_t at = fmt_s(buf, size, thrown ? "%s: " : "trap: %s", rt_trap_text(t));
    if (thrown)
        exception_text(rt_thread.uncaught, buf + at, size - at);
}

void engine_print_trap(const struct options *o)
{
    char text[ENGINE_TRAP_TEXT_MAX];
    engine_trap_text(rt_thread.trap, text, sizeof text);
    if (rt_thread.trap == TRAP_FUEL)
        fmt_out(PLAT_ERR, "%s: %llu were given\n", text, (unsigned long long)o->fuel);
    else if (rt_thread.trap == TRAP_TIMEOUT)
        fmt_out(PLAT_ERR, "%s: %llu ms are over\n", text, (unsigned long long)o->timeout_ns / 1000000);
    else
        fmt_out(PLAT_ERR, "%s\n", text);
    for (u32 k = 0; k < rt_thread.nframes; k++) {
        const struct rt_frame_record *r = &rt_thread.frames[k];
        char name[160] = "host function";
        if (r->func && r->func->inst)
            wasm_func_name(wasm_module_of(r->func->inst), r->func->index, name, sizeof name);
        if (r->offset == ERR_NO_OFFSET)
            fmt_out(PLAT_ERR, "  #%-2u %s\n", k, name);
        else
            fmt_out(PLAT_ERR, "  #%-2u %s, offset 0x%llx\n", k, name, (unsigned long long)r->offset);
    }
    if (rt_thread.nframes == RT_FRAMES_MAX)
        fmt_out(PLAT_ERR, "  ... further frames are not shown\n");
}
