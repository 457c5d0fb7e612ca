/* boot_main.c: reads what the boot loader left in memory into struct boot_info.
 *
 * Runs once, on the boot page tables (the first 4 GiB at their own addresses), with 16 KiB of stack. All that
 * is worth keeping is copied into the image, so that the loader's memory can be used afterwards; only the
 * modules stay where they are. Everything here was written by a loader we do not control: counts and lengths
 * are clipped, never trusted. */
#include "boot_info.h"

#include <string.h>

void boot_main(uint32_t protocol, uintptr_t data, uint64_t start_ticks);

#define PAGE 4096ull

static struct boot_info info;
static char text_pool[16384]; /* the modules' command lines */
static size_t text_used;
static uint8_t rsdp_copy[36] __attribute__((aligned(16)));

static void text_copy(char *dst, size_t size, const char *src, size_t len)
{
    if (len > size - 1)
        len = size - 1;
    memcpy(dst, src, len);
    dst[len] = 0;
}

/* A line that does not fit any more is cut. */
static const char *text_keep(const char *src, size_t len)
{
    size_t room = sizeof text_pool - text_used;
    if (len == 0 || room < 2)
        return "";
    char *at = text_pool + text_used;
    text_copy(at, room, src, len);
    text_used += strlen(at) + 1;
    return at;
}

static void module_add(uint64_t base, uint64_t len, const char *line, size_t line_len)
{
    if (info.nmodules == BOOT_MODULES_MAX)
        return;
    info.modules[info.nmodules++] = (struct boot_module){base, len, text_keep(line, line_len)};
}

/* Inserts free RAM in ascending order, rounded inwards. */
static void range_add(uint64_t base, uint64_t len)
{
    uint64_t end = base + len < base ? ~(PAGE - 1) : (base + len) & ~(PAGE - 1);
    base = (base + PAGE - 1) & ~(PAGE - 1);
    if (base >= end || info.nranges == BOOT_RANGES_MAX)
        return;
    size_t at = info.nranges++;
    for (; at > 0 && info.ranges[at - 1].base > base; at--)
        info.ranges[at] = info.ranges[at - 1];
    info.ranges[at] = (struct boot_range){base, end - base};
}

/* Joins neighbours and cuts overlaps. */
static void ranges_tidy(void)
{
    size_t n = 0;
    for (size_t i = 0; i < info.nranges; i++) {
        struct boot_range r = info.ranges[i], *last = n ? &info.ranges[n - 1] : NULL;
        uint64_t last_end = last ? last->base + last->len : 0;
        if (!last || r.base > last_end)
            info.ranges[n++] = r;
        else if (r.base + r.len > last_end)
            last->len = r.base + r.len - last->base;
    }
    info.nranges = n;
}

/* --- Multiboot2: Multiboot2 Specification 2.0, 3.6 --- */

enum mb2_tag_type {
    TAG_END = 0,
    TAG_CMDLINE = 1,
    TAG_LOADER = 2,
    TAG_MODULE = 3,
    TAG_MMAP = 6,
    TAG_FRAMEBUFFER = 8,
    TAG_EFI32 = 11,
    TAG_EFI64 = 12,
    TAG_RSDP_1 = 14,
    TAG_RSDP_2 = 15,
};
enum { RAM_AVAILABLE = 1, FB_RGB = 1, FB_TEXT = 2 };

struct mb2_tag {
    uint32_t type, size;
};
struct mb2_module {
    struct mb2_tag tag;
    uint32_t start, end;
    char line[];
};
struct mb2_mmap {
    struct mb2_tag tag;
    uint32_t entry_size, version;
};
struct mb2_mmap_entry {
    uint64_t base, len;
    uint32_t type, zero;
};
struct mb2_framebuffer {
    struct mb2_tag tag;
    uint64_t base;
    uint32_t pitch, width, height;
    uint8_t bits_per_pixel, type;
    uint16_t reserved;
    uint8_t red_shift, red_bits, green_shift, green_bits, blue_shift, blue_bits;
};

static size_t tag_text_len(const struct mb2_tag *t, size_t header)
{
    size_t len = 0;
    while (header + len < t->size && ((const char *)t)[header + len])
        len++;
    return len;
}

static void tag_module(const struct mb2_tag *t)
{
    const struct mb2_module *m = (const struct mb2_module *)t;
    if (t->size >= sizeof *m && m->end >= m->start)
        module_add(m->start, m->end - m->start, m->line, tag_text_len(t, sizeof *m));
}

static void tag_mmap(const struct mb2_tag *t)
{
    const struct mb2_mmap *map = (const struct mb2_mmap *)t;
    if (map->entry_size < sizeof(struct mb2_mmap_entry))
        return;
    for (uint32_t at = sizeof *map; at + map->entry_size <= t->size; at += map->entry_size) {
        const struct mb2_mmap_entry *e = (const struct mb2_mmap_entry *)((const char *)t + at);
        if (e->type == RAM_AVAILABLE)
            range_add(e->base, e->len);
    }
}

static void tag_framebuffer(const struct mb2_tag *t)
{
    const struct mb2_framebuffer *f = (const struct mb2_framebuffer *)t;
    if (f->type != FB_RGB && f->type != FB_TEXT)
        return;
    info.fb = (struct boot_framebuffer){.base = f->base,
                                        .width = f->width,
                                        .height = f->height,
                                        .pitch = f->pitch,
                                        .bits_per_pixel = f->bits_per_pixel,
                                        .red_shift = f->red_shift,
                                        .red_bits = f->red_bits,
                                        .green_shift = f->green_shift,
                                        .green_bits = f->green_bits,
                                        .blue_shift = f->blue_shift,
                                        .blue_bits = f->blue_bits,
                                        .text = f->type == FB_TEXT};
}

/* The tag holds a copy of the structure, not its address. */
static void tag_rsdp(const struct mb2_tag *t)
{
    size_t len = t->size - sizeof *t;
    if (info.rsdp && t->type == TAG_RSDP_1)
        return;
    memcpy(rsdp_copy, t + 1, len < sizeof rsdp_copy ? len : sizeof rsdp_copy);
    info.rsdp = (uintptr_t)rsdp_copy;
}

static void tag_read(const struct mb2_tag *t, bool *efi)
{
    switch ((enum mb2_tag_type)t->type) {
    case TAG_CMDLINE:
        text_copy(info.cmdline, sizeof info.cmdline, (const char *)(t + 1), tag_text_len(t, sizeof *t));
        break;
    case TAG_LOADER:
        text_copy(info.loader, sizeof info.loader, (const char *)(t + 1), tag_text_len(t, sizeof *t));
        break;
    case TAG_MODULE: tag_module(t); break;
    case TAG_MMAP: tag_mmap(t); break;
    case TAG_FRAMEBUFFER: tag_framebuffer(t); break;
    case TAG_EFI32:
    case TAG_EFI64: *efi = true; break;
    case TAG_RSDP_1:
    case TAG_RSDP_2: tag_rsdp(t); break;
    case TAG_END: break;
    }
}

/* A PC started by a BIOS is in its 80x25 text mode unless the loader says otherwise. Whether a card is there
 * is for the driver to find out. */
static void assume_text_mode(void)
{
    info.fb =
        (struct boot_framebuffer){.base = 0xb8000, .width = 80, .height = 25, .pitch = 160, .text = true};
}

static void multiboot2_read(uintptr_t data)
{
    uintptr_t end = data + *(const uint32_t *)data;
    bool efi = false;
    for (uintptr_t at = data + 8; at + sizeof(struct mb2_tag) <= end;) {
        const struct mb2_tag *t = (const struct mb2_tag *)at;
        if (t->type == TAG_END || t->size < sizeof *t || at + t->size > end)
            break;
        tag_read(t, &efi);
        at += (t->size + 7ull) & ~7ull;
    }
    if (!info.fb.base && !efi)
        assume_text_mode();
}

/* --- PVH: Xen, public/arch-x86/hvm/start_info.h --- */

struct pvh_start_info {
    uint32_t magic, version, flags, nmodules;
    uint64_t modules, cmdline, rsdp, memmap;
    uint32_t memmap_entries, reserved;
};
struct pvh_module {
    uint64_t base, len, cmdline, reserved;
};
struct pvh_memmap_entry {
    uint64_t base, len;
    uint32_t type, reserved;
};

/* QEMU's microvm without ACPI names its devices behind everything else, where the app's arguments are: the
 * first such word and all behind it go to the front. */
static void devices_to_front(void)
{
    static const char word[] = " virtio_mmio.device=";
    static char devices[sizeof info.cmdline];
    char *at = info.cmdline;
    while (*at && strncmp(at, word, sizeof word - 1) != 0)
        at++;
    size_t before = (size_t)(at - info.cmdline), len = strlen(at);
    if (len == 0)
        return;
    memcpy(devices, at + 1, len - 1);
    memmove(info.cmdline + len, info.cmdline, before);
    memcpy(info.cmdline, devices, len - 1);
    info.cmdline[len - 1] = ' ';
}

static void pvh_read(uintptr_t data)
{
    const struct pvh_start_info *s = (const struct pvh_start_info *)data;
    const struct pvh_module *m = (const struct pvh_module *)(uintptr_t)s->modules;
    const struct pvh_memmap_entry *e = (const struct pvh_memmap_entry *)(uintptr_t)s->memmap;
    text_copy(info.loader, sizeof info.loader, "PVH", 3);
    const char *line = (const char *)(uintptr_t)s->cmdline;
    if (line)
        text_copy(info.cmdline, sizeof info.cmdline, line, strlen(line));
    devices_to_front();
    for (uint32_t i = 0; i < s->nmodules; i++) {
        const char *text = (const char *)(uintptr_t)m[i].cmdline;
        module_add(m[i].base, m[i].len, text, text ? strlen(text) : 0);
    }
    for (uint32_t i = 0; i < s->memmap_entries; i++)
        if (e[i].type == RAM_AVAILABLE)
            range_add(e[i].base, e[i].len);
    info.rsdp = s->rsdp;
    assume_text_mode();
}

void boot_main(uint32_t protocol, uintptr_t data, uint64_t start_ticks)
{
    info.protocol = (enum boot_protocol)protocol;
    info.start_ticks = start_ticks;
    if (info.protocol == BOOT_MULTIBOOT2)
        multiboot2_read(data);
    else
        pvh_read(data);
    ranges_tidy();
    kernel_main(&info);
}
