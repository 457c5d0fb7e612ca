/* wasm_priv.h: what the files of this room share: the checked reader, the validator, constant expressions. */
#ifndef JIT_WASM_PRIV_H
#define JIT_WASM_PRIV_H

#include "wasm.h"

/* --- Checked reading of untrusted bytes. Every failure is recorded with its byte offset. --- */
struct reader {
    const u8 *p, *end; /* `end` closes the section or function body that is being read */
    const u8 *base;    /* offset 0 of the module */
    const u8 *limit;   /* one past the module */
    struct err *err;
    struct wasm_module *m; /* whose features are recorded */
};
static inline u64 reader_offset(const struct reader *r)
{
    return (u64)(r->p - r->base);
}
/* "unexpected end", or "... of section or function" where bytes of the module follow. */
status reader_fail_end(const struct reader *r);
status reader_fail(const struct reader *r, const u8 *at, status code, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

/* Records that the module uses `f`; E_UNSUPPORTED if that is not ready: "<what> needs the ... proposal". */
MUST_CHECK status reader_use(struct reader *r, const u8 *at, enum wasm_feature f, const char *what, ...)
    __attribute__((format(printf, 4, 5)));

MUST_CHECK status reader_u32_slow(struct reader *r, u32 *out);
MUST_CHECK status reader_u64(struct reader *r, u64 *out);
MUST_CHECK status reader_s32(struct reader *r, s32 *out);
MUST_CHECK status reader_s64(struct reader *r, s64 *out, u32 bits); /* bits 33 or 64 */
MUST_CHECK status reader_bytes(struct reader *r, size_t n, const u8 **out);
MUST_CHECK status reader_name(struct reader *r, struct wasm_name *out); /* UTF-8 checked */
MUST_CHECK status reader_valtype(struct reader *r, rt_type *out);
MUST_CHECK status reader_reftype(struct reader *r, rt_type *out);
/* As the nullable reference to it. */
MUST_CHECK status reader_heaptype(struct reader *r, rt_type *out);
/* The rows of wasm_limits.def. */
enum limit {
#define LIMIT(id, value, text) LIMIT_##id,
#include "wasm_limits.def"
#undef LIMIT
    LIMIT_COUNT
};
/* E_LIMIT with the limit's text if `n` is above it. */
MUST_CHECK status reader_check_limit(const struct reader *r, const u8 *at, enum limit which, u64 n);
/* A vector's length. Refuses more than the limit and more than there are bytes left, so that memory for the
 * elements is bounded by the size of the input. */
MUST_CHECK status reader_count(struct reader *r, enum limit which, u32 *out);
bool reader_utf8_ok(const u8 *s, size_t len);

MUST_CHECK static inline status reader_u8(struct reader *r, u8 *out)
{
    if (r->p == r->end)
        return reader_fail_end(r);
    *out = *r->p++;
    return ST_OK;
}
MUST_CHECK static inline status reader_u32(struct reader *r, u32 *out)
{
    if (r->p != r->end && *r->p < 0x80) {
        *out = *r->p++;
        return ST_OK;
    }
    if (r->end - r->p > 1 && r->p[1] < 0x80) {
        *out = (u32)(r->p[0] & 0x7f) | (u32)r->p[1] << 7;
        r->p += 2;
        return ST_OK;
    }
    return reader_u32_slow(r, out);
}
/* A part of `r`, which is set behind it. */
MUST_CHECK status reader_sub(struct reader *r, size_t len, struct reader *out);

/* --- Opcodes by encoding. Row 0: of one byte; row 1: behind 0xfc; rows 2 and 3: behind 0xfd. Entries are ids
 * + 1, 0 where there is no instruction. --- */
enum { WASM_OP_ROW = 256, WASM_OP_ROWS = 4 };
#define WASM_OP_ROW_OF(prefix) ((prefix) == 0xfd ? 2 : (prefix) == 0xfc ? 1 : 0)
extern const u16 wasm_op_at[WASM_OP_ROWS * WASM_OP_ROW];
static inline enum wasm_opcode
wasm_op_of_byte(u8 byte) /* WASM_OP_COUNT or above: not an instruction by itself */
{
    return (enum wasm_opcode)(wasm_op_at[byte] - 1u);
}

extern const u8 wasm_op_aligns[WASM_OP_COUNT]; /* of wasm_op_align() */

/* Bytes of the binary format that more than one file reads. */
enum {
    REF_TYPE = 0x64,      /* (ref heaptype); the heap type follows */
    REF_NULL_TYPE = 0x63, /* (ref null heaptype) */
    MEMARG_INDEX = 0x40,  /* in the flags of a load or store: a memory index follows */
};

/* --- Reading code that is already validated (no checks). --- */
u64 wasm_leb_u64(const u8 **p);
s64 wasm_leb_s64(const u8 **p);
rt_type wasm_read_valtype(const struct wasm_module *m, const u8 **p);
const rt_type *wasm_single_types(rt_type t); /* an array of just that type that stays; NULL: out of memory */

/* --- Validation. One validator serves all bodies and constant expressions of a module. --- */
struct validator;
MUST_CHECK status validator_create(struct wasm_module *m, u32 ndata_declared, struct validator **out);
void validator_destroy(struct validator *v);
#define NDATA_UNKNOWN UINT32_MAX /* the module has no data count section (yet) */
void validator_set_ndata(struct validator *v, u32 ndata);
/* Checks the body that `r` covers exactly and fills `f` from `body` on. */
MUST_CHECK status validator_func(struct validator *v, struct reader *r, struct wasm_func *f);
/* Checks a constant expression of type `want` at r->p, leaves r->p behind its `end`. */
MUST_CHECK status validator_const(struct validator *v, struct reader *r, rt_type want,
                                  struct wasm_const_expr *out);

/* --- Names. --- */
/* Reads the name section, if there is one, into `m`; whatever is wrong in it is ignored, as the specification
 * asks.
 */
void wasm_names_read(struct wasm_module *m);

/* --- Constant expressions at instantiation. --- */
rt_cell wasm_const_eval(const struct rt_instance *i, struct wasm_const_expr x);
/* Both cells; the second one is 0 unless the value is a v128. */
void wasm_const_eval_wide(const struct rt_instance *i, struct wasm_const_expr x, rt_cell value[2]);

#endif
