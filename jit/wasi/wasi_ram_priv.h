/* wasi_ram_priv.h: between the files of the file system in memory. */
#ifndef JIT_WASI_RAM_PRIV_H
#define JIT_WASI_RAM_PRIV_H

#include "wasi_fs.h"

/* --- What is allocated counts (wasi_ram_data.c). --- */
struct ram_budget {
    u64 used, max;
};
void *ram_alloc(struct ram_budget *b, size_t bytes); /* NULL: no memory, or the budget is used up */
void ram_free(struct ram_budget *b, void *p, size_t bytes);

/* --- Contents of a file: pieces of RAM_CHUNK bytes, of which those stand in `chunks` that were written. What
 * was not is `blob`, up to blob_len, and zeros behind it. --- */
#define RAM_CHUNK    4096u
#define RAM_SIZE_MAX (1ull << 36)
struct ram_data {
    u64 size;
    const u8 *blob;
    u64 blob_len; /* at most `size` */
    u8 **chunks;  /* NULL: not written */
    size_t nchunks;
};
size_t ram_data_read(const struct ram_data *d, void *buf, size_t len, u64 at);
/* WASI_SUCCESS with less than `len` in `*put` when memory ends in between. */
enum wasi_errno ram_data_write(struct ram_data *d, struct ram_budget *b, const void *buf, size_t len, u64 at,
                               size_t *put);
enum wasi_errno ram_data_set_size(struct ram_data *d, struct ram_budget *b, u64 size);
enum wasi_errno ram_data_allocate(struct ram_data *d, struct ram_budget *b, u64 at, u64 len);
void ram_data_fini(struct ram_data *d, struct ram_budget *b);

/* --- The tree (wasi_ram_tree.c). A node lives while an entry names it or a file is open on it. --- */
struct ram_entry { /* a name in a directory */
    struct ram_entry *hash_next;
    struct ram_node *dir, *node;
    u64 seq; /* position among the directory's entries */
    u32 hash;
    char name[];
};
struct ram_slot {
    u64 seq;
    struct ram_entry *entry; /* NULL: removed */
};
struct ram_dir {
    struct ram_node *parent; /* the root's is itself */
    struct ram_slot *slots;  /* by rising seq, so that a cookie stays where it is when others come and go */
    size_t nslots, capacity, live;
    u64 next_seq;
    u32 subdirs;
};
struct ram_node {
    enum wasi_filetype type;
    u32 links; /* entries that name it; the root has one that nobody sees */
    u32 opens;
    u64 ino, atim_ns, mtim_ns, ctim_ns;
    union {
        struct ram_data data;
        struct ram_dir dir;
        char *target;
    };
};
struct wasi_ram {
    struct ram_budget budget;
    struct ram_node *root;
    struct ram_entry **buckets; /* entries of all directories, by directory and name */
    size_t nbuckets, nentries;
    u64 next_ino;
    u32 refs;
};
/* Not in the tree yet; ram_node_drop ends it when no entry came. */
/* While the tree is made at the start nobody looks at the clock, which may have to be measured first: times
 * are RAM_TIME_START, and become the time of the start when somebody asks. */
extern bool ram_at_start;
#define RAM_TIME_START UINT64_MAX
enum wasi_errno ram_node_create(struct wasi_ram *r, enum wasi_filetype type, struct ram_node **out);
void ram_node_drop(struct wasi_ram *r, struct ram_node *n); /* ends it when nothing holds it */
struct ram_entry *ram_entry_find(const struct wasi_ram *r, const struct ram_node *dir, const char *name);
enum wasi_errno ram_entry_add(struct wasi_ram *r, struct ram_node *dir, const char *name, struct ram_node *n);
void ram_entry_remove(struct wasi_ram *r, struct ram_entry *e);
/* The entry names `n` from now on. */
void ram_entry_replace(struct wasi_ram *r, struct ram_entry *e, struct ram_node *n);
/* First entry at position `seq` or behind, or NULL. */
const struct ram_entry *ram_entry_at(const struct ram_node *dir, u64 seq);
void ram_touch(struct ram_node *n, bool contents); /* changed now; contents, or only what is known about it */
void ram_tree_fini(struct wasi_ram *r);

#endif
