/* wasm_ops.c: tables derived from wasm_ops.def, wasm_mem.def, wasm_simd.def and wasm_features.def. */
#include "wasm_priv.h"

#define OP_FLAG_TRAP_T  true
#define OP_FLAG_TRAP_C  false
#define OP_FLAG_TRAP_X  false
#define OP_FLAG_TRAP__  false
#define OP_FLAG_CONST_T false
#define OP_FLAG_CONST_C true
#define OP_FLAG_CONST_X true
#define OP_FLAG_CONST__ false

const struct wasm_op_info wasm_op_info[WASM_OP_COUNT] = {
#define OP(id, op_prefix, op_code, op_text, op_imm, signature, op_kind, op_flags, op_feature)                \
    [WASM_OP_##id] = {.text = op_text,                                                                       \
                      .prefix = op_prefix,                                                                   \
                      .code = op_code,                                                                       \
                      .imm = WASM_IMM_##op_imm,                                                              \
                      .kind = WASM_KIND_##op_kind,                                                           \
                      .may_trap = OP_FLAG_TRAP_##op_flags,                                                   \
                      .is_const = OP_FLAG_CONST_##op_flags,                                                  \
                      .feature = WASM_FEATURE_##op_feature,                                                  \
                      .sig = #signature,                                                                     \
                      .result = #signature[sizeof #signature - 2]},
#include "wasm_ops.def"
#undef OP
};

const u16 wasm_op_at[WASM_OP_ROWS * WASM_OP_ROW] = {
#define OP(id, prefix, code, text, imm, sig, kind, flags, feature)                                           \
    [WASM_OP_ROW_OF(prefix) * WASM_OP_ROW + (code)] = WASM_OP_##id + 1,
#include "wasm_ops.def"
#undef OP
};

enum wasm_opcode wasm_op_find(u8 prefix, u32 code)
{
    u32 codes = prefix == 0xfd ? 2 * WASM_OP_ROW : WASM_OP_ROW;
    if (code >= codes || (prefix != 0 && prefix != 0xfc && prefix != 0xfd))
        return WASM_OP_COUNT;
    u16 entry = wasm_op_at[WASM_OP_ROW_OF(prefix) * WASM_OP_ROW + code];
    return entry ? (enum wasm_opcode)(entry - 1) : WASM_OP_COUNT;
}

#define LOG2_BYTES(type) (sizeof(type) == 1 ? 0 : sizeof(type) == 2 ? 1 : sizeof(type) == 4 ? 2 : 3)
const u8 wasm_op_aligns[WASM_OP_COUNT] = {
#define LOAD(id, memory_type, type)  [WASM_OP_##id] = LOG2_BYTES(memory_type),
#define STORE(id, memory_type, type) [WASM_OP_##id] = LOG2_BYTES(memory_type),
#include "wasm_mem.def"
#undef LOAD
#undef STORE
#define VLOAD(id)                     [WASM_OP_##id] = 4,
#define VSTORE(id)                    [WASM_OP_##id] = 4,
#define VLOAD_EXTEND(id, from, to, n) [WASM_OP_##id] = 3,
#define VLOAD_SPLAT(id, lane, n)      [WASM_OP_##id] = LOG2_BYTES(lane),
#define VLOAD_ZERO(id, lane, n)       [WASM_OP_##id] = LOG2_BYTES(lane),
#define VLOAD_LANE(id, lane, n)       [WASM_OP_##id] = LOG2_BYTES(lane),
#define VSTORE_LANE(id, lane, n)      [WASM_OP_##id] = LOG2_BYTES(lane),
#include "wasm_simd.def"
};

static const u8 op_lanes[WASM_OP_COUNT] = {
#define VEXTRACT(id, lane, n, type) [WASM_OP_##id] = n,
#define VREPLACE(id, lane, n, type) [WASM_OP_##id] = n,
#define VLOAD_LANE(id, lane, n)     [WASM_OP_##id] = n,
#define VSTORE_LANE(id, lane, n)    [WASM_OP_##id] = n,
#define VSHUFFLE(id)                [WASM_OP_##id] = 32,
#include "wasm_simd.def"
};

u8 wasm_op_lanes(enum wasm_opcode op)
{
    return op_lanes[op];
}

u8 wasm_op_align(enum wasm_opcode op)
{
    return wasm_op_aligns[op];
}

const char *const wasm_feature_text[WASM_FEATURE_COUNT] = {
#define FEATURE(id, text, tiers, proposal) [WASM_FEATURE_##id] = text,
#include "wasm_features.def"
#undef FEATURE
};
const char *const wasm_feature_proposal[WASM_FEATURE_COUNT] = {
#define FEATURE(id, text, tiers, proposal) [WASM_FEATURE_##id] = proposal,
#include "wasm_features.def"
#undef FEATURE
};

#define READY     1u
#define NOT_READY 0u
const u32 wasm_features_ready = 0
#define FEATURE(id, text, tiers, proposal) | tiers << WASM_FEATURE_##id
#include "wasm_features.def"
#undef FEATURE
    ;
u32 wasm_features_forced;

const char *wasm_type_text(rt_type t)
{
    if ((u8)t == RT_SIGREF)
        return t & RT_NONNULL ? "(ref $type)" : "(ref null $type)";
    switch (t) {
    case RT_I32: return "i32";
    case RT_I64: return "i64";
    case RT_F32: return "f32";
    case RT_F64: return "f64";
    case RT_V128: return "v128";
    case RT_FUNCREF: return "funcref";
    case RT_EXTERNREF: return "externref";
    case RT_EXNREF: return "exnref";
    case RT_FUNCREF | RT_NONNULL: return "(ref func)";
    case RT_EXTERNREF | RT_NONNULL: return "(ref extern)";
    case RT_EXNREF | RT_NONNULL: return "(ref exn)";
    default: return "unknown";
    }
}
