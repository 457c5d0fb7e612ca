/* typed.h: exports as C functions (anneal_instance_typed of the embedding API). Only where code can be made:
 * not in an appliance.
 *
 * The C function of an export has its prototype: int32_t, int64_t, float, double and pointers (references) as
 * parameters in their order, and its result or void. It may be called wherever a guest may be, from inside
 * host functions too, in whatever tier the export is. A trap ends the call, whose result is then zero:
 * typed_failed() tells. */
#ifndef JIT_TYPED_H
#define JIT_TYPED_H

#include "rt.h"
#include "wasm.h"

struct typed;
typedef void (*typed_fn)(void);

/* Entries for all exported functions of `i` that can have one (typed_fits). They live until typed_destroy,
 * which comes before the instance's end. E_NOMEM; E_LIMIT: the arena for code is full. */
MUST_CHECK status typed_create(const struct rt_instance *i, struct typed **out);
void typed_destroy(struct typed *t); /* NULL is fine */
/* The entry of the exported function `x`; NULL: its type does not fit. */
typed_fn typed_find(const struct typed *t, const struct wasm_export *x);
/* At most RT_NATIVE_GPRS - 1 integers and references, RT_NATIVE_XMMS floating-point parameters and one
 * result, no v128. */
bool typed_fits(const struct rt_sig *s);
/* Whether a typed call has trapped since this was asked last, and the last one how; rt_thread has its
 * backtrace. */
bool typed_failed(enum rt_trap *why);

#endif
