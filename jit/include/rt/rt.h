/* rt.h: what a running instance is: values, functions, memories, tables, globals, calls between tiers.
 *
 * This room survives export into an appliance: it sees only kernel_lib. Layouts marked ABI are named by
 * compiled code through rt_layout.h (offsets derive from these structs by offsetof).
 *
 * One thread runs guests at a time (`rt_thread` is the one). */
#ifndef JIT_RT_H
#define JIT_RT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "status.h"

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;
typedef int8_t s8;
typedef int16_t s16;
typedef int32_t s32;
typedef int64_t s64;
typedef float f32;
typedef double f64;

/* --- Values. One operand is one cell; i32 and f32 use the low half (the high half is undefined). A v128
 * takes two cells, low half first. References are pointers, NULL is null. --- */
typedef u64 rt_cell;

/* Value types: WebAssembly's own encoding in the low byte. A reference has RT_NONNULL where it cannot be
 * null; one to functions of a signature has RT_SIGREF in the low byte and the signature's id in bits 8 to 30,
 * so that equal types have equal numbers in all modules of the process. */
typedef u32 rt_type;
#define RT_I32       0x7fu
#define RT_I64       0x7eu
#define RT_F32       0x7du
#define RT_F64       0x7cu
#define RT_V128      0x7bu
#define RT_FUNCREF   0x70u
#define RT_EXTERNREF 0x6fu
#define RT_EXNREF    0x69u
#define RT_SIGREF    0x63u
#define RT_NONNULL   0x80000000u
#define RT_SIG_IDS   0x800000u /* signatures that references can name */
static inline bool rt_type_is_ref(rt_type t)
{
    u8 kind = (u8)t;
    return kind == RT_FUNCREF || kind == RT_EXTERNREF || kind == RT_EXNREF || kind == RT_SIGREF;
}
/* The nullable reference to functions of a signature, and back. */
static inline rt_type rt_type_of_sig(u32 sig_id)
{
    return RT_SIGREF | sig_id << 8;
}
static inline u32 rt_type_sig_id(rt_type t)
{
    return (t & ~RT_NONNULL) >> 8;
}
/* Whether a value of type `sub` is one of type `super` too. */
static inline bool rt_type_matches(rt_type sub, rt_type super)
{
    if (sub == super || (sub & ~RT_NONNULL) == super)
        return true;
    return (u8)sub == RT_SIGREF && (super & ~RT_NONNULL) == RT_FUNCREF && (sub | ~super) >> 31;
}
/* Cells of a value. */
static inline u32 rt_type_cells(rt_type t)
{
    return t == RT_V128 ? 2 : 1;
}
static inline bool rt_type_is_fp(rt_type t)
{
    return t == RT_F32 || t == RT_F64;
}

enum rt_trap {
#define TRAP(id, text) TRAP_##id,
#include "traps.def"
#undef TRAP
    TRAP_COUNT
};
const char *rt_trap_text(enum rt_trap t);

/* --- Signatures: interned for the life of the process, so equal types have equal ids. --- */
struct rt_sig {
    u32 id; /* 1.. */
    u16 nparams, nresults;
    const rt_type *types;          /* params, then results */
    u16 param_cells, result_cells; /* a v128 has two */
};
/* Interns; copies `types`. NULL: memory is used up. */
const struct rt_sig *rt_sig_get(const rt_type *types, u32 nparams, u32 nresults);
/* Cells that a call's arguments and results share: the larger of the two counts. */
static inline u32 rt_sig_cells(const struct rt_sig *s)
{
    return s->param_cells > s->result_cells ? s->param_cells : s->result_cells;
}

/* --- Functions. One rt_func per function of an instance is its SLOT: callers of every tier go through it,
 * and a funcref is a pointer to it. Two entries always work, whatever tier the function is in:
 *
 *   cells   void cells(struct rt_func *f, rt_cell *cells): arguments in cells[0..nparams), results are
 * written to cells[0..nresults). The caller provides rt_sig_cells() cells (callees may also use what lies
 * above, up to rt_thread.cells_end; see interp.h). It may return before the call has ended: rt_thread.tail
 * then names the function to call in its place, with the arguments in cells. Hence rt_cells_call().
 *
 *   native  the System V x86-64 calling convention, but nothing on the stack: rdi = the callee's instance,
 * then the parameters as i32, i64, pointers in rsi rdx rcx r8 r9, as float, double, vectors in xmm0..7; those
 * that find no register are in rt_thread.args, in order, one cell each and two for a v128, written just
 * before the call and read before anything else. r10 = the slot itself (compiled code ignores it; the adapter
 * of functions that have no compiled code needs it). The first result returns in rax/xmm0; results 2..n are
 * in rt_thread.results[1..n) on return, valid until the next call. A tail call is a jump to a native entry
 * with the stack as it was at the caller's. --- */
#define RT_NATIVE_GPRS 6 /* the instance's included */
#define RT_NATIVE_XMMS 8
#define RT_HEAT_CALL   8 /* what a call counts in back-edges */
struct rt_instance;
struct rt_func;
typedef void (*rt_cells_fn)(struct rt_func *f, rt_cell *cells);
typedef enum rt_trap (*rt_host_fn)(void *env, struct rt_instance *caller, rt_cell *cells);

struct rt_func { /* ABI, 64 bytes */
    void *native;
    struct rt_instance *inst; /* instance whose code it is; host functions: NULL, or what their code wants */
    rt_cells_fn cells;
    u32 sig_id;   /* == sig->id */
    u32 index;    /* in the module's function index space */
    s32 heat;     /* counts down: calls by RT_HEAT_CALL, back-edges by 1; below zero the tier manager is
                     asked (interp_on_hot*, rt_h_tier_up), which sets it anew */
    u8 tier;      /* enum jit_tier of the code behind `native`; 0: interpreter or host */
    u8 flags;     /* RT_FUNC_* */
    bool entered; /* code of the baseline sets it at each call */
    u8 reserved;
    const struct rt_sig *sig;
    void *code; /* interpreter code of this function, NULL until its first call; host functions: `env` */
    void *host; /* rt_host_fn of a host function, else the tier manager's record */
};
_Static_assert(sizeof(struct rt_func) == 64, "a slot is a cache line");

/* Calls the cells entry of `f`, and then what tail calls lead to. Whoever wants results calls this. */
void rt_cells_call(struct rt_func *f, rt_cell *cells);
/* Native entry of every function without compiled code: turns a native call into a `cells` call by the slot's
 * signature (r10 = slot). Where that ends in a tail call of compiled code, it jumps there. In rt_stubs. */
void rt_native_adapter(void);
/* `cells` entry of every function with compiled code: turns a cells call into a native call of f->native. */
void rt_cells_to_native(struct rt_func *f, rt_cell *cells);
/* `cells` entry of host functions: calls `host` and throws what it returns if that is not TRAP_NONE. */
void rt_cells_to_host(struct rt_func *f, rt_cell *cells);
/* Makes `f` (the caller's storage) the slot of host function `fn`, which gets `env`. */
static inline void rt_func_init_host(struct rt_func *f, const struct rt_sig *sig, rt_host_fn fn, void *env)
{
    *f = (struct rt_func){.native = (void *)rt_native_adapter,
                          .cells = rt_cells_to_host,
                          .sig_id = sig->id,
                          .sig = sig,
                          .code = env,
                          .host = (void *)fn};
}

#define RT_FUNC_NATIVE_HOST                                                                                  \
    1 /* a host function as in rt_func_init_native(): `native`, `inst` never change                          \
       */
/* The same for one that is called as a native entry is, with `env` as its first parameter: nothing stands
 * between it and compiled code, so that rt_before_host is not told, and code may bind it for good. It may end
 * the call by rt_trap(). */
static inline void rt_func_init_native(struct rt_func *f, const struct rt_sig *sig, void *native, void *env)
{
    *f = (struct rt_func){.native = native,
                          .inst = (struct rt_instance *)env,
                          .cells = rt_cells_to_native,
                          .sig_id = sig->id,
                          .flags = RT_FUNC_NATIVE_HOST,
                          .sig = sig};
}

/* --- Memories, tables, globals. --- */
#define RT_PAGE 65536u
struct rt_memory {    /* ABI */
    u8 *base;         /* never moves */
    u64 bytes;        /* current size; accesses at or above it trap */
    u64 max_pages;    /* declared maximum, or the limit */
    u64 reserved;     /* bytes of address space reserved from base */
    u32 refs;         /* instances (and hosts) that hold it */
    bool fixed;       /* base == MAP_MEM0_BASE */
    bool guarded;     /* any 32-bit index + 32-bit offset faults instead of reaching foreign memory */
    bool no_max;      /* declared without a maximum; matters for matching imports only */
    bool is64;        /* declared with 64-bit addresses */
    bool stays_short; /* compiled code relies on it: does not grow beyond RT_SHORT_MEMORY */
};
/* Before and behind a memory at MAP_MEM0_BASE that is no longer than RT_SHORT_MEMORY, as many bytes of 4 GiB
 * are out of bounds. Code of the optimising tiers is simpler then (jit/llvm/llvm_addresses.cpp). */
#define RT_SHORT_MEMORY_GAP (16u << 20)
#define RT_SHORT_MEMORY     ((1ull << 32) - RT_SHORT_MEMORY_GAP)
/* Creates a memory of `min` pages. `fixed`: at MAP_MEM0_BASE (E_LIMIT if the slot is taken or not available).
 */
MUST_CHECK status rt_memory_create(u64 min, u64 max, bool fixed, struct rt_memory **out);
void rt_memory_release(struct rt_memory *m);
/* Grows; returns the old size in pages or UINT64_MAX when it cannot. */
u64 rt_memory_grow(struct rt_memory *m, u64 delta_pages);
/* Upper bound for every memory, from --max-memory; default 65536 pages. */
extern u64 rt_memory_limit_pages;

#define RT_TABLE_MAX 10000000u /* elements of one table (docs/limits.md) */
struct rt_table {              /* ABI */
    void **elems;              /* struct rt_func * or host references */
    u64 size;
    u64 max;
    u64 capacity;
    rt_type type;
    u32 refs;
    bool no_max, is64;            /* as in rt_memory */
    struct rt_table *prev, *next; /* among all tables */
};
MUST_CHECK status rt_table_create(rt_type type, u64 min, u64 max, struct rt_table **out);
void rt_table_release(struct rt_table *t);
u64 rt_table_grow(struct rt_table *t, u64 delta, void *init); /* old size or UINT64_MAX */

struct rt_global { /* ABI: the value first */
    rt_cell value[2];
    rt_type type;
    bool mut;
    u32 refs; /* 0: lives inside an instance's block */
    struct rt_instance *owner;
};

/* An exception tag: its identity is its address. */
struct rt_tag {
    const struct rt_sig *sig; /* the parameters are the exception's values */
    struct rt_instance *owner;
};

/* --- Exceptions. An exnref is a pointer to an object, which lives as long as it is found: on the machine
 * stack and the value stack, in globals and tables of exnref, in the values of another exception that is
 * found, in rt_thread. Whoever keeps one elsewhere (a host between two calls) must not count on it. --- */
struct rt_exn { /* ABI: tag, cells */
    const struct rt_tag *tag;
    struct rt_exn *gray; /* while objects are collected */
    u32 ncells;
    bool marked;
    rt_cell cells[];
};
/* Copies the tag's cells. Traps with TRAP_OUT_OF_MEMORY; otherwise never NULL. */
struct rt_exn *rt_exn_new(const struct rt_tag *tag, const rt_cell *cells);
/* Objects alive and not yet reclaimed. */
u64 rt_exn_count(void);

/* One place to come back to when something is thrown, on the stack of whoever catches. */
enum { RT_HANDLER_RSP = 6, RT_HANDLER_RETURN = 7 };
struct rt_handler { /* ABI */
    u64 regs[8];    /* rbx rbp r12 r13 r14 r15, rsp after the return, return address */
    void *target;   /* rt_try_call: the native entry to call */
    void *slot;     /* rt_try_call: r10 at that entry */
    struct rt_handler *prev;
    struct rt_activation *interp_top;
    rt_cell *cells_top;
};
/* A native call that catches. For compiled code: r10 = a struct rt_handler whose `target` and `slot` are
 * filled in, everything else as for `target` itself, and so are the results. Returns once: normally with
 * rt_thread.exception == NULL, or because something was thrown with rt_thread.exception != NULL (results are
 * undefined then); the caller must set it to NULL before it goes on. One record serves all calls of a frame.
 * Registers are as after any call: callee-saved ones are kept in both cases. */
void rt_try_call(void);
/* The same for C: calls fn(arg). */
void rt_try_run(struct rt_handler *h, void (*fn)(void *arg), void *arg);
/* Goes on at the innermost record of this rt_call; without one the call ends with TRAP_UNCAUGHT_EXCEPTION
 * and `e` is in rt_thread.uncaught. A host function that gets this trap from an rt_call and returns it passes
 * the exception on to its caller. */
_Noreturn void rt_throw(struct rt_exn *e);

/* --- Instances. One block of memory: this head, then own globals, own functions, and the pointer arrays, at
 * offsets that depend on the module alone (rt_layout), so that compiled code names all of it from one base.
 * --- */
struct rt_layout {                    /* derived from the module's counts; byte offsets from the instance */
    u32 own_globals, own_funcs;       /* arrays of structs */
    u32 own_mems, own_tables;         /* where the own ones start in the pointer arrays below */
    u32 mems, tables, globals, funcs; /* arrays of pointers over the index spaces, imports first */
    u32 size;
    u32 nmems, ntables, nglobals, nfuncs; /* with imports */
    u32 imp_mems, imp_tables, imp_globals, imp_funcs;
};
struct rt_segment { /* passive or not yet dropped data: bytes; elements: references */
    const void *data;
    u64 len; /* 0 once dropped */
};
struct rt_instance { /* ABI: the first five fields */
    struct rt_memory **mems;
    struct rt_table **tables;
    struct rt_global **globals;
    struct rt_func **funcs;
    struct rt_func *own_funcs;
    const struct rt_layout *layout;
    const void *module;              /* struct wasm_module */
    struct rt_segment *data, *elems; /* heap blocks or NULL, freed with the instance */
    u32 ndata, nelems;
    bool fixed;   /* this block is at MAP_DATA_BASE: compiled code may name it as a constant */
    void *engine; /* struct engine instance of the room above */
    struct rt_tag *
        *tags; /* heap block with the own tags behind the pointers, freed with the instance; or NULL */
    struct rt_instance *prev, *next; /* among all instances */
};
void rt_layout_init(struct rt_layout *l, u32 nmems, u32 ntables, u32 nglobals, u32 nfuncs, u32 imp_mems,
                    u32 imp_tables, u32 imp_globals, u32 imp_funcs);
/* Allocates and wires one block. `fixed`: at MAP_DATA_BASE (E_LIMIT if it is taken). Own globals, functions
 * zeroed; pointer arrays point to the own parts; the caller fills imports. */
MUST_CHECK status rt_instance_create(const struct rt_layout *l, bool fixed, struct rt_instance **out);
/* Releases every memory and table in the pointer arrays (filling in an import therefore adds a reference) and
 * the block; segments, imported globals and functions are their owners'. NULL is fine. */
void rt_instance_destroy(struct rt_instance *i);

/* --- The running thread. --- */
#define RT_PARAMS_MAX  1000 /* parameters, results of one function type (docs/limits.md) */
#define RT_RESULTS_MAX 1000
#define RT_FRAMES_MAX  64
struct rt_frame_record {        /* one line of a wasm backtrace */
    const struct rt_func *func; /* NULL: host */
    u32 tier;
    u64 offset; /* byte offset of the instruction in the module, or ERR_NO_OFFSET */
};
struct rt_catch { /* one call boundary; saved callee-saved registers first (rt_stubs) */
    u64 regs[8];
    struct rt_catch *prev;
    void *interp_top;
    rt_cell *cells_top;
    struct rt_handler *handler_top;
};
/* Head of an interpreter activation on the C stack: the interpreter links one per running frame, so that a
 * backtrace can merge them with compiled frames by address. */
struct rt_activation {
    struct rt_activation *prev;
    struct rt_func *func;
    const void *ip; /* last instruction that could trap or call */
};

/* --- Places of compiled code where a kernel stands for the code behind it (jit/patterns): what that code and
 * whoever compares the two tell each other. Nothing here is used where there is no compiler. --- */
#define RT_SITES       256 /* places that can be compared */
#define RT_SITE_RANGES 4
#define RT_SITE_VALUES 4
enum rt_site_turn { RT_SITE_KERNEL, RT_SITE_ORIGINAL, RT_SITE_BOTH };
enum rt_site_type { RT_SITE_BITS, RT_SITE_F32, RT_SITE_F64 };
struct rt_site_range { /* ABI; bytes of linear memory */
    u8 *from, *to;
    u64 type; /* of what is in them */
};
struct rt_site_call { /* ABI; filled in by compiled code before it asks */
    u32 noutputs, ninputs, nvalues;
    u32 unordered; /* RT_SITE_F32, RT_SITE_F64: sums may differ by rounding */
    u64 terms;     /* of such a sum, each a product of one number from every input, or the like */
    struct rt_site_range outputs[RT_SITE_RANGES], inputs[RT_SITE_RANGES];
    u64 kernel[RT_SITE_VALUES], original[RT_SITE_VALUES]; /* results that are no memory */
    u64 types[RT_SITE_VALUES];
};
struct rt_sites {              /* ABI */
    s32 left[RT_SITES];        /* calls until `begin` is asked whose turn it is */
    u32 (*begin)(u32 site);    /* enum rt_site_turn. BOTH: the kernel runs, */
    void (*between)(u32 site); /* then the original code, on the same memory, and its results stay */
    void (*end)(u32 site);
    struct rt_site_call call;
};

struct rt_thread {         /* ABI: stack_limit, exception, tail, fuel, ticks_excluded, args, results, sites */
    uintptr_t stack_limit; /* calls with sp below it trap with TRAP_STACK_EXHAUSTED */
    rt_cell *cells_top, *cells_end; /* free part of the interpreter's value stack. Calls of a `cells` entry
                                       take what lies above their cells; whoever enters native code or a host
                                       function from the interpreter sets cells_top above its frame
                                       (rt_cells_to_native and rt_cells_to_host do, and set it back) */
    struct rt_activation *interp_top;
    struct rt_catch *catch_top;
    struct rt_handler *handler_top; /* of the innermost rt_call */
    struct rt_exn *exception;       /* not NULL only between a throw and whoever catches it */
    struct rt_exn *uncaught;        /* of the last rt_call that ended with TRAP_UNCAUGHT_EXCEPTION */
    struct rt_func *tail; /* see `cells`; NULL but on the way from a callee to rt_cells_call() or the like */
    enum rt_trap trap;    /* of the last rt_call that ended early */
    u32 exit_code;
    s64 fuel;           /* with rt_fuel_limited: what is left; below zero after TRAP_FUEL */
    u64 ticks_excluded; /* spent in the compiler so far: calls that were running are not charged for it */
    u64 fault_addr;
    u32 nframes;
    struct rt_frame_record frames[RT_FRAMES_MAX];
    rt_cell args[2 * RT_PARAMS_MAX];
    rt_cell results[2 * RT_RESULTS_MAX];
    struct rt_sites sites;
    const u8 *resume; /* where an activation goes on that begins in the middle (baseline.h) */
};
extern struct rt_thread rt_thread;

/* Time: `ns` from now the guest that runs, and every one that is called after that, ends with TRAP_TIMEOUT,
 * until rt_timeout_stop(). Guest code is interrupted wherever it is; what the runtime, a host function or the
 * compiler does goes on to its end. After rt_thread_init. E_UNSUPPORTED: there is no timer. */
MUST_CHECK status rt_timeout_start(u64 ns);
void rt_timeout_stop(void);
/* The time is over; also makes every call by a guest look at its stack, which then says TRAP_TIMEOUT. */
static inline bool rt_timed_out(void)
{
    return rt_thread.stack_limit == UINTPTR_MAX;
}

/* Whether `pc` is an instruction of a guest: there the engine holds nothing and is in the middle of nothing,
 * so that an interrupt may do what a host function may, but call guests. */
bool rt_is_guest(uintptr_t pc);
/* Not NULL: called by each call of a host function, before it. Stands where it can be set in an interrupt. */
extern void (*volatile rt_before_host)(void);

/* Whether guests use up rt_thread.fuel: set before the first function is lowered or compiled, because only
 * then code carries the charges (wasm_fuel.h has the costs). */
extern bool rt_fuel_limited;
#define RT_FUEL_BULK 64 /* bytes or elements of a bulk operation that cost one unit more */

static inline struct rt_func *rt_take_tail(void)
{
    struct rt_func *f = rt_thread.tail;
    rt_thread.tail = NULL;
    return f;
}

/* Prepares rt_thread for the calling thread's stack and allocates the value stack. Once. E_LIMIT: the stack
 * is too small, E_NOMEM. */
MUST_CHECK status rt_thread_init(void);

/* The value stack is committed as it is used. Slow path of every frame: whoever needs cells up to `end`
 * (exclusive) tests `end > rt_thread.cells_end` and then calls this. True: cells_end is now at or above
 * `end`. False: the stack is full, trap with TRAP_STACK_EXHAUSTED. */
bool rt_cells_reserve(const rt_cell *end);
/* Where the value stack begins, and its bytes. */
size_t rt_cells_bounds(const rt_cell **base);

/* THE call boundary: calls `f` with cells; a trap (or exit) below it unwinds to here. Returns TRAP_NONE when
 * the results are in cells. Nests (host functions may call). On a trap rt_thread.frames holds the backtrace.
 * `cells` need not be on the value stack. */
MUST_CHECK enum rt_trap rt_call(struct rt_func *f, rt_cell *cells);
/* Ends the innermost rt_call. Called by interpreter, helpers and compiled code (through rt_h_trap). */
_Noreturn void rt_trap(enum rt_trap t);

/* --- Compiled code: from a program counter to a function. --- */
struct rt_code {
    /* Byte offset in the module of the instruction whose code `pc` is in; may be NULL. */
    u64 (*offset_of)(const struct rt_code *c, uintptr_t pc);
    uintptr_t start, end;
    struct rt_func *func; /* may be NULL for shared code without instance */
    u32 func_index;
    u8 tier;
    bool osr; /* entered at a loop: what it calls is another call, if it is of the same function */
};
MUST_CHECK status rt_code_add(const struct rt_code *c); /* kept sorted; copied */
void rt_code_remove(uintptr_t start);
const struct rt_code *rt_code_find(uintptr_t pc); /* NULL: not compiled code */

/* DEFINED ABOVE (jit/interp): byte offset in the module of interpreter instruction `ip` of `f`. */
u64 interp_offset_of(const struct rt_func *f, const void *ip);
/* DEFINED ABOVE (jit/interp): whether `pc` is in code that the interpreter made of `f` (interp_copy.h): then
 * it stands in the place of an `ip`. */
bool interp_copy_contains(const struct rt_func *f, uintptr_t pc);
/* DEFINED ABOVE (jit/interp): bounds of the interpreter's handlers, whose memory faults are guest traps. */
extern const u8
    interp_text_start[] __asm__("__start_interp_text"); /* section interp_text; the linker's names */
extern const u8 interp_text_end[] __asm__("__stop_interp_text");

#endif
