/* state_format.h: the records by which a state remembers compiled code and the profile (tier_state.h;
 * docs/snapshot-format.md has the bytes). Little-endian, no padding. */
#ifndef SNAPSHOT_STATE_FORMAT_H
#define SNAPSHOT_STATE_FORMAT_H

#include "cpu_features.h"
#include "rt.h"

/* Types of records in a store (store.h). KEY comes first. */
enum state_record {
    STATE_KEY = 0x2059454b,     /* "KEY " */
    STATE_UNIT = 0x54494e55,    /* "UNIT" */
    STATE_PROFILE = 0x464f5250, /* "PROF" */
};

enum state_key_flags { /* what changes the code of every unit */
                       STATE_FIXED_INST = 1,
                       STATE_FIXED_MEM = 2,
                       STATE_FUEL = 4,
                       STATE_PROFILED = 8,
};
/* Behind it the version of LLVM and the option --cpu, each ending with NUL. */
struct state_key {
    u8 module[32];   /* SHA-256 of the module */
    u64 code_id;     /* names the sources that decide what code means (gen/code_id.h) */
    u64 environment; /* checksum of what code was told about the process: signature ids, guards of memories */
    u32 flags;
    u32 text_bytes;
};

enum state_unit_flags { STATE_COUNT_HEAT = 1, STATE_OSR = 2 };
#define STATE_ROOT 0x80000000u
/* Behind it nfuncs u32 (index of a function, with STATE_ROOT if its slot is to lead here), then the packed
 * object (obj.h). */
struct state_unit {
    u8 tier, flags;
    u16 reserved;
    u32 osr_loop;
    u32 nfuncs;
    u32 object_bytes;
    struct cpu_features features; /* instructions that the code may use */
};

/* Behind it nfuncs struct state_func. */
struct state_profile {
    u32 boots; /* that are in it */
    u32 nfuncs;
};
enum state_func_flags {
    STATE_STUCK = 1,    /* a compilation failed for a reason that stays */
    STATE_STRAIGHT = 2, /* hot enough for OSR: climbs to the last tier at once */
    STATE_WARM = 4,     /* was worth compiling: belongs into an export */
};
struct state_func { /* of a function that ran */
    u32 index;
    u8 tier, flags, bailout, reserved;
    s32 heat; /* left in this tier; INT32_MAX: not counted */
    u32 reserved2;
    u64 calls, ticks, ticks_min, ticks_max; /* over all boots; 0 without measuring */
};

#endif
