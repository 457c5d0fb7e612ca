/* Handlers of the vector instructions, derived from wasm_simd.def. A vector is two cells; operands are never
 * in the accumulator. */
#include "interp_handler.h"

#include "plat.h"
#include "rt_simd.h"

#define VECTOR(cell) rt_v128_get(fp + (cell))
#define RESULT(v)    rt_v128_set(fp + i->d, v)
#define SIMD(id, ins, ...)                                                                                   \
    HANDLER(id)                                                                                              \
    {                                                                                                        \
        INS(ins);                                                                                            \
        __VA_ARGS__                                                                                          \
        NEXT_INS();                                                                                          \
    }
#define LANES(n) for (u32 k = 0; k < (n); k++)
enum { HALF_LOW, HALF_HIGH };

/* --- Memory. --- */
#define ADDRESS(size) far_address(f, ip, i->mem, i->wide ? fp[i->a] : (u32)fp[i->a], i->offset, size)
#define FETCH(var)    __builtin_memcpy(&var, ADDRESS(sizeof var), sizeof var)
#define VLOAD(id)     SIMD(id, ins_simd_memory, rt_v128 r; FETCH(r); RESULT(r);)
#define VSTORE(id)                                                                                           \
    SIMD(id, ins_simd_memory, rt_v128 x = VECTOR(i->b); __builtin_memcpy(ADDRESS(sizeof x), &x, sizeof x);)
#define VLOAD_EXTEND(id, from, to, n)                                                                        \
    SIMD(id, ins_simd_memory, from x[n]; FETCH(x); rt_v128 r; LANES(n) r.to[k] = (to)x[k]; RESULT(r);)
#define VLOAD_SPLAT(id, lane, n)                                                                             \
    SIMD(id, ins_simd_memory, lane x; FETCH(x); rt_v128 r; LANES(n) r.lane[k] = x; RESULT(r);)
#define VLOAD_ZERO(id, lane, n)                                                                              \
    SIMD(id, ins_simd_memory, lane x; FETCH(x); rt_v128 r = {{0}}; r.lane[0] = x; RESULT(r);)
#define VLOAD_LANE(id, lane_, n)                                                                             \
    SIMD(id, ins_simd_memory, rt_v128 r = VECTOR(i->b); lane_ x; FETCH(x); r.lane_[i->lane] = x; RESULT(r);)
#define VSTORE_LANE(id, lane_, n)                                                                            \
    SIMD(id, ins_simd_memory, lane_ x = VECTOR(i->b).lane_[i->lane];                                         \
         __builtin_memcpy(ADDRESS(sizeof x), &x, sizeof x);)

/* --- Lanes. --- */
#define VSPLAT(id, lane, n, type)                                                                            \
    SIMD(id, ins_simd, lane x = (lane)GET_##type(i->a); rt_v128 r; LANES(n) r.lane[k] = x; RESULT(r);)
#define VEXTRACT(id, lane_, n, type)                                                                         \
    SIMD(id, ins_simd, rt_v128 v = VECTOR(i->a); PUT_##type(i->d, (type)v.lane_[i->lane]);)
#define VREPLACE(id, lane_, n, type)                                                                         \
    SIMD(id, ins_simd, rt_v128 v = VECTOR(i->a); v.lane_[i->lane] = (lane_)GET_##type(i->b); RESULT(v);)
#define VSHUFFLE(id)                                                                                         \
    SIMD(id, ins_shuffle, rt_v128 v[2] = {VECTOR(i->a) COMMA VECTOR(i->b)}; rt_v128 r;                       \
         LANES(16) r.u8[k] = v[i->bytes[k] >> 4].u8[i->bytes[k] & 15]; RESULT(r);)
#define COMMA ,
#define VSWIZZLE(id)                                                                                         \
    SIMD(id, ins_simd, rt_v128 x = VECTOR(i->a); rt_v128 y = VECTOR(i->b); rt_v128 r;                        \
         LANES(16) r.u8[k] = y.u8[k] < 16 ? x.u8[y.u8[k]] : 0; RESULT(r);)

/* --- Lane by lane. --- */
#define VUN(id, lane, n, expr, form)                                                                         \
    SIMD(                                                                                                    \
        id, ins_simd, rt_v128 v = VECTOR(i->a); rt_v128 r; LANES(n) {                                        \
            lane x = v.lane[k];                                                                              \
            r.lane[k] = (lane)(expr);                                                                        \
        } RESULT(r);)
#define VBIN(id, lane, n, expr, form) VCMP_OR_BIN(id, lane, lane, n, expr)
#define VCMP_OR_BIN(id, lane, to, n, expr)                                                                   \
    SIMD(                                                                                                    \
        id, ins_simd, rt_v128 v = VECTOR(i->a); rt_v128 w = VECTOR(i->b); rt_v128 r; LANES(n) {              \
            lane x = v.lane[k];                                                                              \
            lane y = w.lane[k];                                                                              \
            r.to[k] = (to)(expr);                                                                            \
        } RESULT(r);)
#define VCMP(id, lane, mask, n, cond, form) VCMP_OR_BIN(id, lane, mask, n, -(s64)(cond))
#define VTER(id, lane, n, expr, form)                                                                        \
    SIMD(                                                                                                    \
        id, ins_simd, rt_v128 u = VECTOR(i->a); rt_v128 v = VECTOR(i->b); rt_v128 w = VECTOR(i->c);          \
        rt_v128 r; LANES(n) {                                                                                \
            lane x = u.lane[k];                                                                              \
            lane y = v.lane[k];                                                                              \
            lane z = w.lane[k];                                                                              \
            r.lane[k] = (lane)(expr);                                                                        \
        } RESULT(r);)
#define VSHIFT(id, lane, n, expr, form)                                                                      \
    SIMD(                                                                                                    \
        id, ins_simd, rt_v128 v = VECTOR(i->a); u32 s = GET_u32(i->b) % (8 * sizeof(lane)); rt_v128 r;       \
        LANES(n) {                                                                                           \
            lane x = v.lane[k];                                                                              \
            r.lane[k] = (lane)(expr);                                                                        \
        } RESULT(r);)
#define START_ANY          0
#define START_ALL          1
#define START_BITMASK      0
#define STEP_ANY(lane)     t |= v.lane[k] != 0
#define STEP_ALL(lane)     t &= v.lane[k] != 0
#define STEP_BITMASK(lane) t |= (u32)(v.lane[k] >> (8 * sizeof(lane) - 1)) << k
#define VTEST(id, lane, n, test)                                                                             \
    SIMD(id, ins_simd, rt_v128 v = VECTOR(i->a); u32 t = START_##test; LANES(n) STEP_##test(lane);           \
         PUT_u32(i->d, t);)

/* --- Lanes that change their type. --- */
#define VCONVERT(id, from, to, n, expr, form)                                                                \
    SIMD(                                                                                                    \
        id, ins_simd, rt_v128 v = VECTOR(i->a); rt_v128 r = {{0}}; LANES(n) {                                \
            from x = v.from[k];                                                                              \
            r.to[k] = (to)(expr);                                                                            \
        } RESULT(r);)
#define VEXTEND(id, from, to, n, half, expr, form)                                                           \
    SIMD(                                                                                                    \
        id, ins_simd, rt_v128 v = VECTOR(i->a); rt_v128 r; LANES(n) {                                        \
            from x = v.from[HALF_##half * (n) + k];                                                          \
            r.to[k] = (to)(expr);                                                                            \
        } RESULT(r);)
#define VNARROW(id, from, to, n, expr, form)                                                                 \
    SIMD(                                                                                                    \
        id, ins_simd, rt_v128 v[2] = {VECTOR(i->a) COMMA VECTOR(i->b)}; rt_v128 r; LANES(2 * (n)) {          \
            from x = v[k / (n)].from[k % (n)];                                                               \
            r.to[k] = (to)(expr);                                                                            \
        } RESULT(r);)
#define VEXTMUL(id, from, to, n, half, expr, form)                                                           \
    SIMD(                                                                                                    \
        id, ins_simd, rt_v128 v = VECTOR(i->a); rt_v128 w = VECTOR(i->b); rt_v128 r; LANES(n) {              \
            from x = v.from[HALF_##half * (n) + k];                                                          \
            from y = w.from[HALF_##half * (n) + k];                                                          \
            r.to[k] = (to)(expr);                                                                            \
        } RESULT(r);)
#define VPAIR1(id, from, to, n, expr, form)                                                                  \
    SIMD(                                                                                                    \
        id, ins_simd, rt_v128 v = VECTOR(i->a); rt_v128 r; LANES(n) {                                        \
            from x0 = v.from[2 * k];                                                                         \
            from x1 = v.from[2 * k + 1];                                                                     \
            r.to[k] = (to)(expr);                                                                            \
        } RESULT(r);)
#define VPAIR2(id, from, to, n, expr, form)                                                                  \
    SIMD(                                                                                                    \
        id, ins_simd, rt_v128 v = VECTOR(i->a); rt_v128 w = VECTOR(i->b); rt_v128 r; LANES(n) {              \
            from x0 = v.from[2 * k];                                                                         \
            from x1 = v.from[2 * k + 1];                                                                     \
            from y0 = w.from[2 * k];                                                                         \
            from y1 = w.from[2 * k + 1];                                                                     \
            r.to[k] = (to)(expr);                                                                            \
        } RESULT(r);)
static s16 dot(const rt_v128 *v, const rt_v128 *w, u32 k)
{
    return (s16)(v->s8[2 * k] * w->s8[2 * k] + v->s8[2 * k + 1] * w->s8[2 * k + 1]);
}
#define VDOT_ADD(id)                                                                                         \
    SIMD(id, ins_simd, rt_v128 v = VECTOR(i->a); rt_v128 w = VECTOR(i->b); rt_v128 r = VECTOR(i->c);         \
         LANES(4) r.u32[k] += (u32)(dot(&v, &w, 2 * k) + dot(&v, &w, 2 * k + 1)); RESULT(r);)
#include "wasm_simd.def"

const interp_fn interp_simd[WASM_OP_COUNT] = {
#define VLOAD(id)                                  [WASM_OP_##id] = id,
#define VSTORE(id)                                 [WASM_OP_##id] = id,
#define VLOAD_EXTEND(id, from, to, n)              [WASM_OP_##id] = id,
#define VLOAD_SPLAT(id, lane, n)                   [WASM_OP_##id] = id,
#define VLOAD_ZERO(id, lane, n)                    [WASM_OP_##id] = id,
#define VLOAD_LANE(id, lane, n)                    [WASM_OP_##id] = id,
#define VSTORE_LANE(id, lane, n)                   [WASM_OP_##id] = id,
#define VSPLAT(id, lane, n, type)                  [WASM_OP_##id] = id,
#define VEXTRACT(id, lane, n, type)                [WASM_OP_##id] = id,
#define VREPLACE(id, lane, n, type)                [WASM_OP_##id] = id,
#define VSHUFFLE(id)                               [WASM_OP_##id] = id,
#define VSWIZZLE(id)                               [WASM_OP_##id] = id,
#define VUN(id, lane, n, expr, form)               [WASM_OP_##id] = id,
#define VBIN(id, lane, n, expr, form)              [WASM_OP_##id] = id,
#define VTER(id, lane, n, expr, form)              [WASM_OP_##id] = id,
#define VSHIFT(id, lane, n, expr, form)            [WASM_OP_##id] = id,
#define VCMP(id, lane, mask, n, cond, form)        [WASM_OP_##id] = id,
#define VTEST(id, lane, n, test)                   [WASM_OP_##id] = id,
#define VCONVERT(id, from, to, n, expr, form)      [WASM_OP_##id] = id,
#define VEXTEND(id, from, to, n, half, expr, form) [WASM_OP_##id] = id,
#define VNARROW(id, from, to, n, expr, form)       [WASM_OP_##id] = id,
#define VEXTMUL(id, from, to, n, half, expr, form) [WASM_OP_##id] = id,
#define VPAIR1(id, from, to, n, expr, form)        [WASM_OP_##id] = id,
#define VPAIR2(id, from, to, n, expr, form)        [WASM_OP_##id] = id,
#define VDOT_ADD(id)                               [WASM_OP_##id] = id,
#include "wasm_simd.def"
};
