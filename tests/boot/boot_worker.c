/* boot_worker.c: plat.h's worker on a second processor: that it runs, that both may use heap and page tables
 * at once, and that neither goes on using a page that the other one took away. */
#include <string.h>

#include "boot_test.h"
#include "fmt.h"
#include "heap.h"
#include "plat.h"
#include "runtime.h"

enum { BLOCKS = 64, HEAP_STEPS = 2000, ROUNDS = 20 };

static uint32_t asked, answered; /* atomic: rounds */
static uint32_t wrong;           /* of the worker's */
static bool sleeps;              /* the worker waits, instead of looking again and again */
static volatile uint32_t *page;
static uint32_t never; /* atomic; never written */

static uint32_t get(const uint32_t *p)
{
    return __atomic_load_n(p, __ATOMIC_SEQ_CST);
}

static void set(uint32_t *p, uint32_t value)
{
    plat_worker_lock();
    __atomic_store_n(p, value, __ATOMIC_SEQ_CST);
    plat_worker_wake();
    plat_worker_unlock();
}

static void wait_for(const uint32_t *p, uint32_t value, bool asleep)
{
    plat_worker_lock();
    while (asleep && get(p) != value)
        plat_worker_wait();
    plat_worker_unlock();
    while (get(p) != value)
        __asm__ volatile("pause");
}

static void start(void (*run)(void))
{
    asked = answered = wrong = 0;
    CHECK(plat_worker_start(run) == ST_OK);
}

/* --- Heap. --- */

static bool holds(const uint8_t *p, size_t len, uint8_t value)
{
    for (size_t i = 0; i < len; i++)
        if (p[i] != value)
            return false;
    return true;
}

/* Takes, fills, compares and gives back blocks of all sizes; returns how many had been changed. */
static uint32_t use_heap(uint32_t seed)
{
    struct {
        uint8_t *p;
        uint32_t len;
    } blocks[BLOCKS] = {0};
    uint32_t changed = 0;
    for (uint32_t i = 0; i < HEAP_STEPS + BLOCKS; i++) {
        seed = seed * 1664525 + 1013904223;
        uint32_t k = i < HEAP_STEPS ? (seed >> 8) % BLOCKS : i - HEAP_STEPS;
        changed += !holds(blocks[k].p, blocks[k].len, (uint8_t)k);
        heap_free(blocks[k].p);
        blocks[k].len = i < HEAP_STEPS ? (seed >> 16) % (i % 50 ? 500 : 60000) : 0;
        blocks[k].p = blocks[k].len ? heap_alloc(blocks[k].len) : NULL;
        if (blocks[k].p)
            memset(blocks[k].p, (int)k, blocks[k].len);
        else
            blocks[k].len = 0;
    }
    return changed;
}

static void use_heap_beside(void)
{
    wrong = use_heap(1);
}

static void test_heap(void)
{
    start(use_heap_beside);
    uint32_t mine = use_heap(2);
    plat_worker_join();
    CHECK(mine == 0 && wrong == 0);
}

/* --- Pages. --- */

/* Each round there is another page with another number at the same address. Its vector registers stay as they
 * are over the interrupts that this takes. */
static void read_rounds(void)
{
    uint64_t in[2] = {0x1122334455667788, 0x99aabbccddeeff00}, out[2] = {0};
    __asm__ volatile("movups %0, %%xmm15" ::"m"(in) : "xmm15");
    for (uint32_t round = 1; round <= ROUNDS; round++) {
        wait_for(&asked, round, sleeps);
        wrong += *page != round;
        set(&answered, round);
    }
    __asm__ volatile("movups %%xmm15, %0" : "=m"(out));
    wrong += memcmp(in, out, sizeof in) != 0;
}

static void test_pages(bool asleep)
{
    uint8_t *p = plat_reserve(NULL, PLAT_PAGE), *q = plat_reserve(NULL, ROUNDS * PLAT_PAGE);
    uint64_t used = plat_memory_used();
    page = (volatile uint32_t *)(void *)p;
    sleeps = asleep;
    start(read_rounds);
    for (uint32_t round = 1; round <= ROUNDS; round++) {
        CHECK(plat_commit(p, PLAT_PAGE, PLAT_RW) == ST_OK);
        *page = round;
        if (round % 2)
            CHECK(plat_protect(p, PLAT_PAGE, PLAT_R) == ST_OK);
        set(&asked, round);
        wait_for(&answered, round, asleep);
        plat_decommit(p, PLAT_PAGE);
        /* The next one is not the same. */
        CHECK(plat_commit(q + (round - 1) * PLAT_PAGE, PLAT_PAGE, PLAT_RW) == ST_OK);
    }
    plat_worker_join();
    CHECK(wrong == 0);
    plat_release(p, PLAT_PAGE);
    plat_release(q, ROUNDS * PLAT_PAGE);
    CHECK(plat_memory_used() <= used + 4 * PLAT_PAGE);
}

/* --- The end while it works. --- */

static void work_for_ever(void)
{
    while (get(&never) == 0)
        (void)use_heap(3);
}

void test_worker(void)
{
    fmt_out(PLAT_OUT, "worker %d\n", plat_has_worker());
    if (!plat_has_worker()) {
        CHECK(plat_worker_start(work_for_ever) == E_UNSUPPORTED);
        return;
    }
    test_heap();
    test_pages(true);
    test_pages(false);
    start(work_for_ever);
}
