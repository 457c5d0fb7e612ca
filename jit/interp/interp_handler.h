/* interp_handler.h: what every handler consists of. */
#ifndef JIT_INTERP_HANDLER_H
#define JIT_INTERP_HANDLER_H

#include "interp_priv.h"

/* The activation's address is compared with those of compiled frames, so it must be on the real stack. */
#define NO_ASAN __attribute__((no_sanitize("address")))
#define HANDLER(name)                                                                                        \
    static __attribute__((preserve_none, section("interp_text"))) NO_ASAN void name(INTERP_ARGS)
#define TAIL       __attribute__((musttail)) return
#define DISPATCH() TAIL((interp_fn)(uintptr_t)*(const interp_opc *)ip)(INTERP_PASS)
#define INS(type)  const struct type *i = (const struct type *)(const void *)ip
#define NEXT(bytes)                                                                                          \
    do {                                                                                                     \
        ip += (bytes);                                                                                       \
        DISPATCH();                                                                                          \
    } while (0)
#define NEXT_INS() NEXT(sizeof *i)

/* The caller of anything that can trap or leave says where it is. */
#define SAVE_IP() (rt_thread.interp_top->ip = ip)
/* Accumulators after a call: whatever stands in the registers. */
#define FORGET_ACC() __asm__ volatile("" : "=r"(acc), "=x"(acc_f32), "=x"(acc_f64))

/* --- Cells and accumulators by type. --- */
#define GET_u32(n) (*(const u32 *)&fp[n])
#define GET_u64(n) (fp[n])
#define GET_f32(n) (*(const f32 *)&fp[n])
#define GET_f64(n) (*(const f64 *)&fp[n])
#define ACC_u32()  ((u32)acc)
#define ACC_u64()  (acc)
#define ACC_f32()  (acc_f32)
#define ACC_f64()  (acc_f64)
/* All 64 bits of the cell are written, so that a copy of it forwards from this one store. */
#define PUT_u32(n, r) (fp[n] = acc = (u32)(r))
#define PUT_u64(n, r) (fp[n] = acc = (u64)(r))
#define PUT_f32(n, r)                                                                                        \
    do {                                                                                                     \
        acc_f32 = (r);                                                                                       \
        __asm__("movlps %1, %0" : "=m"(fp[n]) : "x"(acc_f32));                                               \
    } while (0)
#define PUT_f64(n, r) (*(f64 *)&fp[n] = acc_f64 = (r))
/* Into the accumulator alone. */
#define SET_u32(n, r) (acc = (u32)(r))
#define SET_u64(n, r) (acc = (u64)(r))
#define SET_f32(n, r) (acc_f32 = (r))
#define SET_f64(n, r) (acc_f64 = (r))

/* The address of `size` bytes, checked without overflow. */
static inline __attribute__((always_inline)) u8 *far_address(const struct rt_func *f, const u8 *ip, u32 mem,
                                                             u64 index, u64 offset, u64 size)
{
    const struct rt_memory *m = f->inst->mems[mem];
    u64 at = index + offset;
    if (__builtin_expect(at < index || m->bytes < size || at > m->bytes - size, 0)) {
        SAVE_IP();
        rt_trap(TRAP_MEMORY_OOB);
    }
    return m->base + at;
}

#endif
