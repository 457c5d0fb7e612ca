/* A signal that is ignored, one that cannot be, one that ends the program. */
#include <stdio.h>
#include <wasi/api.h>

__wasi_errno_t raise_signal(unsigned number)
    __attribute__((__import_module__("wasi_snapshot_preview1"), __import_name__("proc_raise")));

int main(void)
{
    printf("%d %d %d %d\n", raise_signal(0), raise_signal(16), raise_signal(18), raise_signal(99));
    fflush(stdout);
    raise_signal(15);
    printf("not reached\n");
    return 0;
}
