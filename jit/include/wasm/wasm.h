/* wasm.h: a WebAssembly module: decoded and validated once, then read-only for every tier.
 *
 * Decoding copies nothing big: names and bodies point into the caller's bytes, which must outlive the
 * module. Source: WebAssembly 2.0, sections 2, 3 and 5, and the proposals of wasm_features.def. */
#ifndef JIT_WASM_H
#define JIT_WASM_H

#include "heap.h"
#include "rt.h"
#include "status.h"

/* --- Opcodes. --- */
enum wasm_opcode { /* dense ids, not the byte values */
#define OP(id, prefix, code, text, imm, sig, kind, flags, feature) WASM_OP_##id,
#include "wasm_ops.def"
#undef OP
                   WASM_OP_COUNT
};
enum wasm_imm {
    WASM_IMM_NONE,
    WASM_IMM_BLOCKTYPE,
    WASM_IMM_LABEL,
    WASM_IMM_LABELS,
    WASM_IMM_FUNC,
    WASM_IMM_TYPE_TABLE,
    WASM_IMM_TYPES,
    WASM_IMM_LOCAL,
    WASM_IMM_GLOBAL,
    WASM_IMM_TABLE,
    WASM_IMM_MEMARG,
    WASM_IMM_MEM,
    WASM_IMM_I32,
    WASM_IMM_I64,
    WASM_IMM_F32,
    WASM_IMM_F64,
    WASM_IMM_HEAPTYPE,
    WASM_IMM_DATA_MEM,
    WASM_IMM_DATA,
    WASM_IMM_MEM_MEM,
    WASM_IMM_ELEM_TABLE,
    WASM_IMM_ELEM,
    WASM_IMM_TABLE_TABLE,
    WASM_IMM_TYPE,
    WASM_IMM_TAG,
    WASM_IMM_TRY_TABLE,
    WASM_IMM_V128,
    WASM_IMM_SHUFFLE,
    WASM_IMM_LANE,
    WASM_IMM_MEMARG_LANE,
};
enum wasm_kind {
    WASM_KIND_CTL,
    WASM_KIND_CALL,
    WASM_KIND_VAR,
    WASM_KIND_CONST,
    WASM_KIND_ALU,
    WASM_KIND_LOAD,
    WASM_KIND_STORE,
    WASM_KIND_MEMORY,
    WASM_KIND_TABLE,
    WASM_KIND_REF,
    WASM_KIND_SIMD,
};
enum wasm_feature {
#define FEATURE(id, text, tiers, proposal) WASM_FEATURE_##id,
#include "wasm_features.def"
#undef FEATURE
    WASM_FEATURE_COUNT
};
struct wasm_op_info {
    const char *text;
    u8 prefix;
    u16 code; /* as in the binary format */
    u8 imm, kind;
    u8 feature;
    bool may_trap : 1, is_const : 1;
    char result;     /* the letter of the result, '_' if there is none; nothing for SPECIAL */
    const char *sig; /* "ii_i", or "SPECIAL" */
};
extern const struct wasm_op_info wasm_op_info[WASM_OP_COUNT];
extern const char *const wasm_feature_text[WASM_FEATURE_COUNT],
    *const wasm_feature_proposal[WASM_FEATURE_COUNT];
/* Bit sets of enum wasm_feature. Ready: every tier runs it. Forced: tests of the decoder and validator let
 * modules with these pass too, which must not be run then. */
extern const u32 wasm_features_ready;
extern u32 wasm_features_forced;
/* The opcode with this encoding (prefix 0: one byte), or WASM_OP_COUNT. */
enum wasm_opcode wasm_op_find(u8 prefix, u32 code);
/* log2 of the bytes that a load or store accesses; 0 for other instructions. */
u8 wasm_op_align(enum wasm_opcode op);
/* Lanes that a lane immediate chooses from; 0 for other instructions. */
u8 wasm_op_lanes(enum wasm_opcode op);
const char *wasm_type_text(rt_type t); /* "i32", ..., "unknown" */

/* --- Reading code. After validation the readers cannot fail, so tiers use these without checks. --- */
struct wasm_blocktype {
    u32 nparams, nresults;
    const rt_type *params, *results; /* point into the module, or to a static for single results */
};
struct wasm_instr {
    enum wasm_opcode op;
    const u8 *pos, *next; /* first byte of the opcode; first byte behind its immediates */
    union {
        struct wasm_blocktype block;
        struct {
            struct wasm_blocktype type; /* is `block` */
            u32 count;
            const u8 *catches; /* `count` of them, for wasm_read_catch */
        } try_table;
        u32 index;    /* LABEL FUNC LOCAL GLOBAL TABLE MEM DATA ELEM TYPE TAG LANE, HEAPTYPE (the nullable
                         reference as rt_type) */
        u8 bytes[16]; /* V128 SHUFFLE */
        struct {
            u32 a, b;
        } pair; /* TYPE_TABLE: type, table; DATA_MEM: segment, memory; ELEM_TABLE: segment,
                   table; MEM_MEM, TABLE_TABLE: destination, source */
        struct {
            u32 align, mem;
            u64 offset;
            u8 lane; /* MEMARG_LANE */
        } memarg;
        struct {
            u32 count;
            const u8 *labels;
        } br_table;   /* `count` labels and the default follow, LEB128 each */
        rt_type type; /* TYPES (select t) */
        s32 i32;
        s64 i64;
        u32 f32_bits;
        u64 f64_bits;
    } u;
};
struct wasm_module;
/* Reads the instruction at `p` of a VALIDATED body. */
void wasm_read_instr(const struct wasm_module *m, const u8 *p, struct wasm_instr *out);
u32 wasm_read_u32(const u8 **p); /* LEB128 of validated code */
enum wasm_catch_kind { WASM_CATCH, WASM_CATCH_REF, WASM_CATCH_ALL, WASM_CATCH_ALL_REF };
struct wasm_catch {
    enum wasm_catch_kind kind;
    u32 tag;   /* WASM_CATCH and WASM_CATCH_REF */
    u32 label; /* counted from outside of the try_table */
};
/* Reads the clause at *p and moves *p behind it. */
void wasm_read_catch(const u8 **p, struct wasm_catch *out);

/* --- Modules. --- */
enum wasm_extern { WASM_FUNC = 0, WASM_TABLE = 1, WASM_MEMORY = 2, WASM_GLOBAL = 3, WASM_TAG = 4 };
struct wasm_name {
    const char *s;
    u32 len;
}; /* valid UTF-8, not NUL-ended */
struct wasm_limits {
    u64 min, max;
    bool has_max, is64;
};
struct wasm_functype {
    u32 nparams, nresults;
    const rt_type *types; /* params, then results */
    const struct rt_sig *sig;
};
/* A constant expression: validated bytes from `start` up to and including `end`; evaluated at instantiation.
 */
struct wasm_const_expr {
    const u8 *start, *end;
};
struct wasm_tabletype {
    rt_type elem;
    struct wasm_limits limits;
    struct wasm_const_expr init; /* of every element; `start` is NULL: null */
};
struct wasm_memtype {
    struct wasm_limits limits;
};
struct wasm_globaltype {
    rt_type type;
    bool mut;
};
struct wasm_import {
    struct wasm_name module, name;
    enum wasm_extern kind;
    u32 index; /* in the index space of its kind */
};
struct wasm_export {
    struct wasm_name name;
    enum wasm_extern kind;
    u32 index;
};
struct wasm_global {
    struct wasm_globaltype type;
    struct wasm_const_expr init;
};
struct wasm_local_run {
    u32 count;
    rt_type type;
    u32 end;      /* index of the first local behind the run, parameters counted */
    u32 cell_end; /* the same in cells */
};
enum wasm_func_flags {
    WASM_FUNC_EXPORTED = 1,   /* by name: hosts and other modules may call it */
    WASM_FUNC_REFERENCED = 2, /* its reference is taken (element, ref.func): indirect calls may reach it */
    WASM_FUNC_START = 4,      /* the start function */
    WASM_FUNC_CALLS = 8,      /* its body has a call instruction; without it the function is a leaf */
    WASM_FUNC_V128 = 16,      /* a v128 is among its operands; see wasm_func_stack_cells() */
    WASM_FUNC_TAIL_CALLS = 32,
    WASM_FUNC_HANDLERS = 64, /* it catches exceptions */
    WASM_FUNC_THROWS = 128,  /* its body has an instruction that throws */
    WASM_FUNC_SKIPPED = 256, /* of its body only the place is known; see wasm_func_complete() */
};
struct wasm_func {
    u32 type;             /* index into types */
    const u8 *body, *end; /* instructions, `end` is one past the final `end` opcode; NULL for imports */
    u32 nlocals;          /* parameters included */
    u32 local_cells;      /* cells of the locals; equals nlocals without v128 */
    u32 nruns;
    const struct wasm_local_run *runs; /* declared locals behind the parameters */
    u32 max_stack;                     /* highest operand stack in values */
    u32 nloops;                        /* loops get ids 0.. in code order */
    u32 narms;                         /* wasm_arms.h; 0 in functions with hardly any calls */
    u32 size;                          /* bytes of the body */
    u32 max_depth;                     /* highest nesting of blocks, the body itself counted */
    u32 flags;                         /* enum wasm_func_flags */
};
struct wasm_data {
    bool active;
    u32 mem;
    struct wasm_const_expr offset;
    const u8 *bytes;
    u32 len;
};
enum wasm_elem_mode { WASM_ELEM_ACTIVE, WASM_ELEM_PASSIVE, WASM_ELEM_DECLARED };
struct wasm_elem {
    enum wasm_elem_mode mode;
    rt_type type;
    u32 table;
    struct wasm_const_expr offset;
    u32 count;
    /* Either function indices or constant expressions, `count` of them. */
    const u32 *funcs;
    const struct wasm_const_expr *exprs;
};
struct wasm_custom {
    struct wasm_name name;
    const u8 *bytes;
    u32 len;
};

struct wasm_module {
    const u8 *bytes;
    size_t len;
    struct arena arena; /* everything below lives here */
    u32 ntypes, nimports, nfuncs, ntables, nmems, nglobals, nexports, nelems, ndata,
        ncustoms; /* imports included */
    u32 ntags;
    u32 imp_funcs, imp_tables, imp_mems, imp_globals, imp_tags;
    struct wasm_functype *types;
    struct wasm_import *imports;
    struct wasm_func *funcs;
    struct wasm_tabletype *tables;
    struct wasm_memtype *mems;
    struct wasm_global *globals;
    u32 *tags; /* indices into types: the parameters are an exception's values */
    struct wasm_export *exports;
    u32 *export_order; /* indices of `exports`, sorted by name */
    struct wasm_elem *elems;
    struct wasm_data *data;
    struct wasm_custom *customs;
    struct wasm_name
        *func_names; /* from the name section, nfuncs of them, len 0 if unnamed; NULL: no names */
    struct wasm_name module_name;
    bool has_start;
    u32 start;
    u32 features; /* bit set of enum wasm_feature that the module uses */
    struct rt_layout layout;
    u8 hash[32];                 /* SHA-256 of `bytes`, filled at first use by wasm_module_hash() */
    bool hashed, named;          /* `named`: the name section was read */
    struct validator *validator; /* of a module that was decoded lazily, for the rest */
};
/* Limits of this implementation (docs/limits.md). */
enum wasm_limit {
#define LIMIT(id, value, text) WASM_LIMIT_##id = value,
#include "wasm_limits.def"
#undef LIMIT
};

/* Decodes and validates in one pass. On failure `e` holds the first error: byte offset into `bytes` and the
 * specification's wording (e.g. "type mismatch: expected i32, got f64"); nothing is kept. E_INVAL malformed
 * or invalid, E_LIMIT, E_NOMEM, E_UNSUPPORTED (valid in a later proposal that this engine refuses). */
MUST_CHECK status wasm_module_decode(const u8 *bytes, size_t len, struct wasm_module **out, struct err *e);
/* The same of a module that is known to be valid, in time that hardly depends on its size: bodies
 * (WASM_FUNC_SKIPPED) and names are left for later. */
MUST_CHECK status wasm_module_decode_lazily(const u8 *bytes, size_t len, struct wasm_module **out,
                                            struct err *e);
/* Validates the body of a function that was skipped and fills in m->funcs[func]; ST_OK when that was done
 * before. The errors of wasm_module_decode. */
MUST_CHECK status wasm_func_complete(const struct wasm_module *m, u32 func, struct err *e);
/* Reads the names that were left; wasm_func_name() does so itself. */
void wasm_names_complete(const struct wasm_module *m);
void wasm_module_destroy(struct wasm_module *m);   /* NULL is fine */
const u8 *wasm_module_hash(struct wasm_module *m); /* 32 bytes */
void wasm_sha256(const void *data, size_t len, u8 out[32]);
const struct wasm_export *wasm_export_find(const struct wasm_module *m, const char *name,
                                           size_t len); /* or NULL */
/* Name for people: from the name section, an export, or "func[12]"; at most `size` bytes with NUL. */
void wasm_func_name(const struct wasm_module *m, u32 func, char *buf, size_t size);
/* The same of an import or export, or "tag[3]". */
void wasm_tag_name(const struct wasm_module *m, u32 tag, char *buf, size_t size);
static inline const struct wasm_functype *wasm_func_type(const struct wasm_module *m, u32 func)
{
    return &m->types[m->funcs[func].type];
}
rt_type wasm_local_type(const struct wasm_module *m, const struct wasm_func *f, u32 local);
/* The (first) cell of a local. */
u32 wasm_local_cell(const struct wasm_module *m, const struct wasm_func *f, u32 local);
/* Upper bound for the cells of the operand stack. */
static inline u32 wasm_func_stack_cells(const struct wasm_func *f)
{
    return f->flags & WASM_FUNC_V128 ? 2 * f->max_stack : f->max_stack;
}
/* The type of addresses and sizes of a memory or table. */
static inline rt_type wasm_addr_type(const struct wasm_limits *l)
{
    return l->is64 ? RT_I64 : RT_I32;
}
/* One instruction as text, e.g. "i32.load offset=8 align=4"; returns the full length as fmt_s does. */
size_t wasm_disasm(const struct wasm_module *m, const struct wasm_instr *in, char *buf, size_t size);
/* "(i32, f64) -> (i32)"; returns the full length. */
size_t wasm_functype_text(const struct wasm_functype *t, char *buf, size_t size);

/* --- Instances. --- */
struct wasm_extern_value { /* what satisfies an import or comes out of an export */
    enum wasm_extern kind;
    union {
        struct rt_func *func;
        struct rt_table *table;
        struct rt_memory *mem;
        struct rt_global *global;
        struct rt_tag *tag;
    } u;
};
/* Finds what satisfies an import; returns false if there is none. */
typedef bool (*wasm_resolve_fn)(void *env, const struct wasm_module *m, const struct wasm_import *imp,
                                struct wasm_extern_value *out);
struct wasm_instantiate_options {
    wasm_resolve_fn resolve;
    void *env;
    bool want_fixed;        /* memory 0 and instance block at the fixed addresses if they are free */
    rt_cells_fn func_cells; /* initial `cells` entry of own functions (the tier manager's) */
    void *engine;           /* stored in rt_instance.engine */
    bool restored;          /* contents come from elsewhere (inst_state.h): active segments are not run */
};
/* Links, allocates, initialises (WebAssembly 2.0, 4.5.4), and runs active segments in order; does NOT call
 * the start function. E_INVAL: an import is missing or does not match ("unknown import", "incompatible import
 * type", with both names in `e`); E_TRAP: a segment does not fit (`*trap` says which trap; what was written
 * before stays written, and `*out` is the instance, which must outlive every table that it was written into).
 * E_NOMEM, E_LIMIT. */
MUST_CHECK status wasm_instantiate(const struct wasm_module *m, const struct wasm_instantiate_options *o,
                                   struct rt_instance **out, enum rt_trap *trap, struct err *e);
/* The module of `i` with data segments that are active or dropped made passive and empty, or without any
 * where no code can name one: what a fresh instance needs whose memories are restored. `*out` is the caller's
 * (heap_free). E_NOMEM. */
MUST_CHECK status wasm_strip(const struct rt_instance *i, u8 **out, size_t *len);
void wasm_instance_export(const struct rt_instance *i, const struct wasm_export *x,
                          struct wasm_extern_value *out);
static inline const struct wasm_module *wasm_module_of(const struct rt_instance *i)
{
    return (const struct wasm_module *)i->module;
}

#endif
