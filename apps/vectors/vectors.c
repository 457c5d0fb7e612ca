/* vectors.c: kernels over f64 buffers that lie ready in linear memory, for a host to fill and call.
 *
 * Exports: get_buffer_a_offset, get_buffer_b_offset, get_result_offset, get_capacity say where the buffers
 * are (bytes) and how many elements each holds; sum(len) and sum_simd(len) add up a, dot(len) multiplies a by
 * b, mul(len) and scale(len) write to the result buffer. A `len` above the capacity counts as the capacity.
 * fill(len) writes test data to a and b. _start does all of it once and prints what came out. */
#include <stdint.h>
#include <stdio.h>

/* Not inlined, so that _start calls what a host calls. */
#define EXPORT(name) __attribute__((noinline, export_name(#name))) name

enum { CAPACITY = 65536, LANES = 4 };
#define SCALE_FACTOR 2.5

static double buffer_a[CAPACITY], buffer_b[CAPACITY], result[CAPACITY];

static uint32_t clamp(uint32_t len)
{
    return len < CAPACITY ? len : CAPACITY;
}

uint32_t EXPORT(get_buffer_a_offset)(void)
{
    return (uint32_t)(uintptr_t)buffer_a;
}

uint32_t EXPORT(get_buffer_b_offset)(void)
{
    return (uint32_t)(uintptr_t)buffer_b;
}

uint32_t EXPORT(get_result_offset)(void)
{
    return (uint32_t)(uintptr_t)result;
}

uint32_t EXPORT(get_capacity)(void)
{
    return CAPACITY;
}

double EXPORT(sum)(uint32_t len)
{
    double total = 0;
    len = clamp(len);
    for (uint32_t i = 0; i < len; i++)
        total += buffer_a[i];
    return total;
}

double EXPORT(dot)(uint32_t len)
{
    double total = 0;
    len = clamp(len);
    for (uint32_t i = 0; i < len; i++)
        total += buffer_a[i] * buffer_b[i];
    return total;
}

void EXPORT(mul)(uint32_t len)
{
    len = clamp(len);
    for (uint32_t i = 0; i < len; i++)
        result[i] = buffer_a[i] * buffer_b[i];
}

void EXPORT(scale)(uint32_t len)
{
    len = clamp(len);
    for (uint32_t i = 0; i < len; i++)
        result[i] = buffer_a[i] * SCALE_FACTOR;
}

/* Written so that it can be vectorised without changing the order of any sum: one total a lane. */
double EXPORT(sum_simd)(uint32_t len)
{
    double lane[LANES] = {0};
    uint32_t i = 0;
    len = clamp(len);
    for (; i + LANES <= len; i += LANES)
        for (uint32_t k = 0; k < LANES; k++)
            lane[k] += buffer_a[i + k];
    for (; i < len; i++)
        lane[0] += buffer_a[i];
    return (lane[0] + lane[1]) + (lane[2] + lane[3]);
}

void EXPORT(fill)(uint32_t len)
{
    uint32_t x = 12345;
    len = clamp(len);
    for (uint32_t i = 0; i < len; i++) {
        x = x * 1664525 + 1013904223;
        buffer_a[i] = (double)(x >> 8) / 65535.0 - 128.0;
        x = x * 1664525 + 1013904223;
        buffer_b[i] = (double)(x >> 8) / 1048573.0;
    }
}

static double checksum(uint32_t len)
{
    double total = 0;
    for (uint32_t i = 0; i < len; i++)
        total += result[i] * (double)(i % 7 + 1);
    return total;
}

/* Named here, the linker leaves it to us to run the constructors. Otherwise it would wrap every export in
 * code that runs them, and the destructors, around each call. */
extern void __wasm_call_ctors(void);

int main(void)
{
    static const uint32_t lengths[] = {0, 1, 7, 1000, CAPACITY, CAPACITY + 1};
    __wasm_call_ctors();
    fill(CAPACITY);
    for (unsigned i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        uint32_t len = lengths[i];
        printf("len %u: sum %.17g, sum_simd %.17g, dot %.17g", len, sum(len), sum_simd(len), dot(len));
        mul(len);
        printf(", mul %.17g", checksum(clamp(len)));
        scale(len);
        printf(", scale %.17g\n", checksum(clamp(len)));
    }
    return fflush(stdout) ? 1 : 0;
}
