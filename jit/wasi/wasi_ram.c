/* wasi_ram.c: the file system in memory: its operations, and filling it from blobs. */
#include "wasi_ram_priv.h"

#include <string.h>

#include "heap.h"

enum { DEV = 1, COOKIE_ENTRIES = 2 /* cookies 0 "." and 1 "..", then 2 + an entry's position */ };

struct ram_file {
    struct wasi_file file; /* first */
    struct wasi_ram *ram;
    struct ram_node *node;
};

static const struct wasi_fs_ops ram_ops;

static struct wasi_ram *ram_of(struct wasi_file *f)
{
    return ((struct ram_file *)f)->ram;
}

static struct ram_node *node_of(struct wasi_file *f)
{
    return ((struct ram_file *)f)->node;
}

static bool is_dir(const struct ram_node *n)
{
    return n->type == WASI_FILETYPE_DIRECTORY;
}

/* --- Paths. --- */

struct trail {
    const struct wasi_ram *ram;
    struct ram_node *at;
};

static enum wasi_errno enter(void *env, const char *name)
{
    struct trail *t = env;
    const struct ram_entry *e = ram_entry_find(t->ram, t->at, name);
    if (!e)
        return WASI_NOENT;
    if (!is_dir(e->node))
        return WASI_NOTDIR;
    t->at = e->node;
    return WASI_SUCCESS;
}

static void leave(void *env)
{
    struct trail *t = env;
    t->at = t->at->dir.parent;
}

static enum wasi_errno read_link(void *env, const char *name, char *target, size_t *len)
{
    const struct trail *t = env;
    const struct ram_entry *e = ram_entry_find(t->ram, t->at, name);
    if (!e)
        return WASI_NOENT;
    if (e->node->type != WASI_FILETYPE_SYMBOLIC_LINK)
        return WASI_INVAL;
    *len = strlen(e->node->target);
    memcpy(target, e->node->target, *len); /* shorter than WASI_PATH_MAX */
    return WASI_SUCCESS;
}

struct place {
    struct ram_node *dir;
    struct wasi_walk_end end;
    struct ram_entry *entry; /* NULL: there is none, or the path is "." */
    struct ram_node *node;   /* NULL: there is none */
};

static enum wasi_errno find(struct wasi_file *dir, const char *path, bool follow, struct place *p)
{
    static const struct wasi_walk_ops ops = {.enter = enter, .leave = leave, .readlink = read_link};
    struct trail t = {.ram = ram_of(dir), .at = node_of(dir)};
    p->entry = NULL;
    p->node = NULL;
    enum wasi_errno e = wasi_walk(&ops, &t, path, follow, &p->end);
    if (e != WASI_SUCCESS)
        return e;
    bool self = strcmp(p->end.name, ".") == 0;
    p->dir = t.at;
    p->entry = self ? NULL : ram_entry_find(t.ram, t.at, p->end.name);
    p->node = self ? t.at : p->entry ? p->entry->node : NULL;
    return p->node && p->end.must_be_dir && !is_dir(p->node) ? WASI_NOTDIR : WASI_SUCCESS;
}

/* The same for what has to be there. */
static enum wasi_errno get(struct wasi_file *dir, const char *path, bool follow, struct place *p)
{
    enum wasi_errno e = find(dir, path, follow, p);
    return e == WASI_SUCCESS && !p->node ? WASI_NOENT : e;
}

/* Gives a new node its name, or ends it. */
static enum wasi_errno add_new(struct wasi_ram *r, struct ram_node *dir, const char *name, struct ram_node *n)
{
    enum wasi_errno e = ram_entry_add(r, dir, name, n);
    if (e != WASI_SUCCESS)
        ram_node_drop(r, n);
    return e;
}

static enum wasi_errno new_node(struct wasi_ram *r, struct ram_node *dir, const char *name,
                                enum wasi_filetype type, struct ram_node **out)
{
    enum wasi_errno e = ram_node_create(r, type, out);
    return e == WASI_SUCCESS ? add_new(r, dir, name, *out) : e;
}

static enum wasi_errno new_symlink(struct wasi_ram *r, struct ram_node *dir, const char *name,
                                   const char *target, struct ram_node **out)
{
    size_t len = strlen(target) + 1;
    if (len > WASI_PATH_MAX)
        return WASI_NAMETOOLONG;
    enum wasi_errno e = ram_node_create(r, WASI_FILETYPE_SYMBOLIC_LINK, out);
    if (e != WASI_SUCCESS)
        return e;
    (*out)->target = ram_alloc(&r->budget, len);
    if (!(*out)->target) {
        ram_node_drop(r, *out);
        return WASI_NOSPC;
    }
    memcpy((*out)->target, target, len);
    return add_new(r, dir, name, *out);
}

/* --- Opening. --- */

static enum wasi_errno file_create(struct wasi_ram *r, struct ram_node *n, struct wasi_file **out)
{
    struct ram_file *f = heap_calloc(1, sizeof *f);
    if (!f)
        return WASI_NOMEM;
    *f = (struct ram_file){.file = {.ops = &ram_ops, .type = n->type}, .ram = r, .node = n};
    n->opens++;
    r->refs++;
    *out = &f->file;
    return WASI_SUCCESS;
}

static enum wasi_errno open_existing(const struct place *p, const struct wasi_open *how)
{
    if (how->oflags & WASI_OFLAG_CREAT && how->oflags & WASI_OFLAG_EXCL)
        return WASI_EXIST;
    if (how->oflags & WASI_OFLAG_DIRECTORY)
        return is_dir(p->node) ? WASI_SUCCESS : WASI_NOTDIR;
    if (p->node->type == WASI_FILETYPE_SYMBOLIC_LINK)
        return WASI_LOOP;
    if (is_dir(p->node) && (how->write || how->oflags & (WASI_OFLAG_CREAT | WASI_OFLAG_TRUNC)))
        return WASI_ISDIR;
    return WASI_SUCCESS;
}

static enum wasi_errno ram_open(struct wasi_file *dir, const char *path, const struct wasi_open *how,
                                struct wasi_file **out)
{
    struct wasi_ram *r = ram_of(dir);
    struct place p;
    bool exclusive = how->oflags & WASI_OFLAG_CREAT && how->oflags & WASI_OFLAG_EXCL;
    enum wasi_errno e = find(dir, path, how->follow && !exclusive, &p);
    if (e != WASI_SUCCESS)
        return e;
    if (p.node)
        e = open_existing(&p, how);
    else if (!(how->oflags & WASI_OFLAG_CREAT) || p.end.must_be_dir)
        e = WASI_NOENT;
    else
        e = new_node(r, p.dir, p.end.name, WASI_FILETYPE_REGULAR_FILE, &p.node);
    if (e == WASI_SUCCESS)
        e = file_create(r, p.node, out);
    if (e == WASI_SUCCESS && how->oflags & WASI_OFLAG_TRUNC && !is_dir(p.node)) {
        (void)ram_data_set_size(&p.node->data, &r->budget, 0);
        ram_touch(p.node, true);
    }
    return e;
}

static void ram_close(struct wasi_file *file)
{
    struct ram_file *f = (struct ram_file *)file;
    f->node->opens--;
    ram_node_drop(f->ram, f->node);
    wasi_ram_release(f->ram);
    heap_free(f);
}

/* --- Attributes. --- */

static u64 size_of(const struct ram_node *n)
{
    if (n->type == WASI_FILETYPE_REGULAR_FILE)
        return n->data.size;
    return is_dir(n) ? n->dir.live : strlen(n->target);
}

static u64 time_of(u64 ns)
{
    return ns == RAM_TIME_START ? plat_clock_ns(PLAT_CLOCK_REAL) - plat_clock_ns(PLAT_CLOCK_MONO) : ns;
}

static void stat_fill(const struct ram_node *n, struct wasi_stat *out)
{
    *out = (struct wasi_stat){.dev = DEV,
                              .ino = n->ino,
                              .type = n->type,
                              .nlink = is_dir(n) ? n->links + 1 + n->dir.subdirs : n->links,
                              .size = size_of(n),
                              .atim_ns = time_of(n->atim_ns),
                              .mtim_ns = time_of(n->mtim_ns),
                              .ctim_ns = time_of(n->ctim_ns)};
}

static enum wasi_errno ram_stat(struct wasi_file *f, struct wasi_stat *out)
{
    stat_fill(node_of(f), out);
    return WASI_SUCCESS;
}

static enum wasi_errno ram_stat_at(struct wasi_file *dir, const char *path, bool follow,
                                   struct wasi_stat *out)
{
    struct place p;
    enum wasi_errno e = get(dir, path, follow, &p);
    if (e == WASI_SUCCESS)
        stat_fill(p.node, out);
    return e;
}

static void times_set(struct ram_node *n, const struct wasi_times *t)
{
    ram_touch(n, false);
    if (t->flags & (WASI_FST_ATIM | WASI_FST_ATIM_NOW))
        n->atim_ns = t->flags & WASI_FST_ATIM ? t->atim_ns : n->ctim_ns;
    if (t->flags & (WASI_FST_MTIM | WASI_FST_MTIM_NOW))
        n->mtim_ns = t->flags & WASI_FST_MTIM ? t->mtim_ns : n->ctim_ns;
}

static enum wasi_errno ram_set_times(struct wasi_file *f, const struct wasi_times *t)
{
    times_set(node_of(f), t);
    return WASI_SUCCESS;
}

static enum wasi_errno ram_set_times_at(struct wasi_file *dir, const char *path, bool follow,
                                        const struct wasi_times *t)
{
    struct place p;
    enum wasi_errno e = get(dir, path, follow, &p);
    if (e == WASI_SUCCESS)
        times_set(p.node, t);
    return e;
}

static enum wasi_errno ram_readlink(struct wasi_file *dir, const char *path, char *buf, size_t len,
                                    size_t *got)
{
    struct place p;
    enum wasi_errno e = get(dir, path, false, &p);
    if (e != WASI_SUCCESS)
        return e;
    if (p.node->type != WASI_FILETYPE_SYMBOLIC_LINK)
        return WASI_INVAL;
    size_t n = strlen(p.node->target);
    *got = n < len ? n : len;
    if (*got)
        memcpy(buf, p.node->target, *got);
    return WASI_SUCCESS;
}

/* --- Contents. Reading leaves the time of access alone. --- */

static enum wasi_errno ram_read(struct wasi_file *f, void *buf, size_t len, u64 at, size_t *got)
{
    *got = ram_data_read(&node_of(f)->data, buf, len, at);
    return WASI_SUCCESS;
}

static enum wasi_errno ram_write(struct wasi_file *f, const void *buf, size_t len, u64 at, size_t *put)
{
    struct ram_node *n = node_of(f);
    enum wasi_errno e = ram_data_write(&n->data, &ram_of(f)->budget, buf, len, at, put);
    if (*put)
        ram_touch(n, true);
    return e;
}

static enum wasi_errno ram_set_size(struct wasi_file *f, u64 size)
{
    struct ram_node *n = node_of(f);
    enum wasi_errno e = ram_data_set_size(&n->data, &ram_of(f)->budget, size);
    if (e == WASI_SUCCESS)
        ram_touch(n, true);
    return e;
}

static enum wasi_errno ram_allocate(struct wasi_file *f, u64 at, u64 len)
{
    struct ram_node *n = node_of(f);
    enum wasi_errno e = ram_data_allocate(&n->data, &ram_of(f)->budget, at, len);
    if (e == WASI_SUCCESS)
        ram_touch(n, false);
    return e;
}

static enum wasi_errno ram_sync(struct wasi_file *f, bool data_only)
{
    (void)f, (void)data_only; /* what is written is where it will stay */
    return WASI_SUCCESS;
}

static enum wasi_errno ram_set_nonblock(struct wasi_file *f, bool on)
{
    (void)f, (void)on; /* nothing here blocks */
    return WASI_SUCCESS;
}

/* --- Directories. --- */

static enum wasi_errno ram_readdir(struct wasi_file *dir, u64 cookie, struct wasi_dirent *out, bool *found)
{
    const struct ram_node *n = node_of(dir);
    *found = true;
    if (cookie < COOKIE_ENTRIES) {
        *out = (struct wasi_dirent){
            .next = cookie + 1, .ino = cookie ? n->dir.parent->ino : n->ino, .type = WASI_FILETYPE_DIRECTORY};
        memcpy(out->name, "..", cookie + 1);
        return WASI_SUCCESS;
    }
    const struct ram_entry *e = ram_entry_at(n, cookie - COOKIE_ENTRIES);
    *found = e != NULL;
    if (e) {
        *out = (struct wasi_dirent){
            .next = e->seq + COOKIE_ENTRIES + 1, .ino = e->node->ino, .type = e->node->type};
        memcpy(out->name, e->name, strlen(e->name) + 1);
    }
    return WASI_SUCCESS;
}

static enum wasi_errno ram_make_dir(struct wasi_file *dir, const char *path)
{
    struct place p;
    enum wasi_errno e = find(dir, path, false, &p);
    if (p.node && (e == WASI_SUCCESS || e == WASI_NOTDIR))
        return WASI_EXIST;
    return e == WASI_SUCCESS ? new_node(ram_of(dir), p.dir, p.end.name, WASI_FILETYPE_DIRECTORY, &p.node) : e;
}

static enum wasi_errno ram_remove(struct wasi_file *dir, const char *path, bool is_directory)
{
    struct place p;
    enum wasi_errno e = get(dir, path, false, &p);
    if (e != WASI_SUCCESS)
        return e;
    if (is_directory != is_dir(p.node))
        return is_directory ? WASI_NOTDIR : WASI_ISDIR;
    if (!p.entry)
        return WASI_INVAL;
    if (is_directory && p.node->dir.live)
        return WASI_NOTEMPTY;
    ram_entry_remove(ram_of(dir), p.entry);
    return WASI_SUCCESS;
}

static bool is_below(const struct ram_node *n, const struct ram_node *above)
{
    while (n != above && n->dir.parent != n)
        n = n->dir.parent;
    return n == above;
}

static enum wasi_errno rename_check(const struct place *a, const struct place *b)
{
    bool dir = is_dir(a->node);
    if (!a->entry || (b->node && !b->entry))
        return WASI_BUSY;
    if (b->end.must_be_dir && !dir)
        return WASI_NOTDIR;
    if (dir && is_below(b->dir, a->node))
        return WASI_INVAL;
    if (!b->node)
        return WASI_SUCCESS;
    if (is_dir(b->node) != dir)
        return dir ? WASI_NOTDIR : WASI_ISDIR;
    return dir && b->node->dir.live ? WASI_NOTEMPTY : WASI_SUCCESS;
}

static enum wasi_errno ram_rename(struct wasi_file *from_dir, const char *from, struct wasi_file *to_dir,
                                  const char *to)
{
    struct wasi_ram *r = ram_of(from_dir);
    struct place a, b;
    if (r != ram_of(to_dir))
        return WASI_XDEV;
    enum wasi_errno e = get(from_dir, from, false, &a);
    if (e == WASI_SUCCESS)
        e = find(to_dir, to, false, &b);
    if (e == WASI_SUCCESS && a.node == b.node && a.entry)
        return WASI_SUCCESS; /* two names of one file stay, says POSIX */
    if (e == WASI_SUCCESS)
        e = rename_check(&a, &b);
    if (e != WASI_SUCCESS)
        return e;
    if (b.entry)
        ram_entry_replace(r, b.entry, a.node);
    else
        e = ram_entry_add(r, b.dir, b.end.name, a.node);
    if (e == WASI_SUCCESS)
        ram_entry_remove(r, a.entry);
    return e;
}

static enum wasi_errno ram_link(struct wasi_file *from_dir, const char *from, bool follow,
                                struct wasi_file *to_dir, const char *to)
{
    struct place a, b;
    if (ram_of(from_dir) != ram_of(to_dir))
        return WASI_XDEV;
    enum wasi_errno e = get(from_dir, from, follow, &a);
    if (e == WASI_SUCCESS)
        e = find(to_dir, to, false, &b);
    if (e != WASI_SUCCESS)
        return e;
    if (b.node)
        return WASI_EXIST;
    if (is_dir(a.node))
        return WASI_PERM;
    return b.end.must_be_dir ? WASI_NOENT : ram_entry_add(ram_of(to_dir), b.dir, b.end.name, a.node);
}

static enum wasi_errno ram_symlink(struct wasi_file *dir, const char *target, const char *path)
{
    struct place p;
    enum wasi_errno e = find(dir, path, false, &p);
    if (e != WASI_SUCCESS)
        return e;
    if (p.node)
        return WASI_EXIST;
    return p.end.must_be_dir ? WASI_NOENT : new_symlink(ram_of(dir), p.dir, p.end.name, target, &p.node);
}

static const struct wasi_fs_ops ram_ops = {
    .open = ram_open,
    .close = ram_close,
    .stat = ram_stat,
    .stat_at = ram_stat_at,
    .read = ram_read,
    .readdir = ram_readdir,
    .readlink = ram_readlink,
    .write = ram_write,
    .set_size = ram_set_size,
    .allocate = ram_allocate,
    .sync = ram_sync,
    .set_nonblock = ram_set_nonblock,
    .set_times = ram_set_times,
    .set_times_at = ram_set_times_at,
    .make_dir = ram_make_dir,
    .remove = ram_remove,
    .rename = ram_rename,
    .link = ram_link,
    .symlink = ram_symlink,
};

/* --- Filling. --- */

/* The next component of `*path` that is not "."; 0: none is left; WASI_NAME_MAX: one that cannot be. */
static size_t component(const char **path, char *name)
{
    size_t len;
    do {
        *path += strspn(*path, "/");
        len = strcspn(*path, "/");
        if (len >= WASI_NAME_MAX || (len == 2 && memcmp(*path, "..", 2) == 0))
            return WASI_NAME_MAX;
        memcpy(name, *path, len);
        name[len] = 0;
        *path += len;
    } while (len == 1 && name[0] == '.');
    return len;
}

/* Goes along `path`, making directories that are missing, to its last component. `*dir` NULL: no tree can
 * have this name. `name` "": the root itself. */
static enum wasi_errno descend(struct wasi_ram *r, const char *path, struct ram_node **dir, char *name)
{
    char next[WASI_NAME_MAX];
    *dir = r->root;
    size_t len = component(&path, name);
    for (; len && len < WASI_NAME_MAX && (len = component(&path, next)); memcpy(name, next, len + 1)) {
        if (len == WASI_NAME_MAX)
            break;
        struct ram_entry *e = ram_entry_find(r, *dir, name);
        struct ram_node *n = e ? e->node : NULL;
        enum wasi_errno error = n ? WASI_SUCCESS : new_node(r, *dir, name, WASI_FILETYPE_DIRECTORY, &n);
        if (error != WASI_SUCCESS)
            return error;
        if (!is_dir(n)) {
            len = WASI_NAME_MAX;
            break;
        }
        *dir = n;
    }
    if (len == WASI_NAME_MAX)
        *dir = NULL;
    return WASI_SUCCESS;
}

static enum wasi_errno add_link(struct wasi_ram *r, struct ram_node *dir, const char *name,
                                const char *target)
{
    struct ram_node *from;
    char from_name[WASI_NAME_MAX];
    enum wasi_errno e = descend(r, target, &from, from_name);
    const struct ram_entry *first = e == WASI_SUCCESS && from ? ram_entry_find(r, from, from_name) : NULL;
    return first && !is_dir(first->node) ? ram_entry_add(r, dir, name, first->node) : e;
}

static enum wasi_errno add_blob(struct wasi_ram *r, const struct plat_blob *b)
{
    struct ram_node *dir, *n = NULL;
    char name[WASI_NAME_MAX];
    enum wasi_errno e = descend(r, b->name, &dir, name);
    if (e != WASI_SUCCESS || !dir || !name[0] || ram_entry_find(r, dir, name))
        return e;
    switch (b->kind) {
    case PLAT_BLOB_FILE: {
        bool slash = b->name[strlen(b->name) - 1] == '/';
        e = new_node(r, dir, name, slash ? WASI_FILETYPE_DIRECTORY : WASI_FILETYPE_REGULAR_FILE, &n);
        if (e == WASI_SUCCESS && !slash)
            n->data = (struct ram_data){.size = b->len, .blob = b->data, .blob_len = b->len};
        break;
    }
    case PLAT_BLOB_DIR: e = new_node(r, dir, name, WASI_FILETYPE_DIRECTORY, &n); break;
    case PLAT_BLOB_SYMLINK: e = new_symlink(r, dir, name, b->target, &n); break;
    case PLAT_BLOB_LINK: e = add_link(r, dir, name, b->target); break;
    }
    if (e == WASI_SUCCESS && n && b->mtime_s)
        n->atim_ns = n->mtim_ns = b->mtime_s * 1000000000u;
    return e;
}

enum wasi_errno wasi_ram_create(wasi_blob_at_fn at, u64 bytes_max, struct wasi_ram **out)
{
    struct wasi_ram *r = heap_calloc(1, sizeof *r);
    if (!r)
        return WASI_NOMEM;
    *r = (struct wasi_ram){.budget = {.max = bytes_max}, .next_ino = 1, .refs = 1};
    ram_at_start = true;
    enum wasi_errno e = ram_node_create(r, WASI_FILETYPE_DIRECTORY, &r->root);
    if (e != WASI_SUCCESS) {
        ram_at_start = false;
        heap_free(r);
        return e;
    }
    r->root->dir.parent = r->root;
    r->root->links = 1;
    struct plat_blob b;
    for (size_t k = 1; e == WASI_SUCCESS && at && at(k, &b) == ST_OK; k++)
        e = add_blob(r, &b);
    ram_at_start = false;
    if (e != WASI_SUCCESS)
        wasi_ram_release(r);
    else
        *out = r;
    return e;
}

enum wasi_errno wasi_ram_open_root(struct wasi_ram *r, const char *path, struct wasi_file **out)
{
    struct wasi_file *root;
    struct wasi_open how = {.oflags = WASI_OFLAG_DIRECTORY, .follow = true};
    enum wasi_errno e = file_create(r, r->root, &root);
    if (e != WASI_SUCCESS)
        return e;
    path += strspn(path, "/");
    e = ram_open(root, *path ? path : ".", &how, out);
    ram_close(root);
    return e;
}

u64 wasi_ram_bytes(const struct wasi_ram *r)
{
    return r->budget.used;
}

void wasi_ram_release(struct wasi_ram *r)
{
    if (--r->refs > 0)
        return;
    ram_tree_fini(r);
    heap_free(r);
}
