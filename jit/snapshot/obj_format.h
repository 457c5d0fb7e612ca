/* obj_format.h: the bytes of a packed object (docs/snapshot-format.md). Little-endian, no padding, and
 * nothing is aligned: read and write through memcpy. */
#ifndef JIT_OBJ_FORMAT_H
#define JIT_OBJ_FORMAT_H

#include "rt.h"

#define OBJ_MAGIC 0x314a424fu /* "OBJ1" */

/* Behind it: functions (struct obj_func), relocations, names (each ends with NUL), text, data. */
struct obj_head {
    u32 magic;
    u32 text_bytes, data_bytes;
    u32 nfuncs, nrelocs, nnames, names_bytes;
};

enum obj_reloc_kind {
    OBJ_ABS64,  /* 8 bytes: S + A */
    OBJ_ABS32,  /* 4 bytes, zero-extended by whoever reads them: S + A */
    OBJ_ABS32S, /* 4 bytes, sign-extended: S + A */
    OBJ_PC32,   /* 4 bytes, sign-extended: S + A - P */
    OBJ_KINDS
};
enum obj_target { OBJ_TEXT, OBJ_DATA, OBJ_NAME0 /* name k is OBJ_NAME0 + k */ };
struct obj_reloc {
    u32 at;     /* offset in the section it changes */
    u8 kind;    /* enum obj_reloc_kind */
    u8 in_data; /* 1: it changes data, 0: text */
    u16 target; /* enum obj_target */
    s32 addend;
};

#endif
