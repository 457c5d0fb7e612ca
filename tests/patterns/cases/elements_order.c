/* Functions of elements that trap for some: several in a round, in another order than that of addresses, so
 * that something else has been stored by then, or another of two functions traps first.
 *
 * listed: in_order function of elements
 * unlisted: reversed function of elements (exp of f32, 2 a round): kernel
 * unlisted: four function of elements (exp of f32, 4 a round): kernel
 * either: in_order 0 200000 1000 1..998
 * either: in_order 0 200000 1000 1..998
 * either: reversed 0 200000 1000 501
 * either: reversed 0 200000 1000 500
 * either: reversed 0 200000 1000 1..998
 * either: four 0 200000 1000 501
 * either: four 0 200000 1000 503
 * either: four 0 200000 1000 1..998
 * either: two 0 200000 1000 501
 * either: two 0 200000 1000 1..998
 */
#include "case.h"

static NOINLINE float trapping(float x)
{
    float z = x * 1.44269504f, n = __builtin_rintf(z), r = x - n * 0.693359375f + n * 2.12194440e-4f, s;
    float p = 1 + r * (1 + r * (0.5f + r * (1.f / 6 + r * (1.f / 24 + r * (1.f / 120 + r * (1.f / 720))))));
    uint32_t bits;
    float m = n + (12582912.f + 127.f);
    if (x > 1000)
        __builtin_trap();
    __builtin_memcpy(&bits, &m, 4);
    bits <<= 23;
    __builtin_memcpy(&s, &bits, 4);
    return p * s;
}

static NOINLINE float converting(float x)
{
    int e = __builtin_wasm_trunc_s_i32_f32(__builtin_floorf(x * 1.44269504f + 0.5f)), half = e / 2;
    float r = x - (float)e * 0.693359375f + (float)e * 2.12194440e-4f, s;
    float p = 1 + r * (1 + r * (0.5f + r * (1.f / 6 + r * (1.f / 24 + r * (1.f / 120 + r * (1.f / 720))))));
    uint32_t bits = (uint32_t)(half + 127) << 23, other = (uint32_t)(e - half + 127) << 23;
    __builtin_memcpy(&s, &bits, 4);
    p *= s;
    __builtin_memcpy(&s, &other, 4);
    return p * s;
}

/* What all are called on: -2 to 1.75, and what traps. */
static NOINLINE void ramp(float *a, int n, int bad)
{
    for (int i = 0; i < n; i++)
        a[i] = (float)(i % 16 - 8) * 0.25f;
    a[bad] = 1e20f;
}

#define ELEMENTS(name)                                                                                       \
    static NOINLINE void name##_(float *c, const float *a, int n);                                           \
    void EXPORT(name)(int c, int a, int n, int bad)                                                          \
    {                                                                                                        \
        ramp(F32(a), n, bad);                                                                                \
        name##_(F32(c), F32(a), n);                                                                          \
    }                                                                                                        \
    static NOINLINE void name##_(float *c, const float *a, int n)

ELEMENTS(in_order)
{
    for (int i = 0; i + 2 <= n; i += 2) {
        c[i] = trapping(a[i]);
        c[i + 1] = trapping(a[i + 1]);
    }
}

ELEMENTS(reversed)
{
    for (int i = 0; i + 2 <= n; i += 2) {
        c[i + 1] = trapping(a[i + 1]);
        c[i] = trapping(a[i]);
    }
}

ELEMENTS(four)
{
    for (int i = 0; i + 4 <= n; i += 4) {
        float p = trapping(a[i]), q = trapping(a[i + 1]), r = trapping(a[i + 2]), s = trapping(a[i + 3]);
        c[i] = p;
        c[i + 1] = q;
        c[i + 2] = r;
        c[i + 3] = s;
    }
}

ELEMENTS(two)
{
    for (int i = 0; i < n; i++) {
        float y = converting(a[i]), x = trapping(a[i]);
        c[i] = x - y;
    }
}
