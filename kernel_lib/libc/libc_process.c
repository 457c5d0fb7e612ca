/* libc_process.c: start and end, errno, signals, environment, clocks. There is one process that nobody
 * signals. What is a thread's own here is so because a second processor may run LLVM beside the app. */
#define _GNU_SOURCE
#include "libc.h"
#include "libc_priv.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "plat.h"

void (*libc_on_abort)(void);

static _Thread_local const char *abort_what = "abort() was called", *abort_name = "";
static _Thread_local int errno_value;
static char *no_environment[] = {NULL};
char **environ = no_environment;
char __libc_single_threaded = 1;
void *__dso_handle = NULL;

int *__errno_location(void)
{
    return &errno_value;
}

int libc_fail(int error)
{
    errno_value = error;
    return -1;
}

void abort(void)
{
    const char *what = abort_what, *name = abort_name;
    abort_what = "abort() was called";
    abort_name = "";
    if (libc_on_abort)
        libc_on_abort();
    panic("%s%s", what, name);
}

void libc_die(const char *what, const char *name)
{
    abort_what = what;
    abort_name = name;
    abort();
}

_Noreturn void __stack_chk_fail(void);
_Noreturn void __stack_chk_fail(void)
{
    panic("a function overwrote its own stack frame");
}

/* The image does not end by returning from main: what would run at exit never runs. */
int __cxa_atexit(void (*fn)(void *), void *arg, void *dso);
int __cxa_atexit(void (*fn)(void *), void *arg, void *dso)
{
    (void)fn;
    (void)arg;
    (void)dso;
    return 0;
}

int atexit(void (*fn)(void))
{
    (void)fn;
    return 0;
}

void exit(int code)
{
    plat_exit(code);
}

void _exit(int code)
{
    plat_exit(code);
}

char *getenv(const char *name)
{
    (void)name;
    return NULL;
}

long sysconf(int name)
{
    switch (name) {
    case _SC_PAGESIZE: return PLAT_PAGE;
    case _SC_NPROCESSORS_CONF:
    case _SC_NPROCESSORS_ONLN: return 1;
    case _SC_PHYS_PAGES: return (long)(plat_memory_total() / PLAT_PAGE);
    default: return libc_fail(EINVAL);
    }
}

int getpagesize(void)
{
    return PLAT_PAGE;
}

unsigned long getauxval(unsigned long type);
unsigned long getauxval(unsigned long type)
{
    (void)type;
    errno_value = ENOENT;
    return 0;
}

pid_t getpid(void)
{
    return 1;
}

uid_t getuid(void)
{
    return 0;
}

int uname(struct utsname *out)
{
    *out = (struct utsname){.sysname = "Anneal", .machine = "x86_64"};
    return 0;
}

long syscall(long number, ...)
{
    (void)number;
    return libc_fail(ENOSYS);
}

/* --- Signals: handlers may be registered, none is ever called. --- */
int sigaction(int sig, const struct sigaction *new, struct sigaction *old)
{
    (void)sig;
    (void)new;
    if (old)
        memset(old, 0, sizeof *old);
    return 0;
}

int sigaltstack(const stack_t *new, stack_t *old)
{
    (void)new;
    if (old)
        *old = (stack_t){.ss_flags = SS_DISABLE};
    return 0;
}

int sigprocmask(int how, const sigset_t *new, sigset_t *old)
{
    (void)how;
    (void)new;
    if (old)
        memset(old, 0, sizeof *old);
    return 0;
}

int pthread_sigmask(int how, const sigset_t *new, sigset_t *old)
{
    return sigprocmask(how, new, old);
}

int sigemptyset(sigset_t *set)
{
    memset(set, 0, sizeof *set);
    return 0;
}

int sigfillset(sigset_t *set)
{
    memset(set, 0xff, sizeof *set);
    return 0;
}

int __libc_current_sigrtmin(void)
{
    return __SIGRTMIN;
}

int __libc_current_sigrtmax(void)
{
    return __SIGRTMAX;
}

int raise(int sig)
{
    libc_die("raise() was called", sig == SIGABRT ? "" : " for a signal");
}

unsigned alarm(unsigned seconds)
{
    (void)seconds;
    return 0;
}

/* --- Limits and clocks. --- */
int getrlimit(__rlimit_resource_t resource, struct rlimit *out)
{
    (void)resource;
    *out = (struct rlimit){RLIM_INFINITY, RLIM_INFINITY};
    return 0;
}

int setrlimit(__rlimit_resource_t resource, const struct rlimit *new)
{
    (void)resource;
    (void)new;
    return 0;
}

static struct timespec timespec_of(uint64_t ns)
{
    return (struct timespec){.tv_sec = (time_t)(ns / 1000000000u), .tv_nsec = (long)(ns % 1000000000u)};
}

static struct timeval timeval_of(uint64_t ns)
{
    return (struct timeval){.tv_sec = (time_t)(ns / 1000000000u), .tv_usec = (long)(ns % 1000000000u / 1000)};
}

int clock_gettime(clockid_t clock, struct timespec *out)
{
    switch (clock) {
    case CLOCK_REALTIME: *out = timespec_of(plat_clock_ns(PLAT_CLOCK_REAL)); return 0;
    case CLOCK_PROCESS_CPUTIME_ID:
    case CLOCK_THREAD_CPUTIME_ID: *out = timespec_of(plat_clock_ns(PLAT_CLOCK_CPU)); return 0;
    default: *out = timespec_of(plat_clock_ns(PLAT_CLOCK_MONO)); return 0;
    }
}

int gettimeofday(struct timeval *restrict out, void *restrict zone)
{
    (void)zone;
    *out = timeval_of(plat_clock_ns(PLAT_CLOCK_REAL));
    return 0;
}

time_t time(time_t *out)
{
    time_t now = (time_t)(plat_clock_ns(PLAT_CLOCK_REAL) / 1000000000u);
    if (out)
        *out = now;
    return now;
}

int getrusage(__rusage_who_t who, struct rusage *out)
{
    (void)who;
    *out = (struct rusage){.ru_utime = timeval_of(plat_clock_ns(PLAT_CLOCK_CPU)),
                           .ru_maxrss = (long)(plat_memory_peak() / 1024)};
    return 0;
}

uint32_t arc4random(void)
{
    uint32_t r;
    plat_random(&r, sizeof r);
    return r;
}
