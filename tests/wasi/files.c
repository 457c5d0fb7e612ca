/* Directories and files, what may be reached and what not; then writing. argv[1] is the directory. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

static const char *dir;

static const char *at(const char *name)
{
    static char path[2][512];
    static int turn;
    turn = !turn;
    snprintf(path[turn], sizeof path[turn], "%s/%s", dir, name);
    return path[turn];
}

static int by_name(const void *a, const void *b)
{
    return strcmp(a, b);
}

static void list(const char *name)
{
    DIR *d = opendir(at(name));
    if (!d) {
        printf("list %s: %s\n", name, strerror(errno));
        return;
    }
    static char names[300][64];
    int n = 0;
    for (struct dirent *e; (e = readdir(d)); n++)
        snprintf(names[n], sizeof names[n], "%s%s", e->d_name, e->d_type == DT_DIR ? "/" : "");
    closedir(d);
    qsort(names, (size_t)n, sizeof names[0], by_name);
    printf("list %s: %d:", name, n);
    for (int i = 0; i < n && i < 12; i++)
        printf(" %s", names[i]);
    printf("\n");
}

static void look(const char *name)
{
    int fd = open(at(name), O_RDONLY);
    char buf[16] = "";
    if (fd < 0)
        printf("open %s: %s\n", name, strerror(errno));
    else
        printf("open %s: %zd bytes\n", name, read(fd, buf, sizeof buf));
    if (fd >= 0)
        close(fd);
    struct stat st;
    if (stat(at(name), &st) == 0)
        printf("  stat: %s, %lld bytes\n", S_ISDIR(st.st_mode) ? "directory" : "file",
               S_ISDIR(st.st_mode) ? 0 : (long long)st.st_size);
}

/* The first buffer is the list of buffers itself: what is read there must not be believed. */
static void read_over_the_list(void)
{
    struct iovec v[2];
    char rest[8];
    int fd = open(at("a.txt"), O_RDONLY);
    v[0] = (struct iovec){v, 14};
    v[1] = (struct iovec){rest, sizeof rest};
    printf("over the list: %zd\n", readv(fd, v, 2));
    close(fd);
}

static void result(const char *what, int r)
{
    printf("%s: %s\n", what, r < 0 ? strerror(errno) : "ok");
}

static void write_some(void)
{
    FILE *f = fopen(at("new.txt"), "w");
    if (!f) {
        printf("write: %s\n", strerror(errno));
        return;
    }
    fprintf(f, "written %d\n", 42);
    fclose(f);
    f = fopen(at("new.txt"), "a+");
    fprintf(f, "appended\n");
    rewind(f);
    char line[64];
    while (fgets(line, sizeof line, f))
        printf("  %s", line);
    fclose(f);
    result("truncate", truncate(at("new.txt"), 3));
    look("new.txt");
    result("exclusive", open(at("new.txt"), O_CREAT | O_EXCL | O_WRONLY, 0666));
    result("mkdir", mkdir(at("d1"), 0777));
    result("rename", rename(at("d1"), at("d2")));
    result("rename over the edge", rename(at("d2"), at("../d2")));
    result("unlink directory", unlink(at("d2")));
    result("rmdir", rmdir(at("d2")));
    result("unlink", unlink(at("new.txt")));
    result("unlink again", unlink(at("new.txt")));
}

int main(int argc, char **argv)
{
    dir = argc > 1 ? argv[1] : "/";
    static const char *const names[] = {"a.txt",
                                        "sub",
                                        "sub/in",
                                        "sub/../a.txt",
                                        "./sub/./in",
                                        "../outside.txt",
                                        "sub/../../outside.txt",
                                        "link-in",
                                        "link-out",
                                        "link-abs",
                                        "link-loop",
                                        "link-dir/in",
                                        "a.txt/",
                                        "a.txt/x",
                                        "missing",
                                        "missing/x"};
    list(".");
    list("sub");
    list("many");
    list("a.txt");
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        look(names[i]);
    read_over_the_list();
    write_some();
    return 0;
}
