/* WASI functions, called as a guest calls them, with a memory of their own and files from blobs. */
#include "wasi.h"

#include <string.h>

#include "plat.h"
#include "unit.h"

enum {
    SUCCESS = 0,
    BADF = 8,
    FAULT = 21,
    INVAL = 28,
    ISDIR = 31,
    NOENT = 44,
    NOTDIR = 54,
    NOTSOCK = 57,
    NOTCAPABLE = 76
};

/* (module (memory (export "memory") 1 1)) */
static const u8 module_bytes[] = {0, 'a', 's', 'm', 1, 0,   0,   0,   5,   4,   1,   1, 1,
                                  1, 7,   10,  1,   6, 'm', 'e', 'm', 'o', 'r', 'y', 2, 0};

static struct guest {
    struct wasm_module *module;
    struct rt_instance *inst;
    struct wasi *wasi;
    u8 *mem;
} g;

static bool guest_open(void)
{
    static const char *const argv[] = {"prog", "one", ""};
    static const char *const env[] = {"HOME=/", "X=y"};
    const struct wasi_config c = {.argc = 3, .argv = argv, .nenv = 2, .env = env};
    struct wasm_instantiate_options o = {0};
    enum rt_trap trap;
    if (rt_thread_init() != ST_OK ||
        wasm_module_decode(module_bytes, sizeof module_bytes, &g.module, NULL) != ST_OK ||
        wasm_instantiate(g.module, &o, &g.inst, &trap, NULL) != ST_OK ||
        wasi_create(&c, &g.wasi, NULL) != ST_OK)
        return false;
    g.mem = g.inst->mems[0]->base;
    return wasi_bind(g.wasi, g.inst, NULL) == ST_OK;
}

static void guest_close(void)
{
    wasi_destroy(g.wasi);
    rt_instance_destroy(g.inst);
    wasm_module_destroy(g.module);
}

static const char *module = "wasi_snapshot_preview1";

static struct rt_func *resolve(const char *name, const char *sig)
{
    rt_type types[16];
    u32 n = 0, nparams = 0;
    for (; *sig; sig++) {
        if (*sig == '_')
            nparams = n;
        else
            types[n++] = *sig == 'l' ? RT_I64 : RT_I32;
    }
    struct wasm_functype type = {.nparams = nparams, .nresults = n - nparams, .types = types};
    type.sig = rt_sig_get(types, nparams, n - nparams);
    struct wasm_func func = {.type = 0};
    struct wasm_module importer = {.types = &type, .funcs = &func};
    struct wasm_import imp = {
        .module = {module, (u32)strlen(module)}, .name = {name, (u32)strlen(name)}, .kind = WASM_FUNC};
    struct err e = {0};
    return wasi_resolve(g.wasi, &importer, &imp, &e);
}

static int call(const char *name, const char *sig, const rt_cell *args)
{
    struct rt_func *f = resolve(name, sig);
    if (!CHECK(f != NULL))
        return -1;
    rt_cell cells[16];
    memcpy(cells, args, f->sig->nparams * sizeof *cells);
    if (!CHECK_EQ(rt_call(f, cells), TRAP_NONE))
        return -1;
    return (int)(u32)cells[0];
}
#define CALL(name, sig, ...) call(name, sig, (const rt_cell[]){__VA_ARGS__, 0})

static u32 mem32(u32 at)
{
    u32 v;
    memcpy(&v, g.mem + at, sizeof v);
    return v;
}

static u64 mem64(u32 at)
{
    u64 v;
    memcpy(&v, g.mem + at, sizeof v);
    return v;
}

static void put32(u32 at, u32 v)
{
    memcpy(g.mem + at, &v, sizeof v);
}

TEST(wasi_arguments_and_environment)
{
    REQUIRE(guest_open());
    CHECK_EQ(CALL("args_sizes_get", "ii_i", 0, 4), SUCCESS);
    CHECK_EQ(mem32(0), 3);
    CHECK_EQ(mem32(4), sizeof "prog\0one\0");
    CHECK_EQ(CALL("args_get", "ii_i", 16, 100), SUCCESS);
    CHECK_STR((char *)g.mem + mem32(16), "prog");
    CHECK_STR((char *)g.mem + mem32(20), "one");
    CHECK_STR((char *)g.mem + mem32(24), "");
    CHECK_EQ(CALL("environ_sizes_get", "ii_i", 0, 4), SUCCESS);
    CHECK_EQ(mem32(0), 2);
    CHECK_EQ(CALL("environ_get", "ii_i", 16, 100), SUCCESS);
    CHECK_STR((char *)g.mem + mem32(20), "X=y");
    CHECK_EQ(CALL("args_get", "ii_i", 65530, 100), FAULT);
    CHECK_EQ(CALL("args_get", "ii_i", 0, 65530), FAULT);
    guest_close();
}

TEST(wasi_clocks_and_random)
{
    REQUIRE(guest_open());
    CHECK_EQ(CALL("clock_time_get", "ili_i", 0, 1, 8), SUCCESS);
    CHECK_EQ(CALL("clock_time_get", "ili_i", 1, 1, 16), SUCCESS);
    CHECK(mem64(16) != 0);
    CHECK_EQ(CALL("clock_time_get", "ili_i", 9, 1, 8), INVAL);
    CHECK_EQ(CALL("clock_time_get", "ili_i", 1, 1, 65529), FAULT);
    CHECK_EQ(CALL("clock_res_get", "ii_i", 1, 8), SUCCESS);
    CHECK(mem64(8) != 0);
    CHECK_EQ(CALL("random_get", "ii_i", 0, 32), SUCCESS);
    CHECK_EQ(CALL("random_get", "ii_i", 65535, 2), FAULT);
    CHECK_EQ(CALL("sched_yield", "_i", 0), SUCCESS);
    guest_close();
}

TEST(wasi_has_no_sockets)
{
    REQUIRE(guest_open());
    CHECK_EQ(CALL("sock_accept", "iii_i", 1, 0, 64), NOTSOCK);
    CHECK_EQ(CALL("sock_recv", "iiiiii_i", 0, 0, 0, 0, 64, 68), NOTSOCK);
    CHECK_EQ(CALL("sock_send", "iiiii_i", 1, 0, 0, 0, 64), NOTSOCK);
    CHECK_EQ(CALL("sock_shutdown", "ii_i", 2, 3), NOTSOCK);
    CHECK_EQ(CALL("sock_shutdown", "ii_i", 99, 3), BADF);
    guest_close();
}

TEST(wasi_resolves_by_name_and_type)
{
    REQUIRE(guest_open());
    CHECK(resolve("fd_write", "iiii_i") != NULL);
    CHECK(resolve("fd_write", "iii_i") == NULL);
    CHECK(resolve("fd_writ", "iiii_i") == NULL);
    guest_close();
}

TEST(wasi_exit_unwinds)
{
    REQUIRE(guest_open());
    struct rt_func *f = resolve("proc_exit", "i_");
    REQUIRE(f != NULL);
    rt_cell cells[1] = {42};
    CHECK_EQ(rt_call(f, cells), TRAP_EXIT);
    CHECK_EQ(rt_thread.exit_code, 42);
    guest_close();
}

TEST(wasi_signals)
{
    REQUIRE(guest_open());
    CHECK_EQ(CALL("proc_raise", "i_i", 0), SUCCESS);
    CHECK_EQ(CALL("proc_raise", "i_i", 16), SUCCESS); /* CHLD */
    CHECK_EQ(CALL("proc_raise", "i_i", 31), INVAL);
    struct rt_func *f = resolve("proc_raise", "i_i");
    REQUIRE(f != NULL);
    rt_cell cells[1] = {6}; /* ABRT */
    CHECK_EQ(rt_call(f, cells), TRAP_EXIT);
    CHECK_EQ(rt_thread.exit_code, 134);
    CHECK_EQ(CALL("sched_yield", "_i", 0), SUCCESS);
    guest_close();
}

/* In the snapshot before, a descriptor's attributes are 56 bytes and a subscription is, too. */
TEST(wasi_unstable)
{
    REQUIRE(guest_open());
    module = "wasi_unstable";
    memset(g.mem, 0xaa, 256);
    CHECK_EQ(CALL("fd_filestat_get", "ii_i", 1, 0), SUCCESS);
    CHECK_EQ(mem32(20), 1);
    CHECK_EQ(mem32(56), 0xaaaaaaaa);
    memset(g.mem, 0, 256);
    put32(0, 99);
    put32(24, 1);       /* monotonic */
    put32(32, 2000000); /* 2 ms */
    u64 before = plat_clock_ns(PLAT_CLOCK_MONO);
    CHECK_EQ(CALL("poll_oneoff", "iiii_i", 0, 256, 1, 512), SUCCESS);
    CHECK(plat_clock_ns(PLAT_CLOCK_MONO) - before >= 2000000);
    CHECK_EQ(mem64(256), 99);
    CHECK(resolve("sock_accept", "iii_i") == NULL);
    module = "wasi_snapshot_preview1";
    guest_close();
}

TEST(wasi_streams)
{
    REQUIRE(guest_open());
    memcpy(g.mem + 1000, "wasi: ", 6);
    memcpy(g.mem + 2000, "two buffers\n", 12);
    put32(0, 1000);
    put32(4, 6);
    put32(8, 2000);
    put32(12, 12);
    CHECK_EQ(CALL("fd_write", "iiii_i", 2, 0, 2, 64), SUCCESS);
    CHECK_EQ(mem32(64), 18);
    put32(12, 70000);
    CHECK_EQ(CALL("fd_write", "iiii_i", 1, 0, 2, 64), FAULT);
    CHECK_EQ(CALL("fd_write", "iiii_i", 1, 65530, 1, 64), FAULT);
    CHECK_EQ(CALL("fd_write", "iiii_i", 1, 0, 0xffffffff, 64), FAULT);
    CHECK_EQ(CALL("fd_write", "iiii_i", 0, 0, 1, 64), NOTCAPABLE);
    CHECK_EQ(CALL("fd_write", "iiii_i", 77, 0, 1, 64), BADF);
    CHECK_EQ(CALL("fd_read", "iiii_i", 1, 0, 1, 64), NOTCAPABLE);
    CHECK_EQ(CALL("fd_seek", "ilii_i", 1, 0, 0, 64), NOTCAPABLE);
    CHECK_EQ(CALL("fd_fdstat_get", "ii_i", 1, 64), SUCCESS);
    CHECK_EQ(CALL("fd_fdstat_get", "ii_i", 9, 64), BADF);
    CHECK_EQ(CALL("fd_close", "i_i", 2), SUCCESS);
    CHECK_EQ(CALL("fd_close", "i_i", 2), BADF);
    guest_close();
}

TEST(wasi_polls_a_clock)
{
    REQUIRE(guest_open());
    memset(g.mem, 0, 48);
    put32(0, 99);       /* userdata */
    put32(16, 1);       /* monotonic */
    put32(24, 3000000); /* 3 ms */
    u64 before = plat_clock_ns(PLAT_CLOCK_MONO);
    CHECK_EQ(CALL("poll_oneoff", "iiii_i", 0, 256, 1, 512), SUCCESS);
    CHECK(plat_clock_ns(PLAT_CLOCK_MONO) - before >= 3000000);
    CHECK_EQ(mem32(512), 1);
    CHECK_EQ(mem64(256), 99);
    CHECK_EQ(CALL("poll_oneoff", "iiii_i", 0, 256, 0, 512), INVAL);
    CHECK_EQ(CALL("poll_oneoff", "iiii_i", 65500, 256, 1, 512), FAULT);
    guest_close();
}
