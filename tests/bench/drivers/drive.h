/* drive.h: the measuring loop of the drivers in C, one process a row; tools/anneal_bench_rig.c has the
 * protocol. Define call_setup(n), call_run(iters) and call_nop(i), then drive_parse() and drive(). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static struct {
    const char *mode;
    int setup, reps, iters;
    double min_ms, warm_ms, max_ms;
} drive_options = {"run", 0, 7, 0, 20, 200, 4000};

static double drive_clock(clockid_t clock)
{
    struct timespec t;
    clock_gettime(clock, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static double drive_now(void)
{
    return drive_clock(CLOCK_MONOTONIC);
}

static void drive_parse(int argc, char **argv)
{
    for (int k = 1; k + 1 < argc; k++) {
        const char *name = argv[k], *value = argv[k + 1];
        if (strcmp(name, "--mode") == 0)
            drive_options.mode = value;
        else if (strcmp(name, "--setup") == 0)
            drive_options.setup = atoi(value);
        else if (strcmp(name, "--reps") == 0)
            drive_options.reps = atoi(value);
        else if (strcmp(name, "--iters") == 0)
            drive_options.iters = atoi(value);
        else if (strcmp(name, "--min-ms") == 0)
            drive_options.min_ms = atof(value);
        else if (strcmp(name, "--warm-ms") == 0)
            drive_options.warm_ms = atof(value);
        else if (strcmp(name, "--max-ms") == 0)
            drive_options.max_ms = atof(value);
    }
}

static void drive_loaded(double compile_ms, double instantiate_ms)
{
    printf("{\"ev\":\"load\",\"compile_ms\":%.3f,\"instantiate_ms\":%.3f}\n", compile_ms, instantiate_ms);
}

static void drive_rep(int iters, double start, double cpu_start)
{
    double ns = drive_now() - start, cpu_ns = drive_clock(CLOCK_PROCESS_CPUTIME_ID) - cpu_start;
    printf("{\"ev\":\"rep\",\"iters\":%d,\"ns\":%.0f,\"cpu_ns\":%.0f}\n", iters, ns, cpu_ns);
}

/* Warms up; how many iterations take min_ms. */
static int drive_calibrate(void)
{
    double start = drive_now(), want = drive_options.min_ms * 1e6, per;
    int k = 1;
    do {
        double begin = drive_now();
        call_run(k);
        double ns = drive_now() - begin;
        per = ns / k > 0.01 ? ns / k : 0.01;
        if (ns < want / 4 && k < 500000000)
            k *= 2;
    } while (drive_now() - start < drive_options.warm_ms * 1e6);
    return want / per < 1e9 ? (int)(want / per) + 1 : 1000000000;
}

static void drive_run(void)
{
    int iters = drive_options.iters ? drive_options.iters : drive_calibrate();
    double start = drive_now();
    for (int r = 0; r < drive_options.reps; r++) {
        double cpu = drive_clock(CLOCK_PROCESS_CPUTIME_ID), begin = drive_now();
        call_run(iters);
        drive_rep(iters, begin, cpu);
        if (r >= 1 && drive_now() - start > drive_options.max_ms * 1e6)
            break;
    }
}

static void drive_calls(void)
{
    int n = drive_options.iters ? drive_options.iters : 1000000;
    for (int r = -1; r < drive_options.reps; r++) {
        double cpu = drive_clock(CLOCK_PROCESS_CPUTIME_ID), start = drive_now();
        volatile int x = 0;
        for (int i = 0; i < n; i++)
            x = call_nop(i);
        (void)x;
        if (r >= 0)
            drive_rep(n, start, cpu);
    }
}

static int drive(void)
{
    int run = strcmp(drive_options.mode, "run") == 0;
    double start = drive_now();
    call_setup(drive_options.setup);
    double ready = drive_now();
    double value = call_run(run || !drive_options.iters ? 1 : drive_options.iters);
    printf("{\"ev\":\"check\",\"value\":%.17g,\"setup_ms\":%.3f,\"first_run_ms\":%.3f}\n", value,
           (ready - start) / 1e6, (drive_now() - ready) / 1e6);
    if (run)
        drive_run();
    else if (strcmp(drive_options.mode, "hostcall") == 0)
        drive_calls();
    return 0;
}
