/* state_format.h: the records by which a state remembers compiled code and the profile (tier_state.h;
 * docs/snapshot-format.md has the bytes). Little-endian, no padding. */
#ifndef SNAPSHOT_STATE_FORMAT_H
#define SNAPSHOT_STATE_FORMAT_H

#include "cpu_features.h"
#include "rt.h"

/* Types of records in a store (store.h). KEY comes first. */
enum state_record {
    STATE_KEY = 0x2059454b,     /* "KEY " */
    STATE_SITES = 0x45544953,   /* "SITE"; before UNIT */
    STATE_UNIT = 0x54494e55,    /* "UNIT" */
    STATE_HISTORY = 0x54534948, /* "HIST"; before PROFILE */
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

/* Places where kernels stand for code (patterns.h), by the numbers that the units use for them. Behind it
 * nsites struct state_site. */
struct state_sites {
    u32 nsites, reserved;
};
#define STATE_KERNEL_NAME 32
struct state_site {
    u32 func, at; /* 0: none of this module's; `at`: bytes into the file */
    u32 runs, too_much, differed, pattern;
    u64 ticks_original, ticks_kernel;
    char kernel[STATE_KERNEL_NAME];
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
    u8 tier, flags, bailout;
    u8 worth; /* heat spent on a byte of its code in one boot, the most of all, as a power of two */
    s32 heat; /* left in this tier; INT32_MAX: not counted */
    u32 reserved2;
    u64 calls, ticks, ticks_min, ticks_max; /* over all boots; 0 without measuring */
};

/* Behind it nboots struct state_boot, the oldest first: the last STATE_BOOTS_MAX that there were. */
#define STATE_BOOTS_MAX 64
struct state_history {
    u32 nboots, reserved;
};
enum state_boot_flags {
    STATE_BOOT_ENDED = 1,     /* the app ended; without it power was lost, or it runs still */
    STATE_BOOT_CONVERGED = 2, /* at its end nothing was expected to change any more */
};
struct state_boot { /* ticks are those of the machine that ran it; times from its first instruction on */
    u32 number;     /* 1: the first */
    u32 flags;
    u32 new_functions; /* that ran for the first time */
    u32 changes;       /* tiers that changed by compiling, compilations that failed */
    u32 compilations;
    u32 dead_functions; /* of the module, that never ran, in no boot so far */
    u64 dead_bytes;     /* of their code */
    u64 code_bytes;     /* of compiled code, at the end */
    u64 ticks_compiler;
    u64 ticks_settling;     /* of these, after the app had ended */
    u64 ticks_first_wasm;   /* when the first instruction of the app ran */
    u64 ticks_first_output; /* when it first wrote; 0: never */
    u64 ticks_peak;         /* when the last code was installed, or the app began */
    u64 ticks_work;         /* the app's own time */
    u64 ticks_quiet;        /* from its last change, or its beginning, to its end */
    u32 tiers[5];           /* functions that ran so far, by tier (enum jit_tier) */
    u32 reserved;
};

#endif
