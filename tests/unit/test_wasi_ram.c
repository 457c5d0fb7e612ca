/* The file system in memory: filled from blobs, then changed. */
#include "wasi_fs.h"

#include <string.h>

#include "unit.h"

static const struct {
    const char *name, *text;
} files[] = {
    {"app.wasm", "hidden"}, {"b.txt", "bee"},       {"./dir/x", "ex"},    {"dir//sub/y", "why"},
    {"/dir/sub/z", "zed"},  {"empty/", ""},         {"dir-2/q", "queue"}, {"b.txt", "a second one"},
    {"dir/", ""},           {"../escape", "never"},
};

static status at(size_t index, struct plat_blob *out)
{
    if (index >= sizeof files / sizeof *files)
        return E_NOTFOUND;
    *out = (struct plat_blob){
        .name = files[index].name, .data = (const u8 *)files[index].text, .len = strlen(files[index].text)};
    return ST_OK;
}

/* The tree lives as long as its root is open. */
static enum wasi_errno open_root(const char *path, struct wasi_file **out)
{
    struct wasi_ram *r;
    enum wasi_errno e = wasi_ram_create(at, 1 << 24, &r);
    if (e == WASI_SUCCESS) {
        e = wasi_ram_open_root(r, path, out);
        wasi_ram_release(r);
    }
    return e;
}

static enum wasi_errno open_flags(struct wasi_file *dir, const char *path, u32 oflags, struct wasi_file **out)
{
    bool is_dir = oflags & WASI_OFLAG_DIRECTORY;
    struct wasi_open how = {.oflags = oflags, .follow = true, .read = true, .write = oflags && !is_dir};
    return dir->ops->open(dir, path, &how, out);
}

/* Contents of `path`, or "!" and the errno. */
static const char *text_of(struct wasi_file *dir, const char *path)
{
    static char buf[32];
    struct wasi_file *f;
    enum wasi_errno e = open_flags(dir, path, 0, &f);
    memset(buf, 0, sizeof buf);
    if (e != WASI_SUCCESS) {
        buf[0] = '!';
        buf[1] = (char)('0' + e / 10);
        buf[2] = (char)('0' + e % 10);
        return buf;
    }
    size_t got = 0;
    if (f->type == WASI_FILETYPE_DIRECTORY)
        memcpy(buf, "dir", 4);
    else
        CHECK_EQ(f->ops->read(f, buf, sizeof buf - 1, 0, &got), WASI_SUCCESS);
    f->ops->close(f);
    return buf;
}

/* Names of a directory, each with a space behind it and a slash behind directories. */
static const char *list_of(struct wasi_file *dir, const char *path)
{
    static char buf[256];
    buf[0] = 0;
    struct wasi_file *f;
    if (open_flags(dir, path, WASI_OFLAG_DIRECTORY, &f) != WASI_SUCCESS)
        return "!";
    struct wasi_dirent d = {0};
    for (bool found = true; found;) {
        CHECK_EQ(f->ops->readdir(f, d.next, &d, &found), WASI_SUCCESS);
        if (found) {
            strcat(buf, d.name);
            strcat(buf, d.type == WASI_FILETYPE_DIRECTORY ? "/ " : " ");
        }
    }
    f->ops->close(f);
    return buf;
}

TEST(wasi_ram_finds_files)
{
    struct wasi_file *root;
    REQUIRE(open_root("", &root) == WASI_SUCCESS);
    CHECK_STR(text_of(root, "b.txt"), "bee");
    CHECK_STR(text_of(root, "./dir/../b.txt"), "bee");
    CHECK_STR(text_of(root, "dir/x"), "ex");
    CHECK_STR(text_of(root, "dir//sub/./y"), "why");
    CHECK_STR(text_of(root, "dir"), "dir");
    CHECK_STR(text_of(root, "dir/sub/"), "dir");
    CHECK_STR(text_of(root, "empty"), "dir");
    CHECK_STR(text_of(root, "."), "dir");
    CHECK_STR(text_of(root, "app.wasm"), "!44");
    CHECK_STR(text_of(root, "dir/su"), "!44");
    CHECK_STR(text_of(root, "b.txt/"), "!54");
    CHECK_STR(text_of(root, ".."), "!76");
    CHECK_STR(text_of(root, "dir/../../b.txt"), "!76");
    CHECK_STR(text_of(root, "escape"), "!44");
    struct wasi_file *f;
    CHECK_EQ(open_flags(root, "b.txt", WASI_OFLAG_DIRECTORY, &f), WASI_NOTDIR);
    CHECK_EQ(open_flags(root, "b.txt", WASI_OFLAG_CREAT | WASI_OFLAG_EXCL, &f), WASI_EXIST);
    root->ops->close(root);
}

TEST(wasi_ram_lists_directories)
{
    struct wasi_file *root;
    REQUIRE(open_root("", &root) == WASI_SUCCESS);
    CHECK_STR(list_of(root, "."), "./ ../ b.txt dir/ empty/ dir-2/ ");
    CHECK_STR(list_of(root, "dir"), "./ ../ x sub/ ");
    CHECK_STR(list_of(root, "dir/sub"), "./ ../ y z ");
    CHECK_STR(list_of(root, "empty"), "./ ../ ");
    CHECK_STR(list_of(root, "b.txt"), "!");
    root->ops->close(root);
}

TEST(wasi_ram_root_can_be_a_directory)
{
    struct wasi_file *root;
    REQUIRE(open_root("/dir", &root) == WASI_SUCCESS);
    CHECK_STR(text_of(root, "x"), "ex");
    CHECK_STR(text_of(root, "sub/../x"), "ex");
    CHECK_STR(text_of(root, "../b.txt"), "!76");
    CHECK_STR(list_of(root, "."), "./ ../ x sub/ ");
    struct wasi_file *sub;
    REQUIRE(open_flags(root, "sub", WASI_OFLAG_DIRECTORY, &sub) == WASI_SUCCESS);
    CHECK_STR(text_of(sub, "y"), "why");
    CHECK_STR(text_of(sub, "../x"), "!76");
    sub->ops->close(sub);
    root->ops->close(root);
    CHECK_EQ(open_root("nowhere", &root), WASI_NOENT);
    CHECK_EQ(open_root("b.txt", &root), WASI_NOTDIR);
}

TEST(wasi_ram_stat_and_read_at)
{
    struct wasi_file *root, *f;
    REQUIRE(open_root("", &root) == WASI_SUCCESS);
    struct wasi_stat a, b;
    CHECK_EQ(root->ops->stat_at(root, "b.txt", true, &a), WASI_SUCCESS);
    CHECK_EQ(a.size, 3);
    CHECK_EQ(a.type, WASI_FILETYPE_REGULAR_FILE);
    CHECK_EQ(root->ops->stat_at(root, "dir", true, &b), WASI_SUCCESS);
    CHECK_EQ(b.type, WASI_FILETYPE_DIRECTORY);
    CHECK(a.ino != b.ino);
    REQUIRE(open_flags(root, "dir-2/q", 0, &f) == WASI_SUCCESS);
    char buf[8] = "";
    size_t got;
    CHECK_EQ(f->ops->read(f, buf, 2, 3, &got), WASI_SUCCESS);
    CHECK_STR(buf, "ue");
    CHECK_EQ(f->ops->read(f, buf, 2, 5, &got), WASI_SUCCESS);
    CHECK_EQ(got, 0);
    CHECK_EQ(f->ops->read(f, buf, 2, UINT64_MAX, &got), WASI_SUCCESS);
    CHECK_EQ(got, 0);
    root->ops->close(root);
    CHECK_EQ(f->ops->read(f, buf, 1, 0, &got), WASI_SUCCESS); /* outlives the root */
    f->ops->close(f);
}

/* Writes `text` at `pos` of `path`, which is made when it is not there. */
static enum wasi_errno put(struct wasi_file *dir, const char *path, const char *text, u64 pos)
{
    struct wasi_file *f;
    enum wasi_errno e = open_flags(dir, path, WASI_OFLAG_CREAT, &f);
    if (e != WASI_SUCCESS)
        return e;
    size_t len = strlen(text), n = 0;
    e = f->ops->write(f, text, len, pos, &n);
    if (e == WASI_SUCCESS)
        CHECK_EQ(n, len);
    f->ops->close(f);
    return e;
}

static u64 size_of(struct wasi_file *dir, const char *path)
{
    struct wasi_stat s = {0};
    CHECK_EQ(dir->ops->stat_at(dir, path, false, &s), WASI_SUCCESS);
    return s.size;
}

TEST(wasi_ram_copies_what_is_written)
{
    static u8 big[3 * 4096 + 100];
    memset(big, 'b', sizeof big);
    struct wasi_file *root, *f;
    REQUIRE(open_root("", &root) == WASI_SUCCESS);
    CHECK_EQ(put(root, "b.txt", "EE", 1), WASI_SUCCESS);
    CHECK_STR(text_of(root, "b.txt"), "bEE");
    CHECK_STR(files[1].text, "bee");
    CHECK_EQ(put(root, "dir/x", "more", 4), WASI_SUCCESS);
    CHECK_EQ(size_of(root, "dir/x"), 8);
    REQUIRE(open_flags(root, "dir/x", WASI_OFLAG_CREAT, &f) == WASI_SUCCESS);
    char buf[16] = "";
    size_t n;
    CHECK_EQ(f->ops->read(f, buf, sizeof buf, 0, &n), WASI_SUCCESS);
    CHECK(n == 8 && memcmp(buf, "ex\0\0more", 8) == 0);
    CHECK_EQ(f->ops->set_size(f, 5), WASI_SUCCESS);
    CHECK_EQ(f->ops->set_size(f, 8), WASI_SUCCESS);
    CHECK_EQ(f->ops->read(f, buf, sizeof buf, 0, &n), WASI_SUCCESS);
    CHECK(n == 8 && memcmp(buf, "ex\0\0m\0\0\0", 8) == 0);
    CHECK_EQ(f->ops->write(f, big, sizeof big, 4000, &n), WASI_SUCCESS);
    CHECK_EQ(n, sizeof big);
    CHECK_EQ(f->ops->read(f, buf, 4, 4000 + sizeof big - 2, &n), WASI_SUCCESS);
    CHECK(n == 2 && buf[0] == 'b');
    CHECK_EQ(f->ops->read(f, buf, 4, 3998, &n), WASI_SUCCESS);
    CHECK(n == 4 && memcmp(buf, "\0\0bb", 4) == 0);
    f->ops->close(f);
    root->ops->close(root);
}

TEST(wasi_ram_shrunk_blob_does_not_come_back)
{
    struct wasi_file *root, *f;
    REQUIRE(open_root("", &root) == WASI_SUCCESS);
    REQUIRE(open_flags(root, "b.txt", WASI_OFLAG_CREAT, &f) == WASI_SUCCESS);
    CHECK_EQ(f->ops->set_size(f, 1), WASI_SUCCESS);
    CHECK_EQ(f->ops->set_size(f, 3), WASI_SUCCESS);
    char buf[4] = "";
    size_t n;
    CHECK_EQ(f->ops->read(f, buf, 3, 0, &n), WASI_SUCCESS);
    CHECK(n == 3 && memcmp(buf, "b\0\0", 3) == 0);
    CHECK_EQ(f->ops->set_size(f, 1ull << 40), WASI_FBIG);
    CHECK_EQ(f->ops->set_size(f, 1ull << 33), WASI_SUCCESS); /* a hole takes no memory */
    CHECK_EQ(f->ops->read(f, buf, 3, (1ull << 33) - 1, &n), WASI_SUCCESS);
    CHECK_EQ(n, 1);
    CHECK_EQ(f->ops->allocate(f, 0, 1ull << 33), WASI_NOSPC);
    CHECK_EQ(f->ops->allocate(f, 1ull << 33, 5), WASI_NOSPC); /* the table of pieces is too large, too */
    CHECK_EQ(f->ops->set_size(f, 0), WASI_SUCCESS);
    CHECK_EQ(f->ops->allocate(f, 4094, 5), WASI_SUCCESS);
    f->ops->close(f);
    CHECK_EQ(size_of(root, "b.txt"), 4099);
    root->ops->close(root);
}

TEST(wasi_ram_changes_the_tree)
{
    struct wasi_file *root;
    REQUIRE(open_root("", &root) == WASI_SUCCESS);
    const struct wasi_fs_ops *o = root->ops;
    CHECK_EQ(o->make_dir(root, "new"), WASI_SUCCESS);
    CHECK_EQ(o->make_dir(root, "new"), WASI_EXIST);
    CHECK_EQ(o->make_dir(root, "b.txt/"), WASI_EXIST);
    CHECK_EQ(o->make_dir(root, "no/new"), WASI_NOENT);
    CHECK_EQ(put(root, "new/f", "eff", 0), WASI_SUCCESS);
    CHECK_EQ(o->remove(root, "new", true), WASI_NOTEMPTY);
    CHECK_EQ(o->remove(root, "new", false), WASI_ISDIR);
    CHECK_EQ(o->remove(root, "new/f", true), WASI_NOTDIR);
    CHECK_EQ(o->remove(root, ".", true), WASI_INVAL);
    CHECK_EQ(o->rename(root, "new", root, "new/in"), WASI_INVAL);
    CHECK_EQ(o->rename(root, "new", root, "dir"), WASI_NOTEMPTY);
    CHECK_EQ(o->rename(root, "new", root, "b.txt"), WASI_NOTDIR);
    CHECK_EQ(o->rename(root, "b.txt", root, "empty"), WASI_ISDIR);
    CHECK_EQ(o->rename(root, "b.txt", root, "fresh/"), WASI_NOTDIR);
    CHECK_EQ(o->rename(root, "nothing", root, "x"), WASI_NOENT);
    CHECK_EQ(o->rename(root, "new", root, "empty"), WASI_SUCCESS);
    CHECK_STR(text_of(root, "empty/f"), "eff");
    CHECK_STR(text_of(root, "new"), "!44");
    CHECK_EQ(o->rename(root, "empty/f", root, "b.txt"), WASI_SUCCESS);
    CHECK_STR(text_of(root, "b.txt"), "eff");
    CHECK_EQ(o->remove(root, "empty/", true), WASI_SUCCESS);
    CHECK_STR(list_of(root, "."), "./ ../ b.txt dir/ dir-2/ ");
    CHECK_EQ(o->rename(root, "dir-2", root, "dir/sub/moved"), WASI_SUCCESS);
    CHECK_STR(text_of(root, "dir/sub/moved/../y"), "why");
    o->close(root);
}

TEST(wasi_ram_links)
{
    struct wasi_file *root;
    struct wasi_stat s;
    REQUIRE(open_root("", &root) == WASI_SUCCESS);
    const struct wasi_fs_ops *o = root->ops;
    CHECK_EQ(o->link(root, "b.txt", false, root, "dir/b"), WASI_SUCCESS);
    CHECK_EQ(o->link(root, "b.txt", false, root, "dir/b"), WASI_EXIST);
    CHECK_EQ(o->link(root, "dir", false, root, "dir3"), WASI_PERM);
    CHECK_EQ(put(root, "dir/b", "B", 0), WASI_SUCCESS);
    CHECK_STR(text_of(root, "b.txt"), "Bee");
    CHECK_EQ(o->stat_at(root, "b.txt", false, &s), WASI_SUCCESS);
    CHECK_EQ(s.nlink, 2);
    CHECK_EQ(o->rename(root, "b.txt", root, "dir/b"), WASI_SUCCESS); /* the same file: nothing happens */
    CHECK_STR(text_of(root, "b.txt"), "Bee");
    CHECK_EQ(o->remove(root, "b.txt", false), WASI_SUCCESS);
    CHECK_STR(text_of(root, "dir/b"), "Bee");
    CHECK_EQ(o->symlink(root, "../dir/b", "dir/sub/s"), WASI_SUCCESS);
    CHECK_STR(text_of(root, "dir/sub/s"), "!44"); /* seen from dir/sub it is dir/dir/b */
    CHECK_EQ(o->symlink(root, "../b", "dir/sub/t"), WASI_SUCCESS);
    CHECK_STR(text_of(root, "dir/sub/t"), "Bee");
    CHECK_EQ(o->symlink(root, "../../../b", "dir/sub/out"), WASI_SUCCESS);
    CHECK_STR(text_of(root, "dir/sub/out"), "!76");
    CHECK_EQ(o->symlink(root, "loop", "loop"), WASI_SUCCESS);
    CHECK_STR(text_of(root, "loop"), "!32");
    CHECK_EQ(o->symlink(root, "dir", "to-dir"), WASI_SUCCESS);
    CHECK_STR(text_of(root, "to-dir/b"), "Bee");
    CHECK_STR(text_of(root, "to-dir/"), "dir");
    CHECK_EQ(o->stat_at(root, "to-dir", false, &s), WASI_SUCCESS);
    CHECK_EQ(s.type, WASI_FILETYPE_SYMBOLIC_LINK);
    CHECK_EQ(s.size, 3);
    char buf[8] = "";
    size_t n;
    CHECK_EQ(o->readlink(root, "to-dir", buf, 2, &n), WASI_SUCCESS);
    CHECK(n == 2 && memcmp(buf, "di", 2) == 0);
    CHECK_EQ(o->readlink(root, "dir", buf, 2, &n), WASI_INVAL);
    CHECK_EQ(o->symlink(root, "made-by-link", "dangling"), WASI_SUCCESS);
    CHECK_EQ(put(root, "dangling", "here", 0), WASI_SUCCESS);
    CHECK_STR(text_of(root, "made-by-link"), "here");
    o->close(root);
}

TEST(wasi_ram_removed_files_live_while_open)
{
    struct wasi_file *root, *f, *d;
    REQUIRE(open_root("", &root) == WASI_SUCCESS);
    REQUIRE(open_flags(root, "b.txt", 0, &f) == WASI_SUCCESS);
    REQUIRE(open_flags(root, "empty", WASI_OFLAG_DIRECTORY, &d) == WASI_SUCCESS);
    CHECK_EQ(root->ops->remove(root, "b.txt", false), WASI_SUCCESS);
    CHECK_EQ(root->ops->remove(root, "empty", true), WASI_SUCCESS);
    CHECK_EQ(put(d, "late", "x", 0), WASI_NOENT);
    struct wasi_dirent e;
    bool found;
    CHECK_EQ(d->ops->readdir(d, 1, &e, &found), WASI_SUCCESS);
    char buf[4] = "";
    size_t n;
    CHECK_EQ(f->ops->read(f, buf, 3, 0, &n), WASI_SUCCESS);
    CHECK_STR(buf, "bee");
    struct wasi_stat s;
    CHECK_EQ(f->ops->stat(f, &s), WASI_SUCCESS);
    CHECK_EQ(s.nlink, 0);
    root->ops->close(root);
    f->ops->close(f);
    d->ops->close(d);
}

static void numbered(char *out, u32 k)
{
    memcpy(out, "many/0000", 10);
    for (u32 at = 8; k; k /= 10)
        out[at--] = (char)('0' + k % 10);
}

TEST(wasi_ram_cookies_survive_changes)
{
    enum { MANY = 2000 };
    struct wasi_file *root, *d;
    REQUIRE(open_root("", &root) == WASI_SUCCESS);
    const struct wasi_fs_ops *o = root->ops;
    char name[16];
    REQUIRE(o->make_dir(root, "many") == WASI_SUCCESS);
    for (u32 k = 0; k < MANY; k++) {
        numbered(name, k);
        REQUIRE(put(root, name, "", 0) == WASI_SUCCESS);
    }
    REQUIRE(open_flags(root, "many", WASI_OFLAG_DIRECTORY, &d) == WASI_SUCCESS);
    /* Each entry is removed when it is seen, and another comes for every fourth. */
    struct wasi_dirent e = {.next = 2};
    u32 seen = 0;
    bool found = true;
    for (;;) {
        REQUIRE(d->ops->readdir(d, e.next, &e, &found) == WASI_SUCCESS);
        if (!found)
            break;
        CHECK_EQ(d->ops->remove(d, e.name, false), WASI_SUCCESS);
        if (seen < MANY && seen % 4 == 0) {
            numbered(name, MANY + seen);
            REQUIRE(put(root, name, "", 0) == WASI_SUCCESS);
        }
        seen++;
    }
    CHECK_EQ(seen, MANY + MANY / 4);
    CHECK_STR(list_of(root, "many"), "./ ../ ");
    d->ops->close(d);
    o->close(root);
}

TEST(wasi_ram_times)
{
    struct wasi_file *root;
    struct wasi_stat s;
    REQUIRE(open_root("", &root) == WASI_SUCCESS);
    struct wasi_times t = {.flags = WASI_FST_ATIM | WASI_FST_MTIM, .atim_ns = 11, .mtim_ns = 22};
    CHECK_EQ(root->ops->set_times_at(root, "b.txt", true, &t), WASI_SUCCESS);
    CHECK_EQ(root->ops->stat_at(root, "b.txt", true, &s), WASI_SUCCESS);
    CHECK(s.atim_ns == 11 && s.mtim_ns == 22 && s.ctim_ns > 22);
    t = (struct wasi_times){.flags = WASI_FST_MTIM_NOW};
    CHECK_EQ(root->ops->set_times_at(root, "b.txt", true, &t), WASI_SUCCESS);
    CHECK_EQ(root->ops->stat_at(root, "b.txt", true, &s), WASI_SUCCESS);
    CHECK(s.atim_ns == 11 && s.mtim_ns > 22);
    CHECK_EQ(root->ops->set_times_at(root, "none", true, &t), WASI_NOENT);
    root->ops->close(root);
}

TEST(wasi_ram_keeps_to_its_memory)
{
    static u8 piece[4096];
    struct wasi_ram *r;
    struct wasi_file *root, *f;
    REQUIRE(wasi_ram_create(at, 100000, &r) == WASI_SUCCESS);
    u64 before = wasi_ram_bytes(r);
    REQUIRE(wasi_ram_open_root(r, "/", &root) == WASI_SUCCESS);
    REQUIRE(open_flags(root, "full", WASI_OFLAG_CREAT, &f) == WASI_SUCCESS);
    enum wasi_errno e = WASI_SUCCESS;
    u64 pos = 0;
    for (size_t n; e == WASI_SUCCESS; pos += n)
        e = f->ops->write(f, piece, sizeof piece, pos, &n);
    CHECK_EQ(e, WASI_NOSPC);
    CHECK(pos > 80000 && pos < 100000);
    CHECK_EQ(size_of(root, "full"), pos);
    CHECK(wasi_ram_bytes(r) <= 100000);
    CHECK_EQ(f->ops->set_size(f, 0), WASI_SUCCESS);
    CHECK_EQ(put(root, "full", "room again", 0), WASI_SUCCESS);
    f->ops->close(f);
    CHECK_EQ(root->ops->remove(root, "full", false), WASI_SUCCESS);
    CHECK_EQ(wasi_ram_bytes(r), before);
    root->ops->close(root);
    wasi_ram_release(r);
}

static status archive_at(size_t index, struct plat_blob *out)
{
    static const struct plat_blob blobs[] = {
        {.name = "app.wasm", .data = (const u8 *)"", .len = 0},
        {.name = "d/", .kind = PLAT_BLOB_DIR, .mtime_s = 5},
        {.name = "d/f", .data = (const u8 *)"text", .len = 4, .mtime_s = 7},
        {.name = "d/hard", .kind = PLAT_BLOB_LINK, .target = "./d/f"},
        {.name = "d/lost", .kind = PLAT_BLOB_LINK, .target = "d/none"},
        {.name = "soft", .kind = PLAT_BLOB_SYMLINK, .target = "d/f"},
        {.name = "soft/below", .data = (const u8 *)"x", .len = 1},
    };
    if (index >= sizeof blobs / sizeof *blobs)
        return E_NOTFOUND;
    *out = blobs[index];
    return ST_OK;
}

TEST(wasi_ram_from_an_archive)
{
    struct wasi_ram *r;
    struct wasi_file *root;
    struct wasi_stat s;
    REQUIRE(wasi_ram_create(archive_at, 1 << 20, &r) == WASI_SUCCESS);
    REQUIRE(wasi_ram_open_root(r, "", &root) == WASI_SUCCESS);
    wasi_ram_release(r);
    CHECK_STR(list_of(root, "."), "./ ../ d/ soft ");
    CHECK_STR(list_of(root, "d"), "./ ../ f hard ");
    CHECK_STR(text_of(root, "soft"), "text");
    CHECK_STR(text_of(root, "d/hard"), "text");
    CHECK_EQ(root->ops->stat_at(root, "d/f", true, &s), WASI_SUCCESS);
    CHECK(s.nlink == 2 && s.mtim_ns == 7000000000);
    root->ops->close(root);
}
