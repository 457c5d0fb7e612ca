/* llvm_abort_host.c: abort() during a compilation, hosted: the C library raises SIGABRT. */
#define _GNU_SOURCE
#include <signal.h>
#include <string.h>

#include "llvm_priv.h"

static void on_signal(int sig)
{
    (void)sig;
    llvm_on_abort();
}

void llvm_abort_install(void)
{
    struct sigaction sa;
    memset(&sa, 0, sizeof sa);
    sa.sa_handler = on_signal;
    sa.sa_flags = SA_NODEFER; /* the handler is left by a jump */
    sigaction(SIGABRT, &sa, NULL);
}

#ifdef ANNEAL_ASAN
/* What LLVM had allocated when it gave up is lost. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
    return "leak:fail_for_test\n";
}
#endif
