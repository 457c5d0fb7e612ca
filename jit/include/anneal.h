/* anneal.h: WebAssembly in a C program: link with libanneal.a (see docs/embedding.md and
 * tests/embed/example.c).
 *
 * One engine per process, used by one thread at a time. Every object belongs to the caller until its _delete;
 * delete instances before their module, modules before the engine. Functions that can fail return false or
 * NULL; then anneal_error() says why in one sentence. A guest's trap is a failure of anneal_call, never a
 * crash of the host. */
#ifndef ANNEAL_H
#define ANNEAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct anneal_engine anneal_engine;
typedef struct anneal_module anneal_module;
typedef struct anneal_instance anneal_instance;
typedef struct anneal_func anneal_func;

/* --- Configuration. Zero-initialised means: all defaults. --- */
enum anneal_tier { ANNEAL_AUTO, ANNEAL_INTERP, ANNEAL_O0, ANNEAL_O1, ANNEAL_O2, ANNEAL_O3 };
typedef struct anneal_config {
    enum anneal_tier tier;
    bool base_memory;    /* address linear memory through a base register even where the fixed slot is free */
    bool profile;        /* count and time every call */
    const char *cpu;     /* NULL: the processor that this runs on */
    uint64_t max_memory; /* bytes of each linear memory; 0: no bound but WebAssembly's */
    uint64_t fuel;       /* instructions that guests may execute, see anneal_fuel_set; 0: no limit */
} anneal_config;

/* --- Values. --- */
enum anneal_type { ANNEAL_I32, ANNEAL_I64, ANNEAL_F32, ANNEAL_F64, ANNEAL_FUNCREF, ANNEAL_EXTERNREF };
typedef struct anneal_value {
    enum anneal_type type;
    union {
        int32_t i32;
        int64_t i64;
        float f32;
        double f64;
        void *ref; /* NULL: the null reference */
    } of;
} anneal_value;

/* --- Engine and modules. --- */
anneal_engine *anneal_engine_new(const anneal_config *config); /* NULL config: defaults */
void anneal_engine_delete(anneal_engine *e);
/* Fuel of an engine whose configuration limits it: all its guests use it up together, alike in every tier
 * (docs/limits.md), and trap with "all fuel used" when it does not suffice. Between calls it can be read and
 * set (also to 0). False: the engine does not limit fuel, or `fuel` is above INT64_MAX. */
bool anneal_fuel_get(const anneal_engine *e, uint64_t *fuel);
bool anneal_fuel_set(anneal_engine *e, uint64_t fuel);
/* Why the last call that failed did so. */
const char *anneal_error(void);
/* Decodes and validates a copy of `bytes`. */
anneal_module *anneal_module_new(anneal_engine *e, const void *bytes, size_t len);
void anneal_module_delete(anneal_module *m);

/* --- Imports: functions of the host. `args` and `results` have the types of the import; results come zeroed
 * with their types set. Returning false traps the guest; if the last anneal_call that it made ended with an
 * exception, that goes on through the guest, which may catch it. --- */
typedef bool (*anneal_host_fn)(void *env, const anneal_value *args, anneal_value *results);
typedef struct anneal_import {
    const char *module, *name;
    anneal_host_fn fn;
    void *env;
} anneal_import;
/* A C function of any prototype. */
typedef void (*anneal_code)(void);
/* Binds an import of the instances of `m` that are made from now on to a C function, which gets `env` and
 * then the import's parameters under their own types (int32_t, int64_t, float, double, void * for references)
 * and returns its result, or nothing; compiled code calls it as C does. `type` says of which type it is, as
 * anneal_func_type() writes it, e.g. "ii_i"; an instance whose import has another type is not made. At most
 * five integers and references, eight floating-point parameters, one result. False: out of memory. */
bool anneal_module_import(anneal_module *m, const char *module, const char *name, const char *type,
                          anneal_code fn, void *env);
/* Traps the guest that called such a function, from inside it; does not return to it. */
_Noreturn void anneal_trap(void);

/* --- Instances. Links, initialises, runs the start function. `wasi` also satisfies imports of WASI preview 1
 * that `imports` does not name: the process's stdin, stdout and stderr, and what is given here, which is
 * copied. Directories are opened for the guest under a name of its own; it cannot leave them. --- */
typedef struct anneal_preopen {
    const char *host, *guest;
} anneal_preopen;
typedef struct anneal_wasi {
    int argc;
    const char *const *argv; /* argv[0] is the program's name */
    size_t nenv;
    const char *const *env; /* "NAME=value" */
    size_t npreopens;
    const anneal_preopen *preopens;
} anneal_wasi;
anneal_instance *anneal_instance_new(anneal_module *m, const anneal_import *imports, size_t nimports,
                                     const anneal_wasi *wasi);
void anneal_instance_delete(anneal_instance *i);

/* An exported function, valid as long as its instance. */
anneal_func *anneal_instance_func(anneal_instance *i, const char *name);
/* Parameter and result types as text, one letter each: i i32, l i64, f f32, d f64, r reference; e.g. "ii_i".
 */
size_t anneal_func_type(const anneal_func *f, char *buf, size_t size);
/* Typed call: checks number and types of the arguments against the function, fills `results` with types and
 * values. False on a wrong type and on a trap; anneal_error() then is "trap: ..." or "uncaught exception:
 * ...". A WASI exit is a failure with anneal_exit_code(). */
bool anneal_call(anneal_func *f, const anneal_value *args, size_t nargs, anneal_value *results,
                 size_t nresults);
/* An export as a C function, e.g. int32_t (*)(int32_t, int32_t) for "ii_i": the fastest way in, about as a
 * call through a pointer, in whatever tier the function is then. Obtained once, valid as long as the
 * instance; cast it to its prototype. `type` must be the function's. NULL: no such export, another type, or
 * one that does not fit (the bounds are those of anneal_module_import). A call that traps returns zero;
 * results mean nothing until anneal_typed_trapped() has said that none did. */
anneal_code anneal_instance_typed(anneal_instance *i, const char *name, const char *type);
/* Whether a typed call has trapped since this was asked last; then anneal_error() and anneal_exit_code() are
 * those of the last one that did. */
bool anneal_typed_trapped(void);
/* The code of the proc_exit that ended the last anneal_call; -1: it did not end so. */
int anneal_exit_code(void);

/* A view of the exported memory `name`: bytes from its start, valid until it grows. False: no such memory. */
bool anneal_memory_view(anneal_instance *i, const char *name, uint8_t **data, size_t *size);

/* 0 interpreter, 1 O0 .. 4 O3. */
int anneal_func_tier(const anneal_func *f);

#ifdef __cplusplus
}
#endif
#endif
