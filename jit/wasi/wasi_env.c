/* wasi_env.c: arguments, environment, clocks, random numbers, exit; and access to guest memory. */
#include "wasi_priv.h"

#include <string.h>

#include "plat.h"

void *wasi_mem(const struct wasi *w, u32 ptr, u64 len)
{
    const struct rt_memory *m = w->mem;
    if (!m || len > m->bytes || ptr > m->bytes - len)
        return NULL;
    return m->base + ptr;
}

static enum wasi_errno put(const struct wasi *w, u32 ptr, u64 v, u32 bytes)
{
    u8 *p = wasi_mem(w, ptr, bytes);
    if (!p)
        return WASI_FAULT;
    wasi_store(p, 0, v, bytes);
    return WASI_SUCCESS;
}

enum wasi_errno wasi_put_u32(const struct wasi *w, u32 ptr, u32 v)
{
    return put(w, ptr, v, 4);
}

enum wasi_errno wasi_put_u64(const struct wasi *w, u32 ptr, u64 v)
{
    return put(w, ptr, v, 8);
}

/* --- Arguments and environment. --- */

static enum wasi_errno strings_get(struct wasi *w, const struct wasi_strings *s, u32 pointers, u32 text)
{
    u8 *p = wasi_mem(w, pointers, 4ull * s->count);
    u8 *t = wasi_mem(w, text, s->bytes);
    if (!p || !t)
        return WASI_FAULT;
    memcpy(t, s->text, s->bytes);
    for (u32 k = 0, at = 0; k < s->count; k++) {
        wasi_store(p, 4 * k, text + at, 4);
        at += (u32)strlen(s->text + at) + 1;
    }
    return WASI_SUCCESS;
}

static enum wasi_errno strings_sizes(struct wasi *w, const struct wasi_strings *s, u32 count, u32 bytes)
{
    WASI_TRY(wasi_put_u32(w, count, s->count));
    return wasi_put_u32(w, bytes, s->bytes);
}

enum wasi_errno wasi_args_get(struct wasi *w, const rt_cell *a)
{
    return strings_get(w, &w->args, (u32)a[0], (u32)a[1]);
}

enum wasi_errno wasi_args_sizes_get(struct wasi *w, const rt_cell *a)
{
    return strings_sizes(w, &w->args, (u32)a[0], (u32)a[1]);
}

enum wasi_errno wasi_environ_get(struct wasi *w, const rt_cell *a)
{
    return strings_get(w, &w->env, (u32)a[0], (u32)a[1]);
}

enum wasi_errno wasi_environ_sizes_get(struct wasi *w, const rt_cell *a)
{
    return strings_sizes(w, &w->env, (u32)a[0], (u32)a[1]);
}

/* --- Clocks. --- */

static bool clock_of(u32 id, enum plat_clock *out)
{
    switch (id) {
    case WASI_CLOCK_REALTIME: *out = PLAT_CLOCK_REAL; return true;
    case WASI_CLOCK_MONOTONIC: *out = PLAT_CLOCK_MONO; return true;
    case WASI_CLOCK_PROCESS_CPU:
    case WASI_CLOCK_THREAD_CPU: *out = PLAT_CLOCK_THREAD; return true;
    default: return false;
    }
}

enum wasi_errno wasi_clock_res_get(struct wasi *w, const rt_cell *a)
{
    enum plat_clock c;
    if (!clock_of((u32)a[0], &c))
        return WASI_INVAL;
    return wasi_put_u64(w, (u32)a[1], 1);
}

enum wasi_errno wasi_clock_time_get(struct wasi *w, const rt_cell *a)
{
    enum plat_clock c;
    if (!clock_of((u32)a[0], &c))
        return WASI_INVAL;
    return wasi_put_u64(w, (u32)a[2], plat_clock_ns(c));
}

/* --- The rest. --- */

enum wasi_errno wasi_random_get(struct wasi *w, const rt_cell *a)
{
    void *p = wasi_mem(w, (u32)a[0], (u32)a[1]);
    if (!p)
        return WASI_FAULT;
    plat_random(p, (u32)a[1]);
    return WASI_SUCCESS;
}

enum wasi_errno wasi_sched_yield(struct wasi *w, const rt_cell *a)
{
    (void)w, (void)a;
    return WASI_SUCCESS;
}

static enum wasi_errno end(struct wasi *w, u32 code)
{
    rt_thread.exit_code = code;
    w->exiting = true;
    return WASI_SUCCESS;
}

enum wasi_errno wasi_proc_exit(struct wasi *w, const rt_cell *a)
{
    return end(w, (u32)a[0]);
}

/* Nothing can be installed to handle a signal: each does what it does by default. Ending by a signal gives
 * the exit code that a shell would show. */
enum wasi_errno wasi_proc_raise(struct wasi *w, const rt_cell *a)
{
    enum { SHELL_SIGNAL_BASE = 128 };
    u32 signal = (u32)a[0] & 0xff;
    if (signal > WASI_SIGNAL_LAST)
        return WASI_INVAL;
    switch (signal) {
    case WASI_SIGNAL_NONE:
    case WASI_SIGNAL_CHLD:
    case WASI_SIGNAL_CONT:
    case WASI_SIGNAL_URG:
    case WASI_SIGNAL_WINCH: return WASI_SUCCESS;
    case WASI_SIGNAL_STOP:
    case WASI_SIGNAL_TSTP:
    case WASI_SIGNAL_TTIN:
    case WASI_SIGNAL_TTOU: return WASI_NOTSUP; /* there is nobody to continue it */
    default: return end(w, SHELL_SIGNAL_BASE + signal);
    }
}
