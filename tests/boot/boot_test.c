/* boot_test.c: an image_main that shows that the machine below the engine works. tests/boot/run drives it by
 * the kernel option `boot-test=NAME` and reads what it prints; without one it describes the machine. */
#include <string.h>

#include "cmdline.h"
#include "fmt.h"
#include "plat.h"
#include "runtime.h"

enum { EXIT_OF_TEST = 42 };

static void show_machine(const struct boot_info *info)
{
    fmt_out(PLAT_OUT, "loader %s\ncpu %s\nxcr0 0x%llx\n", info->loader, plat_cpu()->brand,
            (unsigned long long)cpu_state_mask());
    fmt_out(PLAT_OUT, "ram %llu KiB, free %llu KiB, used %llu KiB\n",
            (unsigned long long)plat_memory_total() / 1024, (unsigned long long)memory_bytes_free() / 1024,
            (unsigned long long)plat_memory_used() / 1024);
    fmt_out(PLAT_OUT, "cmdline [%s]\n", info->cmdline);
    struct plat_blob b;
    for (size_t i = 0; plat_blob_at(i, &b) == ST_OK; i++)
        fmt_out(PLAT_OUT, "blob %s %zu\n", b.name, b.len);
}

int image_main(const struct boot_info *info)
{
    show_machine(info);
    return EXIT_OF_TEST;
}
