/* What differs in "wasi_unstable": where an offset counts from, a file's attributes, a clock's subscription.
 */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define UNSTABLE(name) __attribute__((__import_module__("wasi_unstable"), __import_name__(#name)))
int unstable_seek(int fd, int64_t by, int whence, uint64_t *pos) UNSTABLE(fd_seek);
int unstable_filestat_get(int fd, void *to) UNSTABLE(fd_filestat_get);
int unstable_poll(const void *in, void *out, unsigned n, unsigned *events) UNSTABLE(poll_oneoff);

struct filestat {
    uint64_t dev, ino;
    uint8_t type;
    uint32_t links;
    uint64_t size, atim, mtim, ctim;
};
struct subscription {
    uint64_t userdata;
    uint8_t type;
    uint64_t identifier;
    uint32_t clock;
    uint64_t timeout, precision;
    uint16_t flags;
};
_Static_assert(sizeof(struct filestat) == 56 && sizeof(struct subscription) == 56, "as in snapshot 0");

int main(void)
{
    uint64_t pos = 0;
    int fd = open("/a.txt", O_RDONLY);
    int e = unstable_seek(fd, 4, 2, &pos);
    printf("set %d %llu\n", e, (unsigned long long)pos);
    e = unstable_seek(fd, 1, 0, &pos);
    printf("current %d %llu\n", e, (unsigned long long)pos);
    e = unstable_seek(fd, -1, 1, &pos);
    printf("end %d %llu\n", e, (unsigned long long)pos);
    struct filestat st[2];
    memset(st, 0xaa, sizeof st);
    e = unstable_filestat_get(fd, st);
    printf("stat %d, type %d, %u links, %llu bytes, behind %llx\n", e, st->type, st->links,
           (unsigned long long)st->size, (unsigned long long)st[1].dev);
    struct subscription s = {.userdata = 5, .identifier = 6, .clock = 1, .timeout = 1000000};
    uint64_t event[4];
    unsigned n = 0;
    e = unstable_poll(&s, event, 1, &n);
    printf("poll %d, %u events, %llu\n", e, n, (unsigned long long)event[0]);
    return 0;
}
