/* wasi_poll.c: waiting for time and for input.
 *
 * Output and files are always ready. Without an interrupt for input the wait looks again every millisecond.
 */
#include "wasi_priv.h"

#include <string.h>

#include "heap.h"
#include "plat.h"

#define LOOK_AGAIN_NS 1000000u

struct subscription {
    u64 userdata;
    u32 type; /* enum wasi_eventtype */
    u32 fd;
    enum wasi_errno error; /* known before waiting */
    enum plat_clock clock;
    u64 deadline_ns;
};

static u64 add_saturated(u64 a, u64 b)
{
    return a > UINT64_MAX - b ? UINT64_MAX : a + b;
}

/* `p`: the clock's part of a subscription, behind the identifier that wasi_unstable has there. */
static void clock_read(const u8 *p, struct subscription *s)
{
    u32 id = (u32)wasi_load(p, 0, 4);
    u64 timeout = wasi_load(p, 8, 8);
    s->clock = id == WASI_CLOCK_REALTIME ? PLAT_CLOCK_REAL : PLAT_CLOCK_MONO;
    if (id > WASI_CLOCK_MONOTONIC)
        s->error = id > WASI_CLOCK_THREAD_CPU ? WASI_INVAL : WASI_NOTSUP; /* CPU time stops in sleep */
    bool absolute = wasi_load(p, 24, 2) & WASI_SUBCLOCK_ABSTIME;
    s->deadline_ns = absolute ? timeout : add_saturated(plat_clock_ns(s->clock), timeout);
}

static void fd_check(struct wasi *w, struct subscription *s)
{
    u64 right = s->type == WASI_EVENT_FD_READ ? WASI_RIGHT_FD_READ : WASI_RIGHT_FD_WRITE;
    const struct wasi_fd *f = wasi_fd_find(w, s->fd);
    if (!f)
        s->error = WASI_BADF;
    else if (~f->rights & (right | WASI_RIGHT_POLL_FD_READWRITE))
        s->error = WASI_NOTCAPABLE;
}

static void read_one(struct wasi *w, const u8 *p, struct subscription *s)
{
    *s = (struct subscription){.userdata = wasi_load(p, 0, 8), .type = (u32)wasi_load(p, 8, 1)};
    switch (s->type) {
    case WASI_EVENT_CLOCK: clock_read(p + (w->snapshot0 ? 24 : 16), s); break;
    case WASI_EVENT_FD_READ:
    case WASI_EVENT_FD_WRITE:
        s->fd = (u32)wasi_load(p, 16, 4);
        fd_check(w, s);
        break;
    default: s->error = WASI_INVAL;
    }
}

static bool waits_for_input(struct wasi *w, const struct subscription *s)
{
    const struct wasi_fd *f = wasi_fd_find(w, s->fd);
    return s->type == WASI_EVENT_FD_READ && f && f->kind == WASI_FD_STREAM && f->stream == 0;
}

static bool ready(struct wasi *w, const struct subscription *s)
{
    if (s->error != WASI_SUCCESS)
        return true;
    if (s->type == WASI_EVENT_CLOCK)
        return plat_clock_ns(s->clock) >= s->deadline_ns;
    return !waits_for_input(w, s) || plat_read_ready();
}

/* How long this subscription lets us sleep. */
static u64 patience_ns(struct wasi *w, const struct subscription *s)
{
    if (waits_for_input(w, s))
        return LOOK_AGAIN_NS;
    u64 now = s->type == WASI_EVENT_CLOCK ? plat_clock_ns(s->clock) : 0;
    return s->deadline_ns > now ? s->deadline_ns - now : 0;
}

static u64 bytes_ready(struct wasi *w, const struct subscription *s)
{
    struct wasi_fd *f = wasi_fd_find(w, s->fd);
    struct wasi_stat st;
    if (s->type == WASI_EVENT_FD_READ && f && f->kind == WASI_FD_FILE &&
        f->file->type == WASI_FILETYPE_REGULAR_FILE && f->file->ops->stat(f->file, &st) == WASI_SUCCESS)
        return st.size > f->pos ? st.size - f->pos : 0;
    return 1;
}

static void event_store(struct wasi *w, u8 *to, const struct subscription *s)
{
    memset(to, 0, WASI_EVENT_BYTES);
    wasi_store(to, 0, s->userdata, 8);
    wasi_store(to, 8, s->error, 2);
    wasi_store(to, 10, s->type, 1);
    if (s->type != WASI_EVENT_CLOCK && s->error == WASI_SUCCESS)
        wasi_store(to, 16, bytes_ready(w, s), 8);
}

/* Waits until at least one is ready or time is over, stores events of all that are, and returns their number.
 */
static u32 wait(struct wasi *w, const struct subscription *subs, u32 n, u8 *out)
{
    for (;;) {
        u32 events = 0;
        u64 sleep_ns = UINT64_MAX;
        for (u32 k = 0; k < n; k++) {
            if (ready(w, &subs[k])) {
                event_store(w, out + (size_t)events++ * WASI_EVENT_BYTES, &subs[k]);
                continue;
            }
            u64 patience = patience_ns(w, &subs[k]);
            sleep_ns = patience < sleep_ns ? patience : sleep_ns;
        }
        if (events)
            return events;
        plat_sleep_ns(sleep_ns);
        if (plat_alarm_rings())
            return 0; /* the call ends in a trap */
    }
}

enum wasi_errno wasi_poll_oneoff(struct wasi *w, const rt_cell *a)
{
    enum { FEW = 16 };
    struct subscription few[FEW];
    u32 n = (u32)a[2], bytes = w->snapshot0 ? WASI_SUBSCRIPTION0_BYTES : WASI_SUBSCRIPTION_BYTES;
    if (n == 0)
        return WASI_INVAL;
    const u8 *in = wasi_mem(w, (u32)a[0], (u64)n * bytes);
    u8 *out = wasi_mem(w, (u32)a[1], (u64)n * WASI_EVENT_BYTES);
    if (!in || !out || !wasi_mem(w, (u32)a[3], 4))
        return WASI_FAULT;
    struct subscription *subs = n <= FEW ? few : heap_alloc(n * sizeof *subs);
    if (!subs)
        return WASI_NOMEM;
    for (u32 k = 0; k < n; k++) /* all before the first event: both lists may overlap */
        read_one(w, in + (size_t)k * bytes, &subs[k]);
    u32 events = wait(w, subs, n, out);
    if (subs != few)
        heap_free(subs);
    return wasi_put_u32(w, (u32)a[3], events);
}
