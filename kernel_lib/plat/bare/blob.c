/* blob.c: boot modules as read-only files. A module that is a ustar archive becomes its members; any other is
 * one blob under its name, the first word of its command line (a module without one is "app.wasm": that is
 * QEMU's -initrd). Source: POSIX.1-2017, pax, ustar interchange format; GNU tar's long names ('L', 'K').
 *
 * Directories and links before the first file are dropped: number 0 is the program (in an appliance, which
 * has its own, they stay). */
#include "cmdline.h"
#include "memory/vm_priv.h"
#include "plat.h"
#include "runtime.h"

#include <string.h>

enum { TAR_BLOCK = 512, TAR_NAME = 0, TAR_SIZE = 124, TAR_MTIME = 136, TAR_TYPE = 156, TAR_LINK = 157 };
enum { TAR_MAGIC = 257, TAR_PREFIX = 345 };
enum { NAME_BYTES = 100, PREFIX_BYTES = 155, NUMBER_BYTES = 12 };
#define LIST_BYTES (1ull << 30) /* of addresses, for each of both lists */
#define STEP_BYTES (16 * PLAT_PAGE)
#ifdef ANNEAL_APPLIANCE
enum { PROGRAM_FIRST = 0 };
#else
enum { PROGRAM_FIRST = 1 };
#endif

static struct plat_blob *blobs;
static size_t count, backed;    /* blobs; bytes of their list */
static char *names, *names_end; /* texts that are not whole in the modules; backed up to the end */
static bool known;

static bool has_text_room(size_t len)
{
    while ((size_t)(names_end - names) < len) {
        if (plat_commit(names_end, STEP_BYTES, PLAT_RW) != ST_OK)
            return false;
        names_end += STEP_BYTES;
    }
    return true;
}

static char *name_keep(const char *a, size_t a_len, const char *b, size_t b_len)
{
    size_t len = a_len + (a_len ? 1 : 0) + b_len;
    if (!has_text_room(len + 1))
        return NULL;
    char *at = names, *p = at;
    memcpy(p, a, a_len);
    p += a_len;
    if (a_len)
        *p++ = '/';
    memcpy(p, b, b_len);
    p[b_len] = 0;
    names += len + 1;
    return at;
}

/* The list is one reservation, backed as it grows. A step is no multiple of an entry. */
static bool has_room(void)
{
    if ((count + 1) * sizeof *blobs <= backed)
        return true;
    if (backed == LIST_BYTES || plat_commit((uint8_t *)blobs + backed, STEP_BYTES, PLAT_RW) != ST_OK)
        return false;
    backed += STEP_BYTES;
    return true;
}

static void add(struct plat_blob b)
{
    if (!b.name || (b.kind != PLAT_BLOB_FILE &&
                    ((PROGRAM_FIRST && count == 0) || (b.kind != PLAT_BLOB_DIR && !b.target))))
        return;
    if (strncmp(b.name, "./", 2) == 0 && b.name[2])
        b.name += 2;
    if (has_room())
        blobs[count++] = b;
}

static size_t field_len(const uint8_t *at, size_t max)
{
    size_t n = 0;
    while (n < max && at[n])
        n++;
    return n;
}

static uint64_t octal(const uint8_t *at, size_t len)
{
    uint64_t v = 0;
    for (size_t i = 0; i < len && at[i]; i++)
        if (at[i] >= '0' && at[i] <= '7')
            v = v * 8 + (at[i] - '0');
    return v;
}

static bool is_tar(const uint8_t *data, size_t len)
{
    return len >= TAR_BLOCK && memcmp(data + TAR_MAGIC, "ustar", 5) == 0;
}

struct long_names { /* of the member behind them; NULL: its header has the whole name */
    const char *name, *link;
};

static const char *member_name(const uint8_t *h)
{
    bool posix = h[TAR_MAGIC + 5] == 0; /* GNU's own form has other things where the prefix is */
    return name_keep((const char *)h + TAR_PREFIX, posix ? field_len(h + TAR_PREFIX, PREFIX_BYTES) : 0,
                     (const char *)h, field_len(h, NAME_BYTES));
}

static void add_member(const uint8_t *h, const uint8_t *body, size_t size, const struct long_names *l)
{
    struct plat_blob b = {.mtime_s = octal(h + TAR_MTIME, NUMBER_BYTES)};
    switch (h[TAR_TYPE]) {
    case 0:
    case '0':
        b.data = body;
        b.len = size;
        break;
    case '1': b.kind = PLAT_BLOB_LINK; break;
    case '2': b.kind = PLAT_BLOB_SYMLINK; break;
    case '5': b.kind = PLAT_BLOB_DIR; break;
    default: return;
    }
    b.name = l->name ? l->name : member_name(h);
    if (b.kind == PLAT_BLOB_LINK || b.kind == PLAT_BLOB_SYMLINK)
        b.target = l->link
                       ? l->link
                       : name_keep("", 0, (const char *)h + TAR_LINK, field_len(h + TAR_LINK, NAME_BYTES));
    add(b);
}

static void add_tar(const uint8_t *data, size_t len)
{
    struct long_names l = {0};
    for (size_t at = 0; len - at >= TAR_BLOCK && is_tar(data + at, len - at);) {
        const uint8_t *h = data + at, *body = h + TAR_BLOCK;
        uint64_t size = octal(h + TAR_SIZE, NUMBER_BYTES);
        if (size > len - at - TAR_BLOCK)
            return; /* cut off: what is whole stays */
        if (h[TAR_TYPE] == 'L') {
            l.name = name_keep("", 0, (const char *)body, field_len(body, size));
        } else if (h[TAR_TYPE] == 'K') {
            l.link = name_keep("", 0, (const char *)body, field_len(body, size));
        } else {
            add_member(h, body, size, &l);
            l = (struct long_names){0};
        }
        uint64_t step = TAR_BLOCK + ((size + TAR_BLOCK - 1) & ~(uint64_t)(TAR_BLOCK - 1));
        if (step > len - at)
            return;
        at += step;
    }
}

static const char *module_name(const struct boot_module *m)
{
    const char *word[1];
    size_t len = strlen(m->cmdline) + 1;
    if (!has_text_room(len) || cmdline_split(m->cmdline, names, word, 1) == 0)
        return "app.wasm";
    names += strlen(word[0]) + 1;
    return word[0];
}

static void read_modules(void)
{
    const struct boot_info *info = runtime_boot_info();
    known = true;
    blobs = plat_reserve(NULL, LIST_BYTES);
    names = names_end = plat_reserve(NULL, LIST_BYTES);
    if (!blobs || !names)
        panic("no addresses for the list of modules");
    for (size_t i = 0; i < info->nmodules; i++) {
        const struct boot_module *m = &info->modules[i];
        const uint8_t *data = vm_map_phys(m->base, m->len ? m->len : 1, VM_CACHED);
        if (data && is_tar(data, m->len))
            add_tar(data, m->len);
        else if (data)
            add((struct plat_blob){.name = module_name(m), .data = data, .len = m->len});
    }
}

status plat_blob_at(size_t index, struct plat_blob *out)
{
    if (!known)
        read_modules();
    if (index >= count)
        return E_NOTFOUND;
    *out = blobs[index];
    return ST_OK;
}

status plat_blob_find(const char *name, struct plat_blob *out)
{
    struct plat_blob b;
    for (size_t i = 0; plat_blob_at(i, &b) == ST_OK; i++)
        if (b.kind == PLAT_BLOB_FILE && strcmp(b.name, name) == 0) {
            *out = b;
            return ST_OK;
        }
    return E_NOTFOUND;
}

void plat_blob_release(struct plat_blob *b)
{
    (void)b; /* they stay where the boot loader put them */
}
