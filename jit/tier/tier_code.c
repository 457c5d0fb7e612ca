/* tier_code.c: compiled units that are alive, and freeing those that were replaced.
 *
 * A unit nothing names any more can still be running: its frames hold return addresses into it. The stack is
 * scanned word by word; any word that points into the unit keeps it (a stale word only delays the release).
 */
#include "tier_priv.h"

#include <string.h>

#include "heap.h"
#include "plat.h"

static struct tier_code *units; /* all of them, newest first */
static u32 unnamed;             /* how many have live == 0 */

void tier_made_free(struct tier_made *m)
{
    if (m->ok)
        tier_compile_free(&m->llvm);
    heap_free(m->packed);
    *m = (struct tier_made){0};
}

static void destroy(struct tier_code *c)
{
    obj_free(&c->obj);
    tier_compile_free(&c->llvm);
    heap_free(c->packed);
    heap_free((void *)(uintptr_t)c->unit.funcs);
    heap_free(c);
}

static struct tier_code *create(const struct llvm_unit *u)
{
    struct tier_code *c = heap_calloc(1, sizeof *c);
    struct llvm_unit_func *funcs = heap_alloc(u->nfuncs * sizeof *funcs);
    if (!c || !funcs) {
        heap_free(c);
        heap_free(funcs);
        return NULL;
    }
    memcpy(funcs, u->funcs, u->nfuncs * sizeof *funcs);
    c->unit = *u;
    c->unit.funcs = funcs;
    return c;
}

/* Loads c->packed. */
static status load(struct tier_code *c, struct err *e)
{
    struct obj_view v;
    TRY(obj_open(c->packed, c->packed_bytes, &v, e));
    TRY(obj_load(&v, c->unit.inst, (u8)c->unit.tier, c->unit.osr, &c->obj, e));
    for (u32 k = 0; k < c->unit.nfuncs; k++) {
        if (c->unit.funcs[k].root && !tier_code_entry(c, k))
            return err_set(e, E_INVAL, ERR_NO_OFFSET, "a stored object lacks one of its functions");
    }
    c->code_bytes = c->obj.text_bytes;
    c->text_start = (uintptr_t)c->obj.text;
    c->text_end = c->text_start + c->code_bytes;
    return ST_OK;
}

static struct tier_code *add(struct tier_code *c)
{
    c->next = units;
    units = c;
    tier_sum.code_bytes += c->code_bytes;
    return c;
}

static status take(struct tier_code *c, struct tier_made *m)
{
    c->llvm = m->llvm;
    c->packed = m->packed;
    c->packed_bytes = m->packed_bytes;
    *m = (struct tier_made){0};
    if (c->packed) {
        u64 start = plat_ticks();
        TRY(load(c, NULL));
        c->llvm.ticks_link += plat_ticks() - start;
        return ST_OK;
    }
    c->code_bytes = c->llvm.code_bytes;
    c->text_start = c->llvm.text_start;
    c->text_end = c->llvm.text_end;
    return ST_OK;
}

struct tier_code *tier_code_keep(const struct llvm_unit *u, struct tier_made *m, enum bailout *why)
{
    struct tier_code *c = create(u);
    *why = BAILOUT_NO_MEMORY;
    if (!c) {
        tier_made_free(m);
        return NULL;
    }
    status st = take(c, m);
    if (st != ST_OK) {
        *why = st == E_NOMEM ? BAILOUT_NO_MEMORY : st == E_LIMIT ? BAILOUT_CODE_SPACE : BAILOUT_LLVM_ERROR;
        destroy(c);
        return NULL;
    }
    return add(c);
}

status tier_code_load(const struct llvm_unit *u, const u8 *packed, size_t bytes, struct tier_code **out,
                      struct err *e)
{
    struct tier_code *c = create(u);
    if (c)
        c->packed = heap_alloc(bytes ? bytes : 1);
    if (!c || !c->packed) {
        if (c)
            destroy(c);
        return err_set(e, E_NOMEM, ERR_NO_OFFSET, "out of memory");
    }
    memcpy(c->packed, packed, bytes);
    c->packed_bytes = bytes;
    c->stored = true;
    status st = load(c, e);
    if (st != ST_OK) {
        destroy(c);
        return st;
    }
    *out = add(c);
    return ST_OK;
}

const struct tier_code *tier_code_first(void)
{
    return units;
}

void *tier_code_entry(const struct tier_code *c, u32 k)
{
    if (c->llvm.entry)
        return c->llvm.entry[k];
    return c->unit.funcs[k].root ? obj_entry(&c->obj, c->unit.funcs[k].index) : NULL;
}

void tier_code_drop(struct tier_code *c)
{
    if (--c->live == 0)
        unnamed++;
}

static void unlink_and_free(struct tier_code **at)
{
    struct tier_code *c = *at;
    *at = c->next;
    tier_sum.code_bytes -= c->code_bytes;
    destroy(c);
}

/* Whether a word between `low` and the stack's end points into the unit. The scan reads other functions'
 * frames, red zones of the sanitizer included. */
__attribute__((no_sanitize("address"))) static bool on_stack(const struct tier_code *c, const uintptr_t *low,
                                                             const uintptr_t *high)
{
    for (const uintptr_t *w = low; w < high; w++) {
        if (*w >= c->text_start && *w < c->text_end)
            return true;
    }
    return false;
}

void tier_code_collect(void)
{
    if (unnamed == 0)
        return;
    uintptr_t low, high;
    plat_stack_bounds(&low, &high);
    const uintptr_t *sp = (const uintptr_t *)__builtin_frame_address(0);
    for (struct tier_code **at = &units; *at;) {
        if ((*at)->live == 0 && !on_stack(*at, sp, (const uintptr_t *)high)) {
            unlink_and_free(at);
            unnamed--;
        } else {
            at = &(*at)->next;
        }
    }
}

void tier_code_free_all(struct rt_instance *i)
{
    for (struct tier_code **at = &units; *at;) {
        if ((*at)->unit.inst == i) {
            unnamed -= (*at)->live == 0;
            unlink_and_free(at);
        } else {
            at = &(*at)->next;
        }
    }
}
