/* inst_state.h: what an instance holds - memories, tables, globals, dropped segments - as bytes, and back
 * into a fresh instance of the same module. docs/snapshot-format.md has the bytes. */
#ifndef SNAPSHOT_INST_STATE_H
#define SNAPSHOT_INST_STATE_H

#include "pages.h"
#include "rt.h"

enum inst_phase {
    INST_NEW,         /* segments are not in place: nothing was restored */
    INST_NONE,        /* instantiated; nothing of it has run */
    INST_INITIALISED, /* start function, _initialize, wizer.initialize have run */
    INST_WARM,        /* an export has run */
};
extern const char *const inst_phase_text[]; /* "new", "none", "init", "warm" */

/* --- Taking (not in an appliance). --- */
struct inst_state {
    u8 *bytes; /* heap_free */
    size_t len, cap;
    struct pages pages;
};
void inst_state_fini(struct inst_state *s);
/* `out` is overwritten; ST_OK or not, inst_state_fini() frees it. E_UNSUPPORTED: it holds what cannot be kept
 * (references to objects of a host, exceptions, functions of other instances), and `e` names it. E_NOMEM,
 * E_LIMIT. */
MUST_CHECK status inst_state_take(const struct rt_instance *i, enum inst_phase phase, struct inst_state *out,
                                  struct err *e);

/* --- Restoring. `i` was instantiated without its segments and nothing of it has run; `bytes` and `packed`
 * stay. Memory comes when it is touched. E_NOMEM; E_INVAL: they are of something else. --- */
MUST_CHECK status inst_state_restore(struct rt_instance *i, const u8 *bytes, size_t len, const u8 *packed,
                                     size_t packed_len, enum inst_phase *phase, struct err *e);

#endif
