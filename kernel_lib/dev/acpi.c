/* acpi.c: root pointer -> fixed description table -> power-off, reset and the timer; no interpreter: the
 * sleep type is found by its name in the DSDT. Everything is firmware's word: lengths and checksums are
 * checked. Source: ACPI Specification 6.5, 5.2 (tables), 4.8 (registers), 7.4.2.6 (_S5). */
#include "dev/acpi_priv.h"

#include "memory/vm_priv.h"
#include "runtime.h"

#include <string.h>

enum {
    BIOS_START = 0xe0000,
    BIOS_END = 0x100000,
    EBDA_POINTER = 0x40e,
    EBDA_BYTES = 1024,
    TABLE_MAX = 0x400000
};
enum { FADT_DSDT = 40, FADT_SMI = 48, FADT_ENABLE = 52, FADT_PM1A = 64, FADT_PM1B = 68, FADT_TIMER = 76 };
enum { FADT_FLAGS = 112, FADT_RESET = 116, FADT_RESET_VALUE = 128, FADT_X_DSDT = 140 };
enum { FLAG_TIMER_32 = 1 << 8, FLAG_RESET = 1 << 10, NO_RESET = 0xff };
enum { AML_PACKAGE = 0x12, AML_BYTE = 0x0a, AML_STRING = 0x0d };
enum { HID_BYTES = 8, MEMORY32_FIXED = 0x86, MEMORY32_BYTES = 12, MEMORY32_BASE = 4, DEVICE_BYTES_MAX = 128 };

struct __attribute__((packed)) rsdp {
    char signature[8];
    uint8_t checksum;
    char oem[6];
    uint8_t revision;
    uint32_t rsdt, length;
    uint64_t xsdt;
};
struct __attribute__((packed)) header {
    char signature[4];
    uint32_t length;
    uint8_t revision, checksum;
    char rest[26];
};

static struct acpi_facts facts;
static const struct header *dsdt; /* NULL: none */

static uint64_t read_le(const void *at, size_t bytes)
{
    uint64_t v = 0;
    memcpy(&v, at, bytes);
    return v;
}

static bool sums_to_zero(const void *at, size_t bytes)
{
    uint8_t sum = 0;
    for (size_t i = 0; i < bytes; i++)
        sum += ((const uint8_t *)at)[i];
    return sum == 0;
}

static bool is_rsdp(const struct rsdp *r)
{
    return memcmp(r->signature, "RSD PTR ", 8) == 0 && sums_to_zero(r, 20);
}

static const struct rsdp *search(uint64_t phys, size_t bytes)
{
    const uint8_t *at = vm_map_phys(phys, bytes, VM_CACHED);
    for (size_t i = 0; at && i + sizeof(struct rsdp) <= bytes; i += 16)
        if (is_rsdp((const struct rsdp *)(at + i)))
            return (const struct rsdp *)(at + i);
    return NULL;
}

static const struct rsdp *find_rsdp(void)
{
    uint64_t given = runtime_boot_info()->rsdp;
    const struct rsdp *r = given ? vm_map_phys(given, sizeof *r, VM_CACHED) : NULL;
    if (r && is_rsdp(r))
        return r;
    const uint8_t *bios_data = vm_map_phys(EBDA_POINTER & ~0xfffu, PLAT_PAGE, VM_CACHED);
    uint64_t ebda = bios_data ? read_le(bios_data + EBDA_POINTER, 2) << 4 : 0;
    if (ebda >= 0x80000 && ebda < 0xa0000 && (r = search(ebda, EBDA_BYTES)))
        return r;
    return search(BIOS_START, BIOS_END - BIOS_START);
}

/* A whole table, or NULL when it is damaged. */
static const struct header *table_get(uint64_t phys)
{
    const struct header *h = phys ? vm_map_phys(phys, sizeof *h, VM_CACHED) : NULL;
    if (!h || h->length < sizeof *h || h->length > TABLE_MAX)
        return NULL;
    h = vm_map_phys(phys, h->length, VM_CACHED);
    return h && sums_to_zero(h, h->length) ? h : NULL;
}

static const struct header *find_table(const struct rsdp *r, const char *signature)
{
    bool wide = r->revision >= 2 && r->xsdt;
    const struct header *root = table_get(wide ? r->xsdt : r->rsdt);
    size_t step = wide ? 8 : 4;
    for (size_t at = sizeof *root; root && at + step <= root->length; at += step) {
        const struct header *t = table_get(read_le((const char *)root + at, step));
        if (t && memcmp(t->signature, signature, 4) == 0)
            return t;
    }
    return NULL;
}

static const uint8_t *aml_byte(const uint8_t *p, uint16_t *value)
{
    if (*p == AML_BYTE)
        p++;
    *value = *p;
    return p + 1;
}

/* Name(_S5_, Package(){a, b, ...}) */
static void read_s5(void)
{
    const uint8_t *p = (const uint8_t *)dsdt, *end = p + dsdt->length - 16;
    for (p += sizeof *dsdt; p < end; p++) {
        if (memcmp(p, "_S5_", 4) != 0 || p[4] != AML_PACKAGE)
            continue;
        p += 5;
        p += (*p >> 6) + 2; /* package length (1 to 4 bytes) and number of elements */
        p = aml_byte(p, &facts.s5_a);
        aml_byte(p, &facts.s5_b);
        facts.has_s5 = true;
        return;
    }
}

static void read_reset(const struct header *fadt, const uint8_t *f, uint32_t flags)
{
    facts.reset_space = NO_RESET;
    if (fadt->length <= FADT_RESET_VALUE || !(flags & FLAG_RESET))
        return;
    facts.reset_space = f[FADT_RESET];
    facts.reset_address = read_le(f + FADT_RESET + 4, 8);
    facts.reset_value = f[FADT_RESET_VALUE];
}

static void read_fadt(const struct header *fadt)
{
    const uint8_t *f = (const uint8_t *)fadt;
    if (fadt->length < FADT_RESET)
        return;
    uint32_t flags = (uint32_t)read_le(f + FADT_FLAGS, 4);
    facts.found = true;
    facts.pm_timer = (uint16_t)read_le(f + FADT_TIMER, 4);
    facts.pm_timer_32 = flags & FLAG_TIMER_32;
    facts.smi_command = (uint16_t)read_le(f + FADT_SMI, 4);
    facts.enable = f[FADT_ENABLE];
    facts.pm1a_control = (uint16_t)read_le(f + FADT_PM1A, 4);
    facts.pm1b_control = (uint16_t)read_le(f + FADT_PM1B, 4);
    read_reset(fadt, f, flags);
    uint64_t wide = fadt->length >= FADT_X_DSDT + 8 ? read_le(f + FADT_X_DSDT, 8) : 0;
    dsdt = table_get(wide ? wide : read_le(f + FADT_DSDT, 4));
    if (dsdt)
        read_s5();
}

const struct acpi_facts *acpi_facts(void)
{
    static bool known;
    if (known)
        return &facts;
    known = true;
    facts.reset_space = NO_RESET;
    const struct rsdp *r = find_rsdp();
    const struct header *fadt = r ? find_table(r, "FACP") : NULL;
    if (fadt)
        read_fadt(fadt);
    return &facts;
}

/* The base of the next Memory32Fixed descriptor (6.4.3.4) before `end`; 0: none. */
static uint64_t next_registers(const uint8_t *p, const uint8_t *end)
{
    for (; end - p >= MEMORY32_BYTES; p++)
        if (p[0] == MEMORY32_FIXED && read_le(p + 1, 2) == MEMORY32_BYTES - 3)
            return read_le(p + MEMORY32_BASE, 4);
    return 0;
}

size_t acpi_registers_of(const char *hid, uint64_t *out, size_t max)
{
    size_t n = 0;
    if (!acpi_facts()->found || !dsdt)
        return 0;
    const uint8_t *p = (const uint8_t *)dsdt, *end = p + dsdt->length;
    for (p += sizeof *dsdt; end - p > HID_BYTES + 1 && n < max; p++) {
        if (p[0] != AML_STRING || memcmp(p + 1, hid, HID_BYTES) != 0)
            continue;
        const uint8_t *until = end - p > DEVICE_BYTES_MAX ? p + DEVICE_BYTES_MAX : end;
        uint64_t at = next_registers(p + 1 + HID_BYTES, until);
        if (at)
            out[n++] = at;
    }
    return n;
}

#ifndef ANNEAL_APPLIANCE
/* --- Processors: the multiple APIC description table (5.2.12). --- */
enum { MADT_ENTRIES = 44, MADT_APIC = 0, MADT_X2APIC = 9, MADT_ENABLED = 1, APIC_ID_ALL = 0xff };

/* The APIC id in an entry; false: it describes something else, or a processor that cannot be used. */
static bool processor_of(const uint8_t *e, uint32_t *id)
{
    if (e[0] == MADT_APIC && e[1] >= 8) {
        *id = e[3];
        return *id != APIC_ID_ALL && (read_le(e + 4, 4) & MADT_ENABLED);
    }
    *id = (uint32_t)read_le(e + 4, 4);
    return e[0] == MADT_X2APIC && e[1] >= 16 && (read_le(e + 8, 4) & MADT_ENABLED);
}

bool acpi_other_processor(uint32_t self, uint32_t *id)
{
    const struct rsdp *r = find_rsdp();
    const struct header *madt = r ? find_table(r, "APIC") : NULL;
    if (!madt)
        return false;
    const uint8_t *p = (const uint8_t *)madt, *end = p + madt->length;
    for (p += MADT_ENTRIES; end - p >= 8 && p[1] >= 2 && p[1] <= end - p; p += p[1])
        if (processor_of(p, id) && *id != self)
            return true;
    return false;
}
#endif
