/* Files, directories, links, times and waiting, as a C program sees them. Works in "/". */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/select.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

static void is(const char *what, long r)
{
    if (r < 0)
        printf("%s: %s\n", what, strerror(errno));
    else
        printf("%s: %ld\n", what, r);
}

static void show(const char *path)
{
    char buf[100];
    FILE *f = fopen(path, "r");
    if (!f) {
        is(path, -1);
        return;
    }
    size_t n = fread(buf, 1, sizeof buf - 1, f);
    buf[n] = 0;
    printf("%s: \"%s\"\n", path, buf);
    fclose(f);
}

static void test_streams(void)
{
    FILE *f = fopen("/p.txt", "w+");
    for (int k = 0; k < 5000; k++)
        fprintf(f, "%04d\n", k);
    fseek(f, 5 * 1234, SEEK_SET);
    char line[8];
    printf("line %s", fgets(line, sizeof line, f));
    fseek(f, 5 * 1235, SEEK_SET);
    fputs("xxxx\n", f);
    fseek(f, -10, SEEK_END);
    printf("line %s", fgets(line, sizeof line, f));
    printf("at %ld\n", ftell(f));
    fclose(f);
    f = fopen("/p.txt", "a+");
    fputs("end\n", f);
    printf("at %ld\n", ftell(f));
    fseek(f, 5 * 1235, SEEK_SET);
    printf("line %s", fgets(line, sizeof line, f));
    fclose(f);
    printf("no such mode: %s\n", fopen("/none", "r") ? "opened" : strerror(errno));
    printf("exclusive: %s\n", fopen("/p.txt", "wx") ? "opened" : strerror(errno));
}

static void test_descriptors(void)
{
    char buf[32] = "";
    int fd = open("/p.txt", O_RDWR | O_TRUNC);
    is("write", write(fd, "0123456789", 10));
    is("pwrite", pwrite(fd, "AB", 2, 4));
    is("pread", pread(fd, buf, 5, 3));
    printf("%s\n", buf);
    is("lseek", (long)lseek(fd, -3, SEEK_CUR));
    struct iovec v[3] = {{"x", 1}, {"", 0}, {"yz!", 3}};
    is("writev", writev(fd, v, 3));
    is("lseek too far back", (long)lseek(fd, -30, SEEK_CUR));
    is("ftruncate", ftruncate(fd, 8));
    is("posix_fallocate", posix_fallocate(fd, 0, 20));
    is("posix_fadvise", posix_fadvise(fd, 0, 0, POSIX_FADV_SEQUENTIAL));
    struct stat st;
    is("fstat", fstat(fd, &st));
    printf("size %lld, regular %d, links %d\n", (long long)st.st_size, S_ISREG(st.st_mode), (int)st.st_nlink);
    is("fsync", fsync(fd));
    is("fdatasync", fdatasync(fd));
    is("fcntl", fcntl(fd, F_SETFL, O_APPEND));
    printf("append %d\n", (fcntl(fd, F_GETFL) & O_APPEND) != 0);
    is("write", write(fd, "+", 1));
    is("lseek", (long)lseek(fd, 0, SEEK_CUR));
    is("close", close(fd));
    is("close", close(fd));
    fd = open("/p.txt", O_RDONLY);
    is("write to a reader", write(fd, "x", 1));
    is("truncate a reader", ftruncate(fd, 1));
    is("close", close(fd));
    fd = open("/p.txt", O_WRONLY);
    is("read from a writer", read(fd, buf, 1));
    is("close", close(fd));
    is("lseek of output", (long)lseek(1, 0, SEEK_CUR));
    is("isatty", isatty(1));
    is("read a directory", read(open("/", O_RDONLY | O_DIRECTORY), buf, 1));
    is("access", access("/p.txt", R_OK));
    is("access", access("/none", R_OK));
}

static void test_tree(void)
{
    char buf[32] = "";
    struct stat st;
    is("mkdir", mkdir("/p", 0777));
    is("mkdir", mkdir("/p/q", 0777));
    int d = open("/p", O_RDONLY | O_DIRECTORY);
    is("openat", openat(d, "f", O_CREAT | O_WRONLY | O_EXCL, 0666) >= 0);
    is("openat ..", openat(d, "../p.txt", O_RDONLY));
    is("openat q/../f", openat(d, "q/../f", O_RDONLY) >= 0);
    is("openat a file", openat(open("/p.txt", O_RDONLY), "f", O_RDONLY));
    is("fstatat", fstatat(d, "f", &st, 0));
    is("linkat", linkat(d, "f", d, "g", 0));
    is("link", link("/p/f", "/p/h"));
    is("stat", stat("/p/f", &st));
    printf("links %d\n", (int)st.st_nlink);
    is("symlink", symlink("f", "/p/s"));
    is("symlinkat", symlinkat("../p.txt", d, "t"));
    is("readlink", readlink("/p/s", buf, sizeof buf));
    printf("%s\n", buf);
    is("lstat", lstat("/p/s", &st));
    printf("link %d\n", S_ISLNK(st.st_mode));
    is("stat", stat("/p/s", &st));
    printf("link %d\n", S_ISLNK(st.st_mode));
    is("open, no follow", open("/p/s", O_RDONLY | O_NOFOLLOW));
    show("/p/t");
    is("rename", rename("/p/f", "/p/q/f"));
    is("rename over", rename("/p/q/f", "/p/h"));
    is("unlink", unlink("/p/q/f")); /* both were one file */
    is("rename", rename("/p/q", "/p/r"));
    is("rmdir full", rmdir("/p"));
    is("rmdir file", rmdir("/p/g"));
    is("unlink directory", unlink("/p/r"));
    is("unlink ..", unlink("/p/../../x"));
    is("chdir", chdir("/p"));
    is("open relative", open("g", O_RDONLY) >= 0);
    printf("cwd %s\n", getcwd(buf, sizeof buf));
    const char *const names[] = {"/p/g", "/p/h", "/p/s", "/p/t"};
    DIR *dir = opendir("/p");
    int n = 0, types = 0;
    long second = 0;
    char third[64] = "";
    for (struct dirent *e; (e = readdir(dir)); n++) {
        types += e->d_type;
        if (n == 1)
            second = telldir(dir);
        if (n == 2)
            strcpy(third, e->d_name);
    }
    seekdir(dir, second);
    struct dirent *e = readdir(dir);
    printf("entries %d, types %d, seekdir %s\n", n, types,
           e && strcmp(e->d_name, third) == 0 ? "right" : "wrong");
    rewinddir(dir);
    for (n = 0; readdir(dir); n++)
        ;
    printf("again %d\n", n);
    closedir(dir);
    for (int k = 0; k < 4; k++)
        is(names[k], unlink(names[k]));
    is("rmdir", rmdir("/p/r"));
    is("rmdir", rmdir("/p"));
    is("remove", remove("/p.txt"));
}

static void test_times(void)
{
    struct stat st;
    int fd = open("/p.time", O_CREAT | O_WRONLY, 0666);
    struct timespec t[2] = {{1000000000, 5}, {1100000000, 999999999}};
    is("futimens", futimens(fd, t));
    is("stat", stat("/p.time", &st));
    printf("%lld.%09ld %lld.%09ld\n", (long long)st.st_atim.tv_sec, st.st_atim.tv_nsec,
           (long long)st.st_mtim.tv_sec, st.st_mtim.tv_nsec);
    t[0].tv_nsec = -2; /* what UTIME_OMIT is inside wasi-libc, whatever its header says */
    t[1] = (struct timespec){1200000000, 7};
    is("utimensat", utimensat(AT_FDCWD, "/p.time", t, 0));
    is("stat", stat("/p.time", &st));
    printf("%lld.%09ld %lld.%09ld\n", (long long)st.st_atim.tv_sec, st.st_atim.tv_nsec,
           (long long)st.st_mtim.tv_sec, st.st_mtim.tv_nsec);
    is("close", close(fd));
    is("unlink", unlink("/p.time"));
}

static long long now_ns(clockid_t c)
{
    struct timespec t;
    clock_gettime(c, &t);
    return t.tv_sec * 1000000000ll + t.tv_nsec;
}

/* Never early; late only when the machine is busy, which a test cannot hold against anybody. */
static void test_waiting(void)
{
    struct timespec t = {0, 20000000};
    long long start = now_ns(CLOCK_MONOTONIC);
    is("clock_nanosleep", clock_nanosleep(CLOCK_MONOTONIC, 0, &t, NULL));
    printf("slept %d\n", now_ns(CLOCK_MONOTONIC) - start >= 20000000);
    long long until = now_ns(CLOCK_REALTIME) + 20000000;
    t = (struct timespec){until / 1000000000, until % 1000000000};
    is("clock_nanosleep, absolute", clock_nanosleep(CLOCK_REALTIME, TIMER_ABSTIME, &t, NULL));
    printf("slept %d\n", now_ns(CLOCK_REALTIME) >= until);
    t = (struct timespec){1, 0};
    is("clock_nanosleep, past", clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL));

    int fd = open("/a.txt", O_RDONLY);
    struct pollfd p[3] = {
        {.fd = fd, .events = POLLIN}, {.fd = 1, .events = POLLOUT}, {.fd = 77, .events = POLLIN}};
    is("poll a file", poll(p, 1, -1));
    is("poll two", poll(p, 2, -1));
    printf("%d %d\n", p[0].revents == POLLIN, p[1].revents == POLLOUT);
    is("poll closed", poll(p + 2, 1, 1000));
    printf("%d\n", p[2].revents == POLLNVAL);
    close(fd);
}

/* Talks with the test, which sends a line after "go" and ends the input after that. */
static void test_input(void)
{
    char buf[32] = "";
    struct pollfd p = {.fd = 0, .events = POLLIN};
    long long start = now_ns(CLOCK_MONOTONIC);
    is("poll, nothing", poll(&p, 1, 30));
    printf("waited %d\n", now_ns(CLOCK_MONOTONIC) - start >= 30000000);
    is("nonblock", fcntl(0, F_SETFL, O_NONBLOCK));
    is("read, nothing", read(0, buf, sizeof buf));
    is("block", fcntl(0, F_SETFL, 0));
    printf("go\n");
    fflush(stdout);
    is("poll", poll(&p, 1, -1));
    printf("%d\n", p.revents == POLLIN);
    fd_set set;
    FD_ZERO(&set);
    FD_SET(0, &set);
    is("select", select(1, &set, NULL, NULL, NULL));
    long n = read(0, buf, sizeof buf);
    printf("%.*s", (int)n, buf);
    is("poll at the end", poll(&p, 1, -1));
    is("read", read(0, buf, sizeof buf));
}

int main(void)
{
    test_streams();
    test_descriptors();
    test_tree();
    test_times();
    test_waiting();
    test_input();
    return 0;
}
