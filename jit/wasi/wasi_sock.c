/* wasi_sock.c: sockets, of which there are none: every open descriptor is something else. */
#include "wasi_priv.h"

static enum wasi_errno no_socket(struct wasi *w, u32 fd)
{
    return wasi_fd_find(w, fd) ? WASI_NOTSOCK : WASI_BADF;
}

enum wasi_errno wasi_sock_accept(struct wasi *w, const rt_cell *a)
{
    return no_socket(w, (u32)a[0]);
}

enum wasi_errno wasi_sock_recv(struct wasi *w, const rt_cell *a)
{
    return no_socket(w, (u32)a[0]);
}

enum wasi_errno wasi_sock_send(struct wasi *w, const rt_cell *a)
{
    return no_socket(w, (u32)a[0]);
}

enum wasi_errno wasi_sock_shutdown(struct wasi *w, const rt_cell *a)
{
    return no_socket(w, (u32)a[0]);
}
