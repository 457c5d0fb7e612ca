/* malloc_trace.h: the records that malloc_trace.c writes and malloc_replay.c reads. */
#ifndef TESTS_BENCH_MALLOC_TRACE_H
#define TESTS_BENCH_MALLOC_TRACE_H

#include <stdint.h>

enum { TRACE_MALLOC, TRACE_CALLOC, TRACE_REALLOC, TRACE_ALIGNED, TRACE_FREE };

struct trace_event {
    uint64_t op_size; /* op << 56 | bytes */
    uint64_t old;     /* REALLOC, FREE: the block; ALIGNED: the alignment */
    uint64_t new;
};

#endif
