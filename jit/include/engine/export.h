/* export.h: an appliance made of an app that has run: the runtime (runtime.elf) with app, code and default
 * arguments behind it (payload.h).
 *
 * The same in the command and in the image; neither needs a linker. The result depends on the app, on what of
 * it was hot and on the processors asked for alone: the same inputs give the same bytes. */
#ifndef JIT_EXPORT_H
#define JIT_EXPORT_H

#include "inst_state.h"
#include "options.h"
#include "rt.h"
#include "tier_state.h"

#define EXPORT_CPUS_MAX 8

/* The runtime of appliances, in programs that link obj/runtime_elf.o. */
extern const u8 runtime_elf[], runtime_elf_end[];

/* Where the appliance goes: `begin` once with its length and checksum (XXH64, seed 0), then its bytes in
 * pieces. An error of either ends the export. */
struct export_sink {
    status (*begin)(void *env, u64 bytes, u64 xxh64, struct err *e);
    status (*bytes)(void *env, const void *data, size_t len, struct err *e);
    void *env;
};
struct export_config {
    const u8 *module; /* the .wasm that the instance was made of */
    size_t module_bytes;
    int argc; /* default arguments; argv[0] is the program's name as the app sees it */
    const char *const *argv;
    struct options_list options; /* that it has by default (struct options, kept) */
    char cpu_text[256];
    const char *cpu[EXPORT_CPUS_MAX]; /* processors to make code for, the best first (export_cpus) */
    u32 ncpus;
    enum tier_export_code code; /* which functions are compiled; what is not warm is made small */
    bool unlimited;             /* all of these, however large the appliance becomes */
    enum inst_phase state;      /* where the app begins: INST_NONE, INST_INITIALISED, INST_WARM */
    struct inst_state kept;     /* what export_prepare() let the run leave */
    u8 *module_rest;
    size_t module_rest_bytes;
    const u8 *runtime;
    size_t runtime_bytes;
};
/* For the processor it is made on, with the runtime above, without an app. */
void export_init(struct export_config *c);
/* Takes a list with commas; false: it is none. */
bool export_cpus(struct export_config *c, const char *list);
/* Takes hot, called or all; false: it is something else. */
bool export_code(struct export_config *c, const char *name);

/* Takes none, init or warm; false: it is something else. */
bool export_state(struct export_config *c, const char *name);
/* Last, before the run whose options these are: it will leave in `c` what the appliance begins with. E_INVAL:
 * such a run cannot. */
MUST_CHECK status export_prepare(struct export_config *c, struct options *o, struct err *e);

struct export_result {
    u64 bytes;             /* of the appliance */
    u32 functions, failed; /* compiled for each processor; that could not be, altogether */
    u32 left_out;          /* that were called but for which there was no room */
};
/* Nothing of `i` may run any more, and nothing else is compiled after it. Frees what the run left in `c`.
 * Anything but ST_OK: `e` says why. */
MUST_CHECK status export_appliance(struct rt_instance *i, struct export_config *c,
                                   const struct export_sink *to, struct export_result *out, struct err *e);

#endif
