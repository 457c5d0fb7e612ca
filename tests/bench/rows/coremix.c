/* Lists, matrices, a state machine and a CRC: the app of that name, without its printing. */
#define main coremix_main
#include "../../../apps/coremix/coremix.c"
#undef main
#include "row.h"

static volatile uint32_t seed;

SETUP(n)
{
    seed = (uint32_t)n;
}

RUN(iters)
{
    uint16_t crc = 0;
    REPEAT(iters)
    {
        uint32_t s = seed;
        crc = state_run(s, matrix_run(s, list_run(s, 0xffff)));
        row_sink = crc;
    }
    return crc;
}
