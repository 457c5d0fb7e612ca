/* plat.h: the seam between everything portable and the machine below it.
 *
 * Implemented three times: plat/bare (the image), plat/host (a Linux process), plat/fake (tests: settable
 * clock, fails the nth commit). Exactly one is linked. Nothing above this line knows which. No malloc, no
 * printf, nothing of WebAssembly here. */
#ifndef KERNEL_LIB_PLAT_H
#define KERNEL_LIB_PLAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "status.h"

/* --- The fixed address map (docs/architecture.md). Everything that compiled code names lies below 2 GiB. ---
 */
#define MAP_CODE_BASE  0x10000000ull /* code arena: compiled code and its read-only data */
#define MAP_CODE_END   0x38000000ull
#define MAP_DATA_BASE  0x38000000ull /* writable engine data that compiled code names (instance blocks) */
#define MAP_DATA_END   0x3f000000ull
#define MAP_MEM0_BASE  0x40000000ull /* linear memory 0 of the instance that owns the fixed slot */
#define MAP_MEM0_BYTES 0x100000000ull
/* Reserved behind the base of a 32-bit memory: 4 GiB of index + 4 GiB of offset + slack for address folding.
 */
#define MAP_GUEST_RESERVE (MAP_MEM0_BYTES * 2 + 0x100000ull)
#define PLAT_PAGE         4096ull

/* --- Console. --- */
enum plat_stream {
    PLAT_OUT, /* the app's standard output */
    PLAT_ERR, /* the app's standard error, and messages to the user */
    PLAT_LOG, /* engine log and report */
};
/* Writes all of it and flushes once. Never fails: output that cannot be delivered is dropped. */
void plat_write(enum plat_stream s, const void *buf, size_t len);
/* Reads at most `len` bytes of standard input; blocks until at least one is there. 0: end of input. */
size_t plat_read(void *buf, size_t len);
/* Whether plat_read would return at once. */
bool plat_read_ready(void);

/* --- Time. --- */
enum plat_clock {
    PLAT_CLOCK_REAL,   /* ns since 1970-01-01 UTC */
    PLAT_CLOCK_MONO,   /* ns since an arbitrary start */
    PLAT_CLOCK_CPU,    /* ns of CPU time of this process; bare: same as MONO */
    PLAT_CLOCK_THREAD, /* the same of the calling thread */
};
uint64_t plat_ticks(void);            /* time-stamp counter */
uint64_t plat_ticks_per_second(void); /* calibrated at the first call, not before */
uint64_t plat_start_ticks(void);      /* plat_ticks() at our first instruction */
uint64_t plat_clock_ns(enum plat_clock c);
void plat_sleep_ns(uint64_t ns); /* gives the processor up (hlt, nanosleep) */
/* Fills `buf` with unpredictable bytes (RDSEED/RDRAND/getrandom; bare without either: a TSC-seeded
 * generator, announced once on PLAT_LOG). */
void plat_random(void *buf, size_t len);

/* --- Address space. Sizes and addresses are multiples of PLAT_PAGE. --- */
enum plat_prot { PLAT_NONE, PLAT_R, PLAT_RW, PLAT_RX }; /* never writable and executable at once */
/* Reserves addresses without memory. `want` NULL: anywhere; else exactly there or NULL is returned. */
void *plat_reserve(void *want, size_t bytes);
/* Backs a part of a reservation with zeroed memory. E_NOMEM leaves it as it was. */
MUST_CHECK status plat_commit(void *addr, size_t bytes, enum plat_prot prot);
/* The same, PLAT_RW, for memory of which perhaps little is used: a page takes memory when it is touched, of
 * which enough is kept. Only plat_decommit or plat_release of all that was committed lazily side by side, and
 * not plat_protect, may follow. Hosted: what joins memory that was committed so before, is committed at the
 * first access, at once all of it; system calls, which do not count as one, need plat_touch. In an image that
 * compiles: at once. */
MUST_CHECK status plat_commit_lazily(void *addr, size_t bytes);
/* What memory that was committed lazily from `addr` on holds where nobody has touched it: fill() writes all
 * of `page`, which is to be seen at `addr`, or returns false for zeros. It may run in a fault: it must not
 * touch such memory itself. */
typedef bool (*plat_fill_fn)(void *env, const void *addr, uint8_t page[PLAT_PAGE]);
void plat_fill_lazily(void *addr, size_t bytes, plat_fill_fn fill, void *env);
/* Backs a part of it now; memory of other kinds is left as it is. */
void plat_touch(void *addr, size_t bytes);
/* Changes the protection of committed memory. */
MUST_CHECK status plat_protect(void *addr, size_t bytes, enum plat_prot prot);
/* Returns memory (addresses stay reserved; reading them faults). */
void plat_decommit(void *addr, size_t bytes);
/* Returns memory and addresses. */
void plat_release(void *addr, size_t bytes);
uint64_t plat_memory_total(void); /* bytes of RAM that the machine gave us */
uint64_t plat_memory_used(void);  /* bytes committed now, the program itself included */
uint64_t plat_memory_peak(void);
/* Lowest usable address and one past the highest of the calling thread's stack; a guard lies below. */
void plat_stack_bounds(uintptr_t *low, uintptr_t *high);

/* --- Blobs: read-only files given at start (multiboot modules, the initrd's tar, host files). --- */
enum plat_blob_kind { PLAT_BLOB_FILE, PLAT_BLOB_DIR, PLAT_BLOB_SYMLINK, PLAT_BLOB_LINK };
struct plat_blob {
    const char *name; /* as given by the boot loader, the tar member, or the path */
    const uint8_t *data;
    size_t len;
    enum plat_blob_kind kind; /* others than FILE only from archives; they have no data */
    const char *target;       /* SYMLINK: its text; LINK: name of an earlier blob that this is, too */
    uint64_t mtime_s;         /* seconds since 1970; 0: not known */
};
/* Kind FILE only. Host: reads the file. */
MUST_CHECK status plat_blob_find(const char *name, struct plat_blob *out);
/* E_NOTFOUND past the last; host: none. Number 0 is a FILE. */
MUST_CHECK status plat_blob_at(size_t index, struct plat_blob *out);
void plat_blob_release(struct plat_blob *b);
/* Writes a whole file (host). The image has no files to write: E_UNSUPPORTED. */
MUST_CHECK status plat_file_write(const char *path, const void *data, size_t len);

/* --- Disks, numbered from 0, in sectors of 512 bytes. The machine looks for its disks at the first call, not
 * before; hosted there are those that were attached. One request at a time; each ends within
 * PLAT_DISK_SECONDS_MAX. What went wrong stands in `e` (may be NULL), with the byte offset on the disk. ---
 */
#define PLAT_SECTOR           512u
#define PLAT_DISK_SECONDS_MAX 20u
struct plat_disk {
    uint64_t sectors;
    uint32_t block; /* bytes, at least PLAT_SECTOR: requests start at, and are, multiples of it */
    bool read_only;
    char name[48]; /* for messages */
};
/* E_NOTFOUND: past the last. */
MUST_CHECK status plat_disk_at(size_t disk, struct plat_disk *out);
/* E_NOTFOUND: no such disk; E_INVAL: not within it, or not in blocks; E_UNSUPPORTED: written though
 * read-only; E_IO: it failed, and what a write covers is undefined. */
MUST_CHECK status plat_disk_read(size_t disk, uint64_t sector, void *buf, size_t sectors, struct err *e);
MUST_CHECK status plat_disk_write(size_t disk, uint64_t sector, const void *buf, size_t sectors,
                                  struct err *e);
/* What was written before this survives a loss of power after it. Until then any part may be there or not. */
MUST_CHECK status plat_disk_flush(size_t disk, struct err *e);
/* Hosted: makes a file (or block device) the next disk, whose number goes to *disk. A file is created (not
 * if `bytes` is 0), and extended with zeros to `bytes` (a multiple of PLAT_SECTOR) when it is shorter; one
 * that may not be written is a read-only disk. Locked against other programs until the end. The image's disks
 * are the machine's: E_UNSUPPORTED. */
MUST_CHECK status plat_disk_attach(const char *path, uint64_t bytes, size_t *disk, struct err *e);

/* --- Faults. --- */
enum plat_fault_kind { PLAT_FAULT_ACCESS, PLAT_FAULT_ARITH, PLAT_FAULT_ILLEGAL };
struct plat_fault {
    enum plat_fault_kind kind;
    uintptr_t addr; /* ACCESS: the address that could not be accessed */
    bool write;
    uintptr_t pc, sp, fp, r10, r12; /* at the fault; read only (r12: the interpreter's instruction) */
    /* Where to go on instead, when the hook returns true: `pc` with first argument `arg` and a stack
     * pointer of `resume_sp` (as after a call: 16-byte aligned + 8). */
    uintptr_t resume_pc, resume_arg, resume_sp;
};
/* DEFINED ABOVE (jit/rt). Called on a stack of its own, with interrupts or signals blocked. May only look
 * at memory and fill the resume fields; returns false for a fault that is not the guest's, which then
 * ends in panic. */
bool plat_on_fault(struct plat_fault *f);

/* --- Alarm: one, to end what runs too long. --- */
/* Calls plat_on_alarm about `ns` from now and then every millisecond or so, until plat_alarm_stop(). All that
 * time the alarm rings: plat_sleep_ns, plat_read and a plat_write that nobody takes return early. A second
 * start replaces the first. E_UNSUPPORTED: there is no timer. */
MUST_CHECK status plat_alarm_start(uint64_t ns);
void plat_alarm_stop(void);
bool plat_alarm_rings(void);
/* DEFINED ABOVE (jit/rt). As plat_on_fault, for whatever the timer interrupted (`kind`, `addr` and `write`
 * mean nothing); false: that goes on. */
bool plat_on_alarm(struct plat_fault *f);

/* --- Ticker: one, beside the alarm. --- */
struct plat_tick { /* what was interrupted */
    uintptr_t pc, sp, fp;
    bool asked; /* not the time, but the user: SIGUSR1 (hosted) */
};
/* Calls `hook` about every `period_ns` of running until plat_ticker_stop(); 0: some 1 to 50 times a second,
 * whatever needs no time to set up. Called on a stack of its own (64 KiB), with interrupts or signals
 * blocked. Unless the hook knows what it has interrupted, it may only look at memory. E_UNSUPPORTED: there is
 * no timer. */
MUST_CHECK status plat_ticker_start(uint64_t period_ns, void (*hook)(const struct plat_tick *));
void plat_ticker_stop(void);

/* --- A worker: one, beside the app's thread, for work that touches nothing that the app's thread writes,
 * but under the lock. --- */
/* False: there is only one thread, as in an image on one processor, and no other function of these is called.
 * In the image the worker is a second processor, which is started when there is work for it. */
bool plat_has_worker(void);
/* Whether it and the app's thread have a processor each. */
bool plat_worker_is_beside(void);
/* Runs `run` on a thread of its own, which no signal of this header interrupts. Again only after
 * plat_worker_join. E_UNSUPPORTED, E_NOMEM: it cannot be started. */
MUST_CHECK status plat_worker_start(void (*run)(void));
/* What both touch is touched between these two. */
void plat_worker_lock(void);
void plat_worker_unlock(void);
/* With the lock, by either: gives it up until the other one calls plat_worker_wake(), or for no reason. */
void plat_worker_wait(void);
/* With the lock. */
void plat_worker_wake(void);
/* By the app's thread, without the lock: waits until `run` has returned. */
void plat_worker_join(void);
/* Lets exit() call `fn` before anything that was to be called by it so far; plat_exit does not. */
void plat_worker_at_exit(void (*fn)(void));

/* --- The program itself, by origin. --- */
struct plat_part {
    const char
        *name; /* "runtime" (ours), "libraries", "llvm", "constants", "data"; "program": not known better */
    uintptr_t start, end;
    bool code;
    uint64_t touched; /* bytes of its pages that were accessed; UINT64_MAX: nobody looked */
};
/* E_NOTFOUND: past the last. Pages are looked at when the image's command line says --sample. */
MUST_CHECK status plat_part_at(size_t part, struct plat_part *out);
/* Whether the page at `at`, of a part, was accessed. */
bool plat_page_touched(uintptr_t at);
/* The function of the program that `pc` is in; NULL: not known. */
const char *plat_code_name(uintptr_t pc);

/* What runs: "full" (the image), "appliance", or "hosted" (the command). */
const char *plat_image_kind(void);

/* --- End. --- */
/* Ends the program with the app's exit code; flushes streams. Bare: isa-debug-exit, ACPI power-off, or
 * halt, in this order of availability. */
_Noreturn void plat_exit(int code);
/* Our bug: one line, registers and a symbolised backtrace on PLAT_ERR, then the end. No malloc. */
_Noreturn void panic(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

#define ASSERT(cond)                                                                                         \
    do {                                                                                                     \
        if (__builtin_expect(!(cond), 0))                                                                    \
            panic("%s:%d: assertion failed: %s", __FILE__, __LINE__, #cond);                                 \
    } while (0)

/* The processor: name and features as LLVM spells them, from CPUID and XCR0 alone. */
struct plat_cpu {
    char brand[49];
    bool sse41, avx, avx2, fma, avx512f;
};
const struct plat_cpu *plat_cpu(void);

#endif
