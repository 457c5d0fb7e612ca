/* obj.h: compiled code outside a process: packed objects, and loading them without a compiler.
 *
 * A packed object is what is left of a unit's ELF object (llvm_jit.h, config `objects`) when everything is
 * gone that loading does not need: machine code, its read-only data, where functions lie in it, and the
 * relocations whose value depends on where it is loaded. docs/snapshot-format.md has its bytes. Packed
 * objects come from disks: whatever their bytes are, obj_open either refuses them or gives a view in which
 * nothing points outside. */
#ifndef JIT_OBJ_H
#define JIT_OBJ_H

#include "rt.h"

/* Packs an ELF object. ST_OK: `*out` (heap_free) has `*out_bytes`. E_UNSUPPORTED: it has something in it that
 * compiled code never has; E_INVAL: not a whole object; E_NOMEM. */
MUST_CHECK status obj_pack(const u8 *elf, size_t bytes, u8 **out, size_t *out_bytes, struct err *e);

struct obj_func {     /* a function's code; as in the file */
    u32 start, bytes; /* in the text */
    u32 index;        /* of the function in the module */
    u32 copy;         /* 1: a copy that LLVM made, not its entry */
};
struct obj_view { /* a checked packed object: points into its bytes */
    const u8 *text, *data;
    u32 text_bytes, data_bytes;
    u32 nfuncs, nrelocs, nnames, names_bytes;
    const u8 *funcs, *relocs, *names; /* not aligned: read by obj_func_at() and obj_place() */
};
/* Checks. Keeps no copy. E_INVAL: `e` says what is wrong. */
MUST_CHECK status obj_open(const u8 *bytes, size_t len, struct obj_view *out, struct err *e);
struct obj_func obj_func_at(const struct obj_view *v, u32 k); /* ascending, apart from each other */

/* Copies text and data to buffers, relocated for the addresses where they will lie. */
struct obj_place {
    u8 *text, *data; /* text_bytes and data_bytes of room */
    u64 text_at, data_at;
    /* Address of a name outside the object; false: none. */
    bool (*resolve)(void *env, const char *name, size_t len, u64 *address);
    void *env;
};
MUST_CHECK status obj_place(const struct obj_view *v, const struct obj_place *p, struct err *e);

/* A loaded object: code in the arena, executable, known to rt_code_find. */
struct obj_entry {
    u32 index;
    bool copy;
    void *start;
    u32 bytes;
};
struct obj {
    void *text, *data; /* NULL: none */
    u32 text_bytes, data_bytes, nfuncs;
    struct obj_entry *funcs;
};
/* Loads code of `inst` (NULL: of any), compiled at `tier`, `osr`: as one function that is entered at a loop.
 * E_INVAL: not for this instance or broken; E_LIMIT: the arena is full; E_NOMEM. Between rt_arena_init and
 * rt_arena_fini. */
MUST_CHECK status obj_load(const struct obj_view *v, struct rt_instance *inst, u8 tier, bool osr,
                           struct obj *out, struct err *e);
/* Entry of a function; NULL: it has none. */
void *obj_entry(const struct obj *o, u32 index);
/* Frees code that no frame can be in and no slot names. Zeroes `o`. */
void obj_free(struct obj *o);

#endif
