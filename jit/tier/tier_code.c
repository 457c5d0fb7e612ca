/* tier_code.c: compiled units that are alive, and freeing those that were replaced.
 *
 * A unit nothing names any more can still be running: its frames hold return addresses into it. The stack is
 * scanned word by word; any word that points into the unit keeps it (a stale word only delays the release).
 */
#include "tier_priv.h"

#include "heap.h"
#include "plat.h"

static struct tier_code *units; /* all of them, newest first */
static u32 unnamed;             /* how many have live == 0 */

struct tier_code *tier_code_keep(struct llvm_code *c, struct rt_instance *inst)
{
    struct tier_code *t = heap_calloc(1, sizeof *t);
    if (!t) {
        llvm_code_free(c);
        return NULL;
    }
    *t = (struct tier_code){.llvm = *c, .inst = inst, .next = units};
    units = t;
    tier_sum.code_bytes += c->code_bytes;
    return t;
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
    tier_sum.code_bytes -= c->llvm.code_bytes;
    llvm_code_free(&c->llvm);
    heap_free(c);
}

/* Whether a word between `low` and the stack's end points into the unit. The scan reads other functions'
 * frames, red zones of the sanitizer included. */
__attribute__((no_sanitize("address"))) static bool on_stack(const struct tier_code *c, const uintptr_t *low,
                                                             const uintptr_t *high)
{
    for (const uintptr_t *w = low; w < high; w++) {
        if (*w >= c->llvm.text_start && *w < c->llvm.text_end)
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
        if ((*at)->inst == i) {
            unnamed -= (*at)->live == 0;
            unlink_and_free(at);
        } else {
            at = &(*at)->next;
        }
    }
}
