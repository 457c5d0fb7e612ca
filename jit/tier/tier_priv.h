/* tier_priv.h: shared inside jit/tier. */
#ifndef JIT_TIER_PRIV_H
#define JIT_TIER_PRIV_H

#include "baseline.h"
#include "obj.h"
#include "prof.h"
#include "tier.h"
#include "tier_tuning.h"

/* A finished compilation; lives as long as a slot names it or a frame is in it. */
struct tier_code {
    struct llvm_unit unit; /* `funcs` is a heap block of this struct */
    struct llvm_code llvm; /* with tier_cfg.objects only the ticks */
    struct obj obj;        /* with tier_cfg.objects: the code */
    u8 *packed;            /* and what it was loaded from */
    size_t packed_bytes;
    u64 code_bytes;
    uintptr_t text_start, text_end;
    bool stored; /* was loaded from a state */
    u32 live;    /* slots (and OSR entries) that name it */
    struct tier_code *next;
};

/* What a compilation gives, before anything of it is installed. */
struct tier_made {
    bool ok;
    enum bailout why;      /* not ok */
    struct llvm_code llvm; /* ok */
    u8 *packed;            /* with tier_cfg.objects; owned by this struct */
    size_t packed_bytes;
    u64 ticks;
};

/* Code for a loop that was left in the middle of a call. */
struct tier_osr {
    u32 loop;
    bool asked;             /* it waits for the worker */
    struct tier_code *code; /* NULL: compilation failed, do not ask again */
    void (*enter)(struct rt_instance *i, rt_cell *frame);
    struct tier_osr *next;
};

struct tier_before { /* what earlier boots left */
    bool ran, warm;
    u8 tier, worth;
    s32 heat; /* left in that tier */
    struct prof_func prof;
};

struct tier_record {       /* what rt_func.host points to */
    struct prof_func prof; /* first, and then `counts`: struct prof_record */
    u32 *counts;           /* as long as the function lives, once there is code that counts */
    bool counted;          /* in code of the baseline: O1 need not */
    struct tier_change *changes;
    u32 nchanges, changes_cap;
    u8 *seen;       /* by arm (wasm_arms.h): whether it was reached; NULL: nobody asks */
    u32 *arm_bytes; /* bytes of code of each arm, and then, before the first; NULL: not looked at so far */
    u64 left;       /* times that its code was left at an arm that it does not have, since it was compiled */
    u32 recompiled; /* times that it was compiled anew because of that */
    bool anew;      /* to be compiled in its tier again */
    u32 *callees;   /* functions called directly, each once */
    u32 ncallees;
    bool scanned;
    bool straight_to_final; /* its loops were hot enough for OSR: the next call skips the tiers between */
    u8 bailout;             /* of the last compilation that failed, for the report */
    bool together;          /* to be compiled at O3 (again), in one unit with whoever calls it */
    bool alone;             /* a compilation together with others failed */
    bool on_desk;           /* the worker has it, as a root */
    bool stuck;             /* a climb failed: stays where it is */
    u8 copy_tier;           /* highest tier of a unit that holds a copy of it */
    s32 heat_set;           /* what rt_func.heat was set to last */
    s32 heat_left;          /* in the interpreter: and what is still to come before it climbs */
    s32 slice;              /* in the interpreter: heat from one look to the next */
    u64 looked;             /* plat_ticks() of the last look */
    u64 heat_spent;         /* in this boot, before that */
    u64 heat_before;        /* tier_heat_spent() when its code was installed, */
    u64 since, cost;        /* plat_ticks() then, and what compiling it took */
    struct baseline_code *baseline; /* while it is in the interpreter, and as long as frames may be in it */
    struct tier_code *code;
    struct tier_osr *osr;
    struct tier_before before;
    u32 osr_waits;            /* times that a loop was hot which is not the one that code was loaded for */
    const rt_cell *hot_frame; /* activation that is watched: its loop may be worth leaving */
    u64 hot_since, hot_heat;  /* ticks outside of the compiler, and tier_heat_spent(), when that began */
    u32 osr_misses;           /* times that a loop was worth leaving which is not the one that has code */
    bool called_hot;          /* in the interpreter: called again since it got hot */
};

_Static_assert(offsetof(struct tier_record, prof) == offsetof(struct prof_record, func) &&
                   offsetof(struct tier_record, counts) == offsetof(struct prof_record, counts),
               "compiled code finds them there");

extern struct tier_config tier_cfg;
extern struct tier_totals tier_sum;

static inline struct tier_record *tier_record_of(const struct rt_func *f)
{
    return (struct tier_record *)f->host;
}
static inline struct rt_func *tier_own_func(struct rt_instance *i, u32 func)
{
    return &i->own_funcs[func - i->layout->imp_funcs];
}
/* Bytes of its WebAssembly code. */
static inline u32 tier_size(const struct rt_func *f)
{
    return wasm_module_of(f->inst)->funcs[f->index].size;
}

/* Heat of an interpreted function whose loop has code from an earlier boot: enough for one call. */
#define TIER_HEAT_LOADED_OSR (2 * RT_HEAT_CALL)

/* tier.c: sets what `f` runs next time. */
void tier_set_interpreter(struct rt_func *f);
void tier_set_interpreter_entry(struct rt_func *f); /* only rt_func.cells */
void tier_set_compiled(struct rt_func *f, void *entry, struct tier_code *code, enum jit_tier t,
                       u64 compile_ticks);
/* Code of tier `t` for `i` is about to be used: memory 0 keeps to what llvm_unit.short_mem promised. */
void tier_rely_on_memory(struct rt_instance *i, enum jit_tier t);
void tier_note_change(struct rt_func *f, struct tier_change c);
/* The ladder's next step; O3 if there is none, which tier_config allows. */
enum jit_tier tier_next(enum jit_tier t);
/* Heat that makes a function warm: HEAT_WARM, or less when it climbs earlier. */
u32 tier_heat_warm(void);
void tier_set_heat(struct rt_func *f);
/* Sets the counter to something else, for a while. */
void tier_borrow_heat(struct rt_func *f, s32 heat);
/* Heat that `f` spent in this boot, in all tiers. */
u64 tier_heat_spent(const struct rt_func *f);
/* How much a byte of its code is worth in an export, in powers of two: what was run of it, in this boot or
 * the one before in which it was most. */
u8 tier_worth(const struct rt_func *f);
void tier_heat_forget(struct rt_func *f);
/* A slot or a loop got code, or a compilation failed. `stored`: nothing was compiled for it. */
void tier_count_change(bool stored);
/* Whether code of `f` below O3 has been there for so long that O3 pays, whatever it gains:
 * PAID_FACTOR, in proportion to the heat that O3 takes. */
bool tier_is_paid(const struct rt_func *f);
/* `heat` for a function of the size of `f`: what has to be spent before compiling it can pay. */
s32 tier_heat_by_size(struct rt_func *f, u32 heat);

/* tier_unit.c: fills `u` for compiling `f` at `t`; `funcs` has room for UNIT_FUNCS. */
void tier_unit_build(struct rt_func *f, enum jit_tier t, bool alone, struct llvm_unit *u,
                     struct llvm_unit_func *funcs);
/* To a unit that was built with `alone`: `f` gets an entry in it, too; and what its functions call joins, or
 * comes as copies. */
void tier_unit_join(struct rt_func *f, struct llvm_unit *u, struct llvm_unit_func *funcs);
void tier_unit_expand(struct llvm_unit *u, struct llvm_unit_func *funcs);
/* The same at O3 with `f` and as many of the functions behind it whose tier is O2 as have room, related or
 * not: where all are compiled at once, few large units cost less than many. */
void tier_unit_fill(struct rt_func *f, struct llvm_unit *u, struct llvm_unit_func *funcs);
/* Fills what does not depend on the functions. */
void tier_unit_init(struct rt_instance *i, enum jit_tier t, struct llvm_unit *u);
/* Scans a body once for direct callees. */
void tier_unit_scan(struct rt_func *f);

/* Makes room for what code of `f` counts. False: out of memory. */
bool tier_unit_count(struct rt_func *f);

/* tier_leave.c: what to compile of `f` (llvm_unit_func.seen), and how many bytes of its code that is. */
const u8 *tier_seen(struct rt_func *f);
u32 tier_reached(struct rt_func *f);
/* The baseline's code of `f`, which is made if there is none; `arms`: with entries at its arms. NULL: it is
 * not a function for the baseline, or there is no memory. */
struct baseline_code *tier_whole(struct rt_func *f, bool arms);

/* tier_climb.c: the unit for entering `f` at a loop. */
void tier_unit_osr(struct rt_func *f, u32 loop, struct llvm_unit *u, struct llvm_unit_func *funcs);

/* tier_compile.c: compiles, on any thread, but one compilation at a time. Nothing but `m` changes. */
void tier_make(const struct llvm_unit *u, struct tier_made *m);
/* Counts and keeps it (tier_code_keep). */
struct tier_code *tier_compile_end(const struct llvm_unit *u, struct tier_made *m, enum bailout *why);
/* Both. NULL: bailed out. */
struct tier_code *tier_compile(const struct llvm_unit *u, enum bailout *why);
/* Also in tier_frozen.c: frees what the compiler made. */
void tier_compile_free(struct llvm_code *c);

/* tier_climb.c, tier_frozen.c: compiles `f` at `t` and installs all roots; false: bailed out, `f` stays where
 * it is. */
bool tier_climb(struct rt_func *f, enum jit_tier t);
/* tier_climb.c: `f` stays where it is. */
void tier_give_up(struct rt_func *f, enum bailout why);

/* tier_queue.c: asks the worker for `f` at `to`, or (`o` not NULL) for code that enters it at that loop, and
 * lends `f` the heat after which it asks again. Where there is no worker, tier_cfg.background ends. */
void tier_queue_ask(struct rt_func *f, enum jit_tier to, struct tier_osr *o);
/* Installs what the worker has finished. False: nothing. */
bool tier_queue_take(void);
/* Forgets what waits of `i`, and waits for what the worker has on its desk: after that, until somebody asks
 * again, compilations on the app's thread are allowed. */
void tier_queue_clear(struct rt_instance *i);
/* The same, but the worker stops (also tier_frozen.c). */
void tier_queue_drop(struct rt_instance *i);

/* tier_baseline.c, tier_frozen.c: `f`, which is in the interpreter, runs machine code made in one pass from
 * its next call on, if the configuration has it and the function is one for it. */
void tier_baseline(struct rt_func *f);

/* tier_install.c: whether the heat that `f` has spent, in this boot or in one before, is worth compiling it.
 */
bool tier_is_warm(const struct rt_func *f);
/* Lets the slots of its roots lead to `c`. */
void tier_install(struct tier_code *c);
struct tier_osr *tier_osr_find(struct tier_record *r, u32 loop); /* NULL: none */
struct tier_osr *tier_osr_add(struct tier_record *r, u32 loop);  /* NULL: out of memory */
/* Makes `c` the entry at its loop. */
void tier_osr_install(struct tier_osr *o, struct tier_code *c);
/* The same of code from a state; E_INVAL (and it is freed): there is one for this loop. */
MUST_CHECK status tier_install_osr(struct tier_code *c, struct err *e);

/* tier_code.c: keeps and frees compiled units. */
/* Takes what `m` holds, loads it if it is an object. NULL: `*why` says why, nothing is kept. */
void tier_made_free(struct tier_made *m); /* what nobody took */
struct tier_code *tier_code_keep(const struct llvm_unit *u, struct tier_made *m, enum bailout *why);
/* The same of a packed object, which is copied. */
MUST_CHECK status tier_code_load(const struct llvm_unit *u, const u8 *packed, size_t bytes,
                                 struct tier_code **out, struct err *e);
/* All that are alive, along `next`. */
const struct tier_code *tier_code_first(void);
/* Native entry of the unit's function `k` if it is a root, else NULL. */
void *tier_code_entry(const struct tier_code *c, u32 k);
void tier_code_drop(struct tier_code *c); /* a slot no longer names it */
void tier_code_collect(void);             /* frees what nothing names and no frame is in */
void tier_code_free_all(struct rt_instance *i);

struct tier_sink;
/* tier_converge.c: the record STATE_HISTORY, written with the present boot at its end; and whether the boot
 * before this one ended by itself. */
MUST_CHECK status tier_history_put(const struct rt_instance *i, const struct tier_sink *to, struct err *e);
MUST_CHECK status tier_history_take(const u8 *bytes, size_t len, struct err *e);
bool tier_boot_before_ended(void);
void tier_history_forget(void); /* a state is going to be loaded */
/* tier_state.c: the record STATE_KEY. */
MUST_CHECK status tier_state_put_key(struct rt_instance *i, const char *cpu, const struct tier_sink *to,
                                     struct err *e);

#endif
