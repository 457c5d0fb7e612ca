/* boot_info.h: what the boot loader told us, in one form for multiboot2 and PVH.
 *
 * Filled once by boot/ before kernel_lib starts; all pointers are usable addresses for the life of the
 * image. Sources: Multiboot2 Specification 2.0 section 3; Xen PVH direct boot ABI (hvm_start_info). */
#ifndef KERNEL_LIB_BOOT_INFO_H
#define KERNEL_LIB_BOOT_INFO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum boot_protocol { BOOT_MULTIBOOT2, BOOT_PVH };

#define BOOT_MODULES_MAX 64
#define BOOT_RANGES_MAX  128

struct boot_range { /* usable RAM, physical, page-aligned inwards, ascending, without overlaps */
    uint64_t base, len;
};
struct boot_module {
    uint64_t base, len; /* physical bytes */
    /* NUL-ended: the module's name and its arguments, quoted as in cmdline.h; "" if none. GRUB2 leaves the
     * file name out, so its line reads `module2 /boot/app.wasm app.wasm ARG...`. */
    const char *cmdline;
};
struct boot_framebuffer {
    uint64_t base;                 /* physical; 0: none */
    uint32_t width, height, pitch; /* pixels, pixels, bytes per row */
    uint8_t bits_per_pixel;        /* 32 or 24; 16 also for a colour map below */
    uint8_t red_shift, red_bits, green_shift, green_bits, blue_shift, blue_bits;
    bool text; /* EGA text: width and height in characters, 2 bytes a cell */
};
struct boot_info {
    enum boot_protocol protocol;
    char loader[64];
    char cmdline[4096]; /* the kernel's options, without the kernel's own name; quoted as in cmdline.h */
    size_t nranges, nmodules;
    struct boot_range ranges[BOOT_RANGES_MAX];
    struct boot_module modules[BOOT_MODULES_MAX];
    struct boot_framebuffer fb;
    uint64_t rsdp;        /* physical address of ACPI's RSDP; 0: unknown */
    uint64_t start_ticks; /* TSC at our first instruction */
};

/* DEFINED in kernel_lib; boot/ ends in it. Long mode, SSE on, interrupts off, the boot page tables (the first
 * 4 GiB at 0), a stack of 16 KiB. */
_Noreturn void kernel_main(const struct boot_info *info);

/* --- A second processor; in the full image only. It starts in real mode at a page below 1 MiB, into which
 * kernel_lib copies boot/ap.asm's code. --- */
extern const char boot_ap_code[], boot_ap_code_end[];
/* DEFINED in kernel_lib: what it needs then. */
struct boot_ap {
    uint64_t tables; /* physical */
    uint64_t stack;  /* its top */
};
extern struct boot_ap boot_ap;
/* DEFINED in kernel_lib; boot/ap.asm ends in it. Long mode, these tables and stack, SSE on, interrupts off.
 */
_Noreturn void kernel_ap_main(void);

#endif
