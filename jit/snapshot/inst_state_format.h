/* inst_state_format.h: the parts of a kept instance (inst_state.h), one behind the other, all little-endian:
 *
 *   inst_head
 *   for each memory: inst_memory, its inst_extents, a pages_entry for each page of these
 *   for each mutable global: its cells (references as below, in a cell)
 *   for each table: u64 size, then u32: runs up to that size, a number of elements << 2 | enum inst_run and
 *     one reference (SAME) or so many (LIST)
 *   a bit for each data segment, from the lowest of a u32 on: dropped; the same for element segments
 *
 * A reference is 0 for null, else 1 + the function's index. */
#ifndef SNAPSHOT_INST_STATE_FORMAT_H
#define SNAPSHOT_INST_STATE_FORMAT_H

#include "rt.h"

struct inst_head {
    u32 phase; /* enum inst_phase */
    u32 nmems, nglobals, ntables, ndata, nelems;
};
struct inst_memory {
    u64 bytes;
    u32 nextents, npages;
};
struct inst_extent {         /* pages that are not zeros; ascending */
    u32 first, count, entry; /* `entry`: index of the first page's entry */
};
enum inst_run { INST_SAME, INST_LIST };

#endif
