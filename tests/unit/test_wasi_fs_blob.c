/* Blobs as a tree of files. */
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

static enum wasi_errno open_flags(struct wasi_file *dir, const char *path, u32 oflags, struct wasi_file **out)
{
    struct wasi_open how = {.oflags = oflags, .read = true};
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

TEST(wasi_fs_blob_finds_files)
{
    struct wasi_file *root;
    REQUIRE(wasi_fs_blob_open_root(at, "", &root) == WASI_SUCCESS);
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
    CHECK_EQ(open_flags(root, "new", WASI_OFLAG_CREAT, &f), WASI_ROFS);
    CHECK_EQ(open_flags(root, "b.txt", WASI_OFLAG_TRUNC, &f), WASI_ROFS);
    CHECK_EQ(open_flags(root, "b.txt", WASI_OFLAG_DIRECTORY, &f), WASI_NOTDIR);
    CHECK_EQ(open_flags(root, "b.txt", WASI_OFLAG_CREAT | WASI_OFLAG_EXCL, &f), WASI_EXIST);
    root->ops->close(root);
}

TEST(wasi_fs_blob_lists_directories)
{
    struct wasi_file *root;
    REQUIRE(wasi_fs_blob_open_root(at, "", &root) == WASI_SUCCESS);
    CHECK_STR(list_of(root, "."), "./ ../ b.txt dir/ dir-2/ empty/ ");
    CHECK_STR(list_of(root, "dir"), "./ ../ sub/ x ");
    CHECK_STR(list_of(root, "dir/sub"), "./ ../ y z ");
    CHECK_STR(list_of(root, "empty"), "./ ../ ");
    CHECK_STR(list_of(root, "b.txt"), "!");
    root->ops->close(root);
}

TEST(wasi_fs_blob_root_can_be_a_directory)
{
    struct wasi_file *root;
    REQUIRE(wasi_fs_blob_open_root(at, "/dir", &root) == WASI_SUCCESS);
    CHECK_STR(text_of(root, "x"), "ex");
    CHECK_STR(text_of(root, "sub/../x"), "ex");
    CHECK_STR(text_of(root, "../b.txt"), "!76");
    CHECK_STR(list_of(root, "."), "./ ../ sub/ x ");
    struct wasi_file *sub;
    REQUIRE(open_flags(root, "sub", WASI_OFLAG_DIRECTORY, &sub) == WASI_SUCCESS);
    CHECK_STR(text_of(sub, "y"), "why");
    CHECK_STR(text_of(sub, "../x"), "!76");
    sub->ops->close(sub);
    root->ops->close(root);
    CHECK_EQ(wasi_fs_blob_open_root(at, "nowhere", &root), WASI_NOENT);
    CHECK_EQ(wasi_fs_blob_open_root(at, "b.txt", &root), WASI_NOTDIR);
}

TEST(wasi_fs_blob_stat_and_read_at)
{
    struct wasi_file *root, *f;
    REQUIRE(wasi_fs_blob_open_root(at, "", &root) == WASI_SUCCESS);
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
