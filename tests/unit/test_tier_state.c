/* Code and profile out of an instance and into another one, and states that do not fit or are damaged. */
#include "tier_state.h"

#include "heap.h"
#include "interp.h"
#include "plat.h"
#include "state_format.h"
#include "tier_converge.h"
#include "wasm_build.h"

/* 0: its first argument minus its second, 1: calls 0 with its arguments swapped. */
static const u8 module[] = {
    HEADER, SEC(1, 1, 0x60, 2, 0x7f, 0x7f, 1, 0x7f), SEC(3, 2, 0, 0),
    SEC(10, 2, SIZED(0, 0x20, 0, 0x20, 1, 0x6b, 0x0b), SIZED(0, 0x20, 1, 0x20, 0, 0x10, 0, 0x0b))};

struct subject {
    struct wasm_module *m;
    struct rt_instance *i;
    struct err e;
};

static bool start_of(struct subject *s, const u8 *bytes, size_t len)
{
    memset(s, 0, sizeof *s);
    enum rt_trap trap;
    struct llvm_jit_config jit = {.cpu = "native", .objects = true};
    struct tier_config tier = {.mode = TIER_MODE_O1, .objects = true};
    struct wasm_instantiate_options o = {.want_fixed = true, .func_cells = tier_first_call};
    s->m = GET_MODULE(bytes, len);
    return s->m && CHECK_EQ(rt_thread_init(), ST_OK) && CHECK_EQ(llvm_jit_init(&jit, &s->e), ST_OK) &&
           CHECK_EQ(tier_init(&tier), ST_OK) &&
           CHECK_EQ(wasm_instantiate(s->m, &o, &s->i, &trap, &s->e), ST_OK) &&
           CHECK_EQ(tier_add_instance(s->i), ST_OK);
}

static bool start(struct subject *s)
{
    return start_of(s, module, sizeof module);
}

static void finish(struct subject *s)
{
    if (s->i) {
        interp_instance_fini(s->i);
        tier_remove_instance(s->i);
    }
    rt_instance_destroy(s->i);
    wasm_module_destroy(s->m);
    llvm_jit_fini();
}

static rt_cell call(struct subject *s, u32 func, rt_cell a, rt_cell b)
{
    rt_cell cells[2] = {a, b};
    CHECK_EQ(rt_call(&s->i->own_funcs[func], cells), TRAP_NONE);
    return cells[0];
}

/* --- A state in memory: u32 type, u64 bytes, contents, and again. --- */

struct tape {
    u8 bytes[16384];
    size_t len, at;
    u64 left; /* of the record that `next` found */
};

static status tape_bytes(void *env, const void *data, size_t len, struct err *e)
{
    struct tape *t = env;
    (void)e;
    if (len > sizeof t->bytes - t->len)
        return E_LIMIT;
    memcpy(t->bytes + t->len, data, len);
    t->len += len;
    return ST_OK;
}

static status tape_record(void *env, u32 type, u64 bytes, struct err *e)
{
    TRY(tape_bytes(env, &type, sizeof type, e));
    return tape_bytes(env, &bytes, sizeof bytes, e);
}

static status tape_next(void *env, u32 *type, u64 *bytes, struct err *e)
{
    struct tape *t = env;
    (void)e;
    t->at += t->left;
    t->left = 0;
    if (t->at == t->len)
        return E_NOTFOUND;
    memcpy(type, t->bytes + t->at, 4);
    memcpy(bytes, t->bytes + t->at + 4, 8);
    t->at += 12;
    t->left = *bytes;
    return ST_OK;
}

static status tape_read(void *env, void *buf, struct err *e)
{
    const struct tape *t = env;
    (void)e;
    memcpy(buf, t->bytes + t->at, t->left);
    return ST_OK;
}

static status save(struct subject *s, struct tape *t)
{
    struct tier_sink to = {.record = tape_record, .bytes = tape_bytes, .env = t};
    *t = (struct tape){.len = 0};
    return tier_state_save(s->i, "native", &to, &s->e);
}

static status load(struct subject *s, struct tape *t, const char *cpu)
{
    struct tier_source from = {.next = tape_next, .read = tape_read, .env = t};
    t->at = t->left = 0;
    s->e = (struct err){0};
    return tier_state_load(s->i, cpu, &from, &s->e);
}

/* Runs both functions, which compiles them, and saves. */
static bool make(struct tape *t)
{
    struct subject s;
    bool ok = start(&s) && CHECK_EQ(call(&s, 1, 5, 12), 7) && CHECK_EQ(save(&s, t), ST_OK);
    finish(&s);
    return ok;
}

TEST(tier_state_runs_without_compiling)
{
    static struct tape t, again;
    struct subject s;
    struct tier_totals sum;
    struct tier_func_info info;
    REQUIRE(make(&t));
    REQUIRE(start(&s));
    CHECK_EQ(load(&s, &t, "native"), ST_OK);
    CHECK_STR(s.e.text, "");
    CHECK_EQ((u32)call(&s, 1, 5, 12), 7);
    tier_totals(&sum);
    CHECK_EQ(sum.compilations, 0);
    CHECK_EQ(sum.functions_loaded, 2);
    CHECK_EQ(sum.boots, 1);
    tier_func_info(s.i, 0, &info);
    CHECK_EQ(info.tier, TIER_O1);
    CHECK_EQ(info.nchanges == 1 && info.changes[0].stored, true);
    CHECK_EQ(save(&s, &again), ST_OK); /* what was loaded is kept */
    CHECK_EQ(again.len, t.len + sizeof(struct state_boot));
    finish(&s);
}

TEST(tier_state_of_something_else_is_refused)
{
    static const u8 other[] = {HEADER, SEC(1, 1, 0x60, 2, 0x7f, 0x7f, 1, 0x7f), SEC(3, 1, 0),
                               SEC(10, 1, SIZED(0, 0x20, 0, 0x20, 1, 0x6a, 0x0b))};
    static struct tape t;
    struct subject s;
    struct tier_totals sum;
    REQUIRE(make(&t));
    REQUIRE(start_of(&s, other, sizeof other));
    CHECK_EQ(load(&s, &t, "native"), E_UNSUPPORTED);
    CHECK_STR(s.e.text, "the state is of another module");
    finish(&s);
    REQUIRE(start(&s));
    CHECK_EQ(load(&s, &t, "x86-64"), E_UNSUPPORTED);
    CHECK_STR(s.e.text, "the state is of a run with another --cpu, --patterns or --fp");
    struct state_key key; /* the first record */
    memcpy(&key, t.bytes + 12, sizeof key);
    key.flags ^= STATE_FUEL;
    memcpy(t.bytes + 12, &key, sizeof key);
    CHECK_EQ(load(&s, &t, "native"), E_UNSUPPORTED);
    CHECK_STR(s.e.text, "the state is of a run with other options (profile, fuel or memory)");
    key.code_id++;
    memcpy(t.bytes + 12, &key, sizeof key);
    CHECK_EQ(load(&s, &t, "native"), E_UNSUPPORTED);
    CHECK_STR(s.e.text, "the state is of another version of Anneal");
    tier_totals(&sum);
    CHECK_EQ(sum.functions_loaded, 0);
    CHECK_EQ((u32)call(&s, 1, 5, 12), 7);
    finish(&s);
}

TEST(tier_state_needs_the_instructions)
{
    static struct tape t;
    struct subject s;
    REQUIRE(make(&t));
    size_t at = 0;
    for (u32 type = 0; type != STATE_UNIT;) { /* the first unit */
        u64 bytes;
        memcpy(&type, t.bytes + at, 4);
        memcpy(&bytes, t.bytes + at + 4, 8);
        at += type == STATE_UNIT ? 12 : 12 + bytes;
    }
    t.bytes[at + offsetof(struct state_unit, features) + sizeof(struct cpu_features) - 1] = 0x80;
    REQUIRE(start(&s));
    CHECK_EQ(load(&s, &t, "native"), ST_OK);
    CHECK_STR(s.e.text, "stored code needs something unknown, which this processor lacks");
    struct tier_totals sum;
    tier_totals(&sum);
    CHECK_EQ(sum.functions_loaded, 1);
    finish(&s);
}

/* Every byte changed in turn, but those of the tape itself and of machine code: nothing that is loaded runs.
 */
TEST(tier_state_survives_damage)
{
    static struct tape good, bad;
    REQUIRE(make(&good));
    struct subject s;
    REQUIRE(start(&s));
    for (size_t at = 0; at < good.len;) {
        u64 bytes;
        memcpy(&bytes, good.bytes + at + 4, 8);
        for (size_t k = at + 12; k < at + 12 + bytes; k++) {
            bad = good;
            bad.bytes[k] ^= 0xff;
            (void)!load(&s, &bad, "native");
            tier_remove_instance(s.i);
            REQUIRE(tier_add_instance(s.i) == ST_OK);
        }
        at += 12 + bytes;
    }
    finish(&s);
}

/* --- Boots. --- */

/* One boot more on the state in `t`, which calls `func` and saves; how many boots were quiet at its end. */
static u32 boot(struct tape *t, u32 func, bool ends, bool *converged)
{
    static struct tape next_state;
    struct subject s;
    u32 quiet = UINT32_MAX;
    if (start(&s) && CHECK_EQ(load(&s, t, "native"), ST_OK)) {
        struct tier_boot_times times = {.began = plat_ticks()};
        call(&s, func, 5, 12);
        times.ended = ends ? plat_ticks() : 0;
        tier_boot_times(&times);
        quiet = tier_boots_quiet(s.i);
        *converged = tier_state_converged(s.i);
        CHECK_EQ(save(&s, &next_state), ST_OK);
        *t = next_state;
    }
    finish(&s);
    return quiet;
}

TEST(tier_converge_counts_quiet_boots)
{
    static struct tape t;
    const struct tier_converge_rule rule = {.boots = 2};
    bool converged = false;
    t = (struct tape){.len = 0};
    tier_converge_set_rule(&rule);
    CHECK_EQ(boot(&t, 0, true, &converged), 0); /* compiles */
    CHECK_EQ(boot(&t, 0, true, &converged), 1);
    CHECK_EQ(converged, false);
    CHECK_EQ(boot(&t, 0, false, &converged), 1); /* lost its power: no boot that ended */
    CHECK_EQ(boot(&t, 0, true, &converged), 2);
    CHECK_EQ(converged, true);
    CHECK_EQ(boot(&t, 1, true, &converged), 0); /* a function that never ran before */
    CHECK_EQ(converged, false);
    CHECK_EQ(boot(&t, 1, true, &converged), 1);
    CHECK_EQ(boot(&t, 0, true, &converged), 2);
    CHECK_EQ(converged, true);
}

TEST(tier_converge_counts_quiet_time)
{
    static struct tape t;
    struct tier_converge_rule rule = {.ticks = UINT64_MAX};
    bool converged = false;
    t = (struct tape){.len = 0};
    tier_converge_set_rule(&rule);
    boot(&t, 0, true, &converged);
    boot(&t, 0, true, &converged);
    CHECK_EQ(converged, false);
    rule.ticks = 1;
    tier_converge_set_rule(&rule);
    boot(&t, 0, true, &converged);
    CHECK_EQ(converged, true);
    boot(&t, 1, true, &converged); /* news: the time starts again, at its end */
    CHECK_EQ(converged, false);
    rule = (struct tier_converge_rule){0};
    tier_converge_set_rule(&rule);
    boot(&t, 1, true, &converged);
    CHECK_EQ(converged, false); /* no rule */
}

TEST(tier_history_keeps_the_last_boots)
{
    static struct tape t;
    struct subject s;
    const struct state_boot *before;
    bool converged;
    t = (struct tape){.len = 0};
    for (u32 k = 0; k < STATE_BOOTS_MAX + 3; k++)
        boot(&t, 0, true, &converged);
    REQUIRE(start(&s));
    CHECK_EQ(load(&s, &t, "native"), ST_OK);
    CHECK_EQ(tier_boots_before(&before), STATE_BOOTS_MAX);
    CHECK_EQ(before[0].number, 4);
    CHECK_EQ(before[STATE_BOOTS_MAX - 1].number, STATE_BOOTS_MAX + 3);
    CHECK_EQ(before[0].dead_functions, 1);
    finish(&s);
}

TEST(tier_history_that_is_damaged_is_named)
{
    static struct tape t;
    struct subject s;
    struct tier_totals sum;
    const struct state_boot *before;
    u32 type = 0;
    u64 bytes = 0;
    REQUIRE(make(&t));
    t.at = t.left = 0;
    while (type != STATE_HISTORY && tape_next(&t, &type, &bytes, NULL) == ST_OK)
        ;
    REQUIRE(type == STATE_HISTORY);
    t.bytes[t.at]++; /* the number of boots */
    REQUIRE(start(&s));
    CHECK_EQ(load(&s, &t, "native"), ST_OK);
    CHECK_STR(s.e.text, "the state is damaged: the history of boots");
    CHECK_EQ(tier_boots_before(&before), 0);
    tier_totals(&sum);
    CHECK_EQ(sum.functions_loaded, 2); /* the rest is of use */
    finish(&s);
}
