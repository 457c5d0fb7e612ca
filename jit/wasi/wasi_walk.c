/* wasi_walk.c: the walk along a path that never leaves the directory where it began. */
#include "wasi_fs.h"

#include <string.h>

enum { DEPTH_MAX = 64, LINKS_MAX = 40 };

struct walk {
    const struct wasi_walk_ops *ops;
    void *env;
    u32 depth; /* directories entered */
    u32 links;
    bool follow;
    char rest[2 * WASI_PATH_MAX];
};

/* Takes the next component off the front. False: there is none. `*last`: nothing but slashes follows. */
static bool next_component(struct walk *w, char *name, bool *last, bool *slash, enum wasi_errno *e)
{
    char *p = w->rest + strspn(w->rest, "/");
    size_t len = strcspn(p, "/");
    if (len >= WASI_NAME_MAX) {
        *e = WASI_NAMETOOLONG;
        return false;
    }
    if (len == 0)
        return false;
    memcpy(name, p, len);
    name[len] = 0;
    p += len;
    *slash = *p == '/';
    *last = p[strspn(p, "/")] == 0;
    memmove(w->rest, p, strlen(p) + 1);
    return true;
}

/* Puts a link's target in front of what is left. */
static enum wasi_errno prepend(struct walk *w, const char *target, size_t len)
{
    if (++w->links > LINKS_MAX)
        return WASI_LOOP;
    if (len == 0)
        return WASI_NOENT;
    if (len >= WASI_PATH_MAX)
        return WASI_NAMETOOLONG;
    if (target[0] == '/')
        return WASI_NOTCAPABLE;
    size_t rest = strlen(w->rest);
    if (len + rest + 1 > sizeof w->rest)
        return WASI_NAMETOOLONG;
    memmove(w->rest + len, w->rest, rest + 1);
    memcpy(w->rest, target, len);
    return WASI_SUCCESS;
}

static enum wasi_errno go_up(struct walk *w)
{
    if (w->depth == 0)
        return WASI_NOTCAPABLE;
    w->depth--;
    w->ops->leave(w->env);
    return WASI_SUCCESS;
}

/* `*followed`: `name` was a link, whose target now stands in front. */
static enum wasi_errno try_link(struct walk *w, const char *name, bool *followed)
{
    char target[WASI_PATH_MAX];
    size_t len;
    enum wasi_errno e = w->ops->readlink(w->env, name, target, &len);
    *followed = e == WASI_SUCCESS;
    if (e == WASI_SUCCESS)
        return prepend(w, target, len);
    return e == WASI_INVAL || e == WASI_NOENT ? WASI_SUCCESS : e;
}

/* A component with others behind it. */
static enum wasi_errno middle(struct walk *w, const char *name)
{
    if (w->depth == DEPTH_MAX)
        return WASI_NAMETOOLONG;
    enum wasi_errno e = w->ops->enter(w->env, name);
    if (e == WASI_SUCCESS)
        w->depth++;
    if (e != WASI_NOTDIR)
        return e;
    bool followed;
    enum wasi_errno link = try_link(w, name, &followed);
    return followed || link != WASI_SUCCESS ? link : WASI_NOTDIR;
}

/* `*done`: `name` is the last, in the directory that was entered last. */
static enum wasi_errno step(struct walk *w, const char *name, bool last, bool slash, bool *done)
{
    if (strcmp(name, ".") == 0)
        return WASI_SUCCESS;
    if (strcmp(name, "..") == 0)
        return go_up(w);
    if (!last)
        return middle(w, name);
    bool followed = false;
    enum wasi_errno e = slash || w->follow ? try_link(w, name, &followed) : WASI_SUCCESS;
    *done = e == WASI_SUCCESS && !followed;
    return e;
}

enum wasi_errno wasi_walk(const struct wasi_walk_ops *ops, void *env, const char *path, bool follow,
                          struct wasi_walk_end *out)
{
    struct walk w;
    w.ops = ops;
    w.env = env;
    w.depth = w.links = 0;
    w.follow = follow;
    size_t n = strlen(path);
    if (n >= WASI_PATH_MAX)
        return WASI_NAMETOOLONG;
    memcpy(w.rest, path, n + 1);
    enum wasi_errno e = WASI_SUCCESS;
    bool last, slash = false, done = false;
    out->must_be_dir = false;
    while (e == WASI_SUCCESS && !done && next_component(&w, out->name, &last, &slash, &e))
        e = step(&w, out->name, last, slash, &done);
    if (done)
        out->must_be_dir = slash;
    else
        memcpy(out->name, ".", 2);
    return e;
}
