/* decoders.h: what the programs of tests/patterns/decoders share: random data, damage, the hash of all of the
 * memory. Everything follows from `state`. */
#include <stddef.h>
#include <stdint.h>

static uint64_t state;

static uint32_t any(uint32_t below)
{
    state = state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)((state >> 33) % below);
}

/* Literals of few or many kinds, and copies from before: near, far (up to `most`), and over themselves. */
static void fill(unsigned char *plain, size_t n, uint32_t most)
{
    uint32_t letters = 1 + any(200), far = 1 + any(any(2) ? 40 : most), longest = 3 + any(any(4) ? 30 : 3000);
    uint32_t copies = any(8);
    for (size_t k = 0; k < n;) {
        size_t length = 1 + any(longest), back = 1 + any(far);
        int copy = k >= back && any(8) < copies;
        for (length = copy ? length : 1 + any(20); length && k < n; length--, k++)
            plain[k] = copy ? plain[k - back] : (unsigned char)any(letters);
    }
}

/* How many of n bytes are left; some bits of them may be others. */
static size_t damage(unsigned char *packed, size_t n)
{
    switch (any(4)) {
    case 0: return n;
    case 1: return n ? any((uint32_t)n) : 0;
    default:
        for (uint32_t k = 1 + any(3); k && n > 12; k--)
            packed[n > 40 && any(2) ? n - 1 - any(30) : 6 + any((uint32_t)n - 6)] ^=
                (unsigned char)(1u << any(8));
        return n;
    }
}

/* C's stack included. */
static uint64_t hash_memory(uint64_t h)
{
    const uint64_t *end = (const uint64_t *)(__builtin_wasm_memory_size(0) << 16);
    for (const uint64_t *p = (const uint64_t *)8; p != end; p++)
        h = (h ^ *p) * 0x9e3779b97f4a7c15u + (h >> 29);
    return h;
}
