/* Arguments, environment, clocks, random numbers, standard streams, a file by path, the exit code. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static void show_file(const char *path)
{
    FILE *f = fopen(path, "r");
    if (!f) {
        printf("%s: %s\n", path, strerror(errno));
        return;
    }
    char line[256];
    long lines = 0, bytes = 0;
    while (fgets(line, sizeof line, f)) {
        lines++;
        bytes += (long)strlen(line);
    }
    fseek(f, 2, SEEK_SET);
    printf("%s: %ld lines, %ld bytes, third is '%c', at %ld\n", path, lines, bytes, getc(f), ftell(f));
    fclose(f);
}

static void show_time(void)
{
    struct timespec a, b, nap = {0, 2000000};
    clock_gettime(CLOCK_MONOTONIC, &a);
    nanosleep(&nap, NULL);
    clock_gettime(CLOCK_MONOTONIC, &b);
    long long ns = (b.tv_sec - a.tv_sec) * 1000000000ll + (b.tv_nsec - a.tv_nsec);
    printf("slept %s, year %s\n", ns >= 2000000 ? "long enough" : "too short",
           time(NULL) > 1600000000 ? "plausible" : "implausible");
}

int main(int argc, char **argv)
{
    for (int i = 1; i < argc; i++)
        printf("argv[%d] = '%s'\n", i, argv[i]);
    printf("GREETING = %s\n", getenv("GREETING") ? getenv("GREETING") : "(unset)");
    printf("%.6f %e %lld\n", 3.14159265358979, 1e300, -9007199254740993ll);
    show_time();
    unsigned char r[32] = {0}, zero[32] = {0};
    printf("random %s\n", getentropy(r, sizeof r) == 0 && memcmp(r, zero, sizeof r) ? "ok" : "bad");
    if (argc > 1)
        show_file(argv[1]);
    char line[100];
    while (fgets(line, sizeof line, stdin))
        printf("in: %s", line);
    fprintf(stderr, "to standard error\n");
    return argc > 2 ? atoi(argv[2]) : 0;
}
