/* wasi_fs_blob.c: blobs as a read-only tree.
 *
 * The index holds every blob with its name normalised ("./a//b" is "a/b"), sorted by name: everything below a
 * directory stands together, so a directory is a range of the index and needs no node of its own. */
#include "wasi_fs.h"

#include <string.h>

#include "heap.h"

struct entry {
    char *name; /* normalised, without leading slash */
    const u8 *data;
    size_t len;
    size_t number; /* in the order they were given */
    bool dir;      /* given as "name/": a directory that may be empty */
};
struct index { /* shared by all files of one root */
    struct entry *entries;
    size_t n;
    u32 refs;
};
struct blob_file {
    struct wasi_file file; /* first */
    struct index *index;
    char *path;                /* normalised; directories: "" is everything */
    const struct entry *entry; /* regular files */
};

static const struct wasi_fs_ops blob_ops;

/* --- Names. --- */

/* Appends the components of `from` to `path` (which holds `floor` bytes of a directory that ".." cannot
 * leave). */
static enum wasi_errno append(char *path, size_t floor, const char *from)
{
    size_t n = strlen(path);
    while (*from) {
        size_t len = strcspn(from, "/");
        if (len == 2 && from[0] == '.' && from[1] == '.') {
            if (n <= floor)
                return WASI_NOTCAPABLE;
            while (n > floor && path[n - 1] != '/')
                n--;
            if (n > floor)
                n--;
            else if (n > 0 && path[n - 1] == '/')
                n--;
        } else if (len > 0 && !(len == 1 && from[0] == '.')) {
            if (n + len + 2 > WASI_PATH_MAX)
                return WASI_NAMETOOLONG;
            if (n > 0)
                path[n++] = '/';
            memcpy(path + n, from, len);
            n += len;
        }
        path[n] = 0;
        from += len;
        while (*from == '/')
            from++;
    }
    return WASI_SUCCESS;
}

static char *copy(const char *s)
{
    size_t n = strlen(s) + 1;
    char *c = heap_alloc(n);
    if (c)
        memcpy(c, s, n);
    return c;
}

/* --- The index. --- */

static void index_release(struct index *x)
{
    if (--x->refs > 0)
        return;
    for (size_t k = 0; k < x->n; k++)
        heap_free(x->entries[k].name);
    heap_free(x->entries);
    heap_free(x);
}

/* First entry whose name is not below `name`. */
static size_t lower_bound(const struct index *x, const char *name)
{
    size_t low = 0, high = x->n;
    while (low < high) {
        size_t mid = (low + high) / 2;
        if (strcmp(x->entries[mid].name, name) < 0)
            low = mid + 1;
        else
            high = mid;
    }
    return low;
}

/* By name; of equal names the one that was given first. */
static bool before(const struct entry *a, const struct entry *b)
{
    int c = strcmp(a->name, b->name);
    return c < 0 || (c == 0 && a->number < b->number);
}

static void sift_down(struct entry *e, size_t root, size_t n)
{
    for (size_t child; (child = 2 * root + 1) < n; root = child) {
        if (child + 1 < n && before(&e[child], &e[child + 1]))
            child++;
        if (!before(&e[root], &e[child]))
            return;
        struct entry t = e[root];
        e[root] = e[child];
        e[child] = t;
    }
}

static void index_sort(struct index *x)
{
    for (size_t k = x->n / 2; k-- > 0;)
        sift_down(x->entries, k, x->n);
    for (size_t n = x->n; n > 1;) {
        struct entry t = x->entries[0];
        x->entries[0] = x->entries[--n];
        x->entries[n] = t;
        sift_down(x->entries, 0, n);
    }
}

static void index_drop_doubles(struct index *x)
{
    size_t kept = 0;
    for (size_t k = 0; k < x->n; k++) {
        if (kept > 0 && strcmp(x->entries[kept - 1].name, x->entries[k].name) == 0)
            heap_free(x->entries[k].name);
        else
            x->entries[kept++] = x->entries[k];
    }
    x->n = kept;
}

static enum wasi_errno index_add(struct index *x, size_t *capacity, const struct plat_blob *b)
{
    char name[WASI_PATH_MAX] = "";
    if (append(name, 0, b->name) != WASI_SUCCESS || !name[0])
        return WASI_SUCCESS; /* a name that no program could ask for */
    if (x->n == *capacity) {
        size_t more = *capacity ? *capacity * 2 : 16;
        struct entry *entries = heap_realloc(x->entries, more * sizeof *entries);
        if (!entries)
            return WASI_NOMEM;
        x->entries = entries;
        *capacity = more;
    }
    char *own = copy(name);
    if (!own)
        return WASI_NOMEM;
    bool dir = b->name[strlen(b->name) - 1] == '/';
    x->entries[x->n] =
        (struct entry){.name = own, .data = b->data, .len = b->len, .number = x->n, .dir = dir};
    x->n++;
    return WASI_SUCCESS;
}

static enum wasi_errno index_create(wasi_blob_at_fn at, struct index **out)
{
    struct index *x = heap_calloc(1, sizeof *x);
    if (!x)
        return WASI_NOMEM;
    x->refs = 1;
    size_t capacity = 0;
    struct plat_blob b;
    for (size_t k = 1; at(k, &b) == ST_OK;
         k++) { /* the image's blobs stay where they are; nothing to release */
        enum wasi_errno e = index_add(x, &capacity, &b);
        if (e != WASI_SUCCESS) {
            index_release(x);
            return e;
        }
    }
    index_sort(x);
    index_drop_doubles(x);
    *out = x;
    return WASI_SUCCESS;
}

static const struct entry *find(const struct index *x, const char *name)
{
    size_t at = lower_bound(x, name);
    return at < x->n && strcmp(x->entries[at].name, name) == 0 ? &x->entries[at] : NULL;
}

static bool has_prefix(const char *name, const char *dir, size_t n)
{
    return n == 0 || (strncmp(name, dir, n) == 0 && name[n] == '/');
}

/* First entry below directory `dir`, or x->n. */
static size_t first_below(const struct index *x, const char *dir)
{
    size_t n = strlen(dir);
    if (n == 0)
        return 0;
    char name[WASI_PATH_MAX + 1];
    memcpy(name, dir, n);
    memcpy(name + n, "/", 2);
    size_t at = lower_bound(x, name);
    return at < x->n && has_prefix(x->entries[at].name, dir, n) ? at : x->n;
}

/* --- Files. --- */

static enum wasi_errno file_create(struct index *x, const char *path, const struct entry *e,
                                   struct wasi_file **out)
{
    struct blob_file *f = heap_calloc(1, sizeof *f);
    char *own = copy(path);
    if (!f || !own) {
        heap_free(f);
        heap_free(own);
        return WASI_NOMEM;
    }
    *f = (struct blob_file){
        .file = {.ops = &blob_ops, .type = e ? WASI_FILETYPE_REGULAR_FILE : WASI_FILETYPE_DIRECTORY},
        .index = x,
        .path = own,
        .entry = e};
    x->refs++;
    *out = &f->file;
    return WASI_SUCCESS;
}

static void blob_close(struct wasi_file *file)
{
    struct blob_file *f = (struct blob_file *)file;
    index_release(f->index);
    heap_free(f->path);
    heap_free(f);
}

/* `full` is the normalised name; `*e` NULL: a directory. */
static enum wasi_errno lookup(struct wasi_file *dir, const char *path, char *full, const struct entry **e)
{
    const struct blob_file *d = (const struct blob_file *)dir;
    size_t floor = strlen(d->path);
    memcpy(full, d->path, floor + 1);
    enum wasi_errno r = append(full, floor, path);
    if (r != WASI_SUCCESS)
        return r;
    *e = find(d->index, full);
    if (*e && !(*e)->dir)
        return path[strlen(path) - 1] == '/' ? WASI_NOTDIR : WASI_SUCCESS;
    bool known = *e || !full[0] || first_below(d->index, full) < d->index->n;
    *e = NULL;
    return known ? WASI_SUCCESS : WASI_NOENT;
}

static enum wasi_errno blob_open(struct wasi_file *dir, const char *path, const struct wasi_open *how,
                                 struct wasi_file **out)
{
    char full[WASI_PATH_MAX];
    const struct entry *e;
    enum wasi_errno r = lookup(dir, path, full, &e);
    if (r == WASI_NOENT && how->oflags & WASI_OFLAG_CREAT)
        return WASI_ROFS;
    if (r != WASI_SUCCESS)
        return r;
    if (how->oflags & WASI_OFLAG_CREAT && how->oflags & WASI_OFLAG_EXCL)
        return WASI_EXIST;
    if (e && how->oflags & WASI_OFLAG_DIRECTORY)
        return WASI_NOTDIR;
    if (how->oflags & WASI_OFLAG_TRUNC || (e && how->write))
        return WASI_ROFS;
    return file_create(((struct blob_file *)dir)->index, full, e, out);
}

static void stat_fill(const struct index *x, const char *full, const struct entry *e, struct wasi_stat *out)
{
    /* Numbers of files are odd, of directories even; the root is 2. */
    size_t at = e ? (size_t)(e - x->entries) : first_below(x, full);
    *out = (struct wasi_stat){.ino = e         ? 2 * at + 3
                                     : full[0] ? 2 * at + 4
                                               : 2,
                              .dev = 1,
                              .type = e ? WASI_FILETYPE_REGULAR_FILE : WASI_FILETYPE_DIRECTORY,
                              .nlink = 1,
                              .size = e ? e->len : 0};
}

static enum wasi_errno blob_stat(struct wasi_file *file, struct wasi_stat *out)
{
    const struct blob_file *f = (const struct blob_file *)file;
    stat_fill(f->index, f->path, f->entry, out);
    return WASI_SUCCESS;
}

static enum wasi_errno blob_stat_at(struct wasi_file *dir, const char *path, bool follow,
                                    struct wasi_stat *out)
{
    (void)follow;
    char full[WASI_PATH_MAX];
    const struct entry *e;
    enum wasi_errno r = lookup(dir, path, full, &e);
    if (r == WASI_SUCCESS)
        stat_fill(((struct blob_file *)dir)->index, full, e, out);
    return r;
}

static enum wasi_errno blob_read(struct wasi_file *file, void *buf, size_t len, u64 at, size_t *got)
{
    const struct entry *e = ((const struct blob_file *)file)->entry;
    size_t left = at < e->len ? e->len - at : 0;
    *got = len < left ? len : left;
    if (*got)
        memcpy(buf, e->data + at, *got);
    return WASI_SUCCESS;
}

static enum wasi_errno blob_readlink(struct wasi_file *dir, const char *path, char *buf, size_t len,
                                     size_t *got)
{
    (void)buf, (void)len, (void)got;
    char full[WASI_PATH_MAX];
    const struct entry *e;
    enum wasi_errno r = lookup(dir, path, full, &e);
    return r == WASI_SUCCESS ? WASI_INVAL : r; /* nothing here is a link */
}

/* --- Directories. Cookies: 0 ".", 1 "..", then 2 + number of an entry in the index. --- */

enum { COOKIE_ENTRIES = 2 };

/* One past the entries that share entry `at`'s name up to the end of the child's. */
static size_t group_end(const struct index *x, size_t at, size_t child_end)
{
    size_t k = at + 1;
    while (k < x->n && has_prefix(x->entries[k].name, x->entries[at].name, child_end))
        k++;
    return k;
}

static enum wasi_errno dots(const struct blob_file *f, u64 cookie, struct wasi_dirent *out)
{
    struct wasi_stat s;
    stat_fill(f->index, f->path, NULL, &s);
    *out = (struct wasi_dirent){.next = cookie + 1, .ino = s.ino, .type = WASI_FILETYPE_DIRECTORY};
    memcpy(out->name, "..", cookie + 1);
    return WASI_SUCCESS;
}

/* Whether a child that only shows by what is below it is also there as an entry of its own. */
static bool listed_itself(const struct index *x, const char *name, size_t len)
{
    char own[WASI_PATH_MAX];
    memcpy(own, name, len);
    own[len] = 0;
    return find(x, own) != NULL;
}

static enum wasi_errno blob_readdir(struct wasi_file *dir, u64 cookie, struct wasi_dirent *out, bool *found)
{
    const struct blob_file *f = (const struct blob_file *)dir;
    const struct index *x = f->index;
    *found = true;
    if (cookie < COOKIE_ENTRIES)
        return dots(f, cookie, out);
    size_t skip = f->path[0] ? strlen(f->path) + 1 : 0;
    size_t at = cookie == COOKIE_ENTRIES ? first_below(x, f->path) : cookie - COOKIE_ENTRIES;
    while (at < x->n && has_prefix(x->entries[at].name, f->path, strlen(f->path))) {
        const struct entry *e = &x->entries[at];
        size_t len = strcspn(e->name + skip, "/");
        bool below = e->name[skip + len] == '/';
        size_t next = below ? group_end(x, at, skip + len) : at + 1;
        if (len < WASI_NAME_MAX && !(below && listed_itself(x, e->name, skip + len))) {
            bool is_dir = below || e->dir;
            *out =
                (struct wasi_dirent){.next = next + COOKIE_ENTRIES,
                                     .ino = is_dir ? 2 * at + 4 : 2 * at + 3,
                                     .type = is_dir ? WASI_FILETYPE_DIRECTORY : WASI_FILETYPE_REGULAR_FILE};
            memcpy(out->name, e->name + skip, len);
            return WASI_SUCCESS;
        }
        at = next;
    }
    *found = false;
    return WASI_SUCCESS;
}

static const struct wasi_fs_ops blob_ops = {
    .open = blob_open,
    .close = blob_close,
    .stat = blob_stat,
    .stat_at = blob_stat_at,
    .read = blob_read,
    .readdir = blob_readdir,
    .readlink = blob_readlink,
};

enum wasi_errno wasi_fs_blob_open_root(wasi_blob_at_fn at, const char *prefix, struct wasi_file **out)
{
    char path[WASI_PATH_MAX] = "";
    enum wasi_errno r = append(path, 0, prefix);
    if (r != WASI_SUCCESS)
        return r;
    struct index *x;
    r = index_create(at, &x);
    if (r != WASI_SUCCESS)
        return r;
    const struct entry *e = find(x, path);
    if (e && !e->dir)
        r = WASI_NOTDIR;
    else if (path[0] && !e && first_below(x, path) == x->n)
        r = WASI_NOENT;
    else
        r = file_create(x, path, NULL, out);
    index_release(x);
    return r;
}
