/* status.h: the result of every operation that can fail for a reason outside our control.
 *
 * A `status` answers "did it work"; where a person must be told what was wrong with an input, the
 * function also takes a `struct err` and fills it at the FIRST error (later ones never overwrite it).
 * Bugs of ours are not statuses: they are assertions and end in panic. */
#ifndef KERNEL_LIB_STATUS_H
#define KERNEL_LIB_STATUS_H

#include <stddef.h>
#include <stdint.h>

#define MUST_CHECK __attribute__((warn_unused_result))

typedef enum status {
    ST_OK = 0,
    E_INVAL,       /* the caller's argument or the user's input is wrong */
    E_NOMEM,       /* memory or address space is used up */
    E_LIMIT,       /* a documented limit (docs/limits.md) is exceeded */
    E_NOTFOUND,    /* no such file, blob, export, device */
    E_IO,          /* a device or file failed */
    E_UNSUPPORTED, /* valid, but not implemented or not on this machine */
    E_TRAP,        /* the guest trapped */
} status;

/* The first thing that was wrong with an input. `offset` is a byte offset into it, or ERR_NO_OFFSET. */
#define ERR_NO_OFFSET UINT64_MAX
struct err {
    status code; /* ST_OK: nothing recorded */
    uint64_t offset;
    char text[200]; /* one sentence, no newline */
};

/* Records the first error and returns `code`; `e` may be NULL. */
status err_set(struct err *e, status code, uint64_t offset, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

/* Passes a failure up; only where nothing is held. */
#define TRY(expr)                                                                                            \
    do {                                                                                                     \
        status try_status_ = (expr);                                                                         \
        if (try_status_ != ST_OK)                                                                            \
            return try_status_;                                                                              \
    } while (0)

#endif
