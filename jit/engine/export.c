/* export.c: compiles what the app needed, and puts app, code, defaults and manifest behind the runtime. */
#include "export.h"

#include <string.h>

#include "code_id.h"
#include "engine.h"
#include "fmt.h"
#include "heap.h"
#include "llvm_jit.h"
#include "payload.h"
#include "tier_state.h"
#include "wasm.h"
#include "xxh64.h"

/* What an appliance should not exceed: beside the warm code the rest is compiled as far as this allows. */
enum { SIZE_BASE = 400000, SIZE_MARGIN = 8192 };
enum { COMMON_CODE = UINT8_MAX }; /* put_code */

struct work {
    const struct export_config *c;
    struct payload payload;
    struct payload manifest; /* its text, collected in the same way */
    struct xxh64 profile;
    struct export_result *result;
    bool first_cpu, first_function, some_code; /* of the profile and the manifest */
    status st;                                 /* of the manifest */
    struct err *err;
};

/* --- What is asked for. --- */

void export_init(struct export_config *c)
{
    *c = (struct export_config){.runtime = runtime_elf, .state = INST_NONE, .code = TIER_EXPORT_CALLED};
    c->runtime_bytes = (uintptr_t)runtime_elf_end - (uintptr_t)runtime_elf;
    export_cpus(c, "native");
}

bool export_cpus(struct export_config *c, const char *list)
{
    if (strlen(list) >= sizeof c->cpu_text || !*list)
        return false;
    strcpy(c->cpu_text, list);
    c->ncpus = 0;
    for (char *p = c->cpu_text; p; c->ncpus++) {
        char *comma = strchr(p, ',');
        if (c->ncpus == EXPORT_CPUS_MAX || p == comma || !*p)
            return false;
        c->cpu[c->ncpus] = p;
        if (comma)
            *comma++ = 0;
        p = comma;
    }
    return true;
}

bool export_code(struct export_config *c, const char *name)
{
    static const char *const names[] = {"hot", "called", "all"}; /* enum tier_export_code */
    for (size_t k = 0; k < sizeof names / sizeof *names; k++) {
        if (strcmp(name, names[k]) == 0) {
            c->code = (enum tier_export_code)k;
            c->unlimited = true;
            return true;
        }
    }
    return false;
}

bool export_state(struct export_config *c, const char *name)
{
    for (int k = INST_NONE; k <= INST_WARM; k++) {
        if (strcmp(name, inst_phase_text[k]) == 0) {
            c->state = (enum inst_phase)k;
            return true;
        }
    }
    return false;
}

/* struct options, keep. */
static status keep(void *env, const struct rt_instance *i, enum inst_phase phase, struct err *e)
{
    struct export_config *c = env;
    TRY(inst_state_take(i, phase, &c->kept, e));
    return wasm_strip(i, &c->module_rest, &c->module_rest_bytes);
}

status export_prepare(struct export_config *c, struct options *o, struct err *e)
{
    if (c->state == INST_WARM && (!o->invoke || o->learnt))
        return err_set(e, E_INVAL, ERR_NO_OFFSET,
                       o->learnt
                           ? "a state without a run can be none or init"
                           : "the state warm is for --invoke=NAME: a program's _start runs once; use init");
    o->keep = keep;
    o->keep_env = c;
    o->keep_phase = c->state;
    return ST_OK;
}

static void forget(struct export_config *c)
{
    inst_state_fini(&c->kept);
    heap_free(c->module_rest);
    c->module_rest = NULL;
}

/* --- The manifest: JSON. The names of functions are in the module. --- */

static void say(struct work *w, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void say(struct work *w, const char *format, ...)
{
    char text[512];
    va_list ap;
    va_start(ap, format);
    size_t n = fmt_v(text, sizeof text, format, ap);
    va_end(ap);
    if (w->st == ST_OK)
        w->st = payload_bytes(&w->manifest, text, n < sizeof text ? n : sizeof text - 1);
}

static void say_function(void *env, const struct tier_exported *f)
{
    struct work *w = env;
    static const char *const tiers[TIER_COUNT] = {"interp", "o0", "o1", "o2", "o3"};
    say(w, "%s[%u,%u,\"%s\",null]", w->first_function ? "" : ",", f->index, f->code_bytes, tiers[f->tier]);
    w->first_function = false;
    if (w->first_cpu)
        xxh64_add(&w->profile, &f->index, sizeof f->index);
}

static void say_features(struct work *w, const struct cpu_features *f)
{
    const char *comma = "";
    say(w, "],\"features\":[");
    for (int row = 0; row < CPU_FEATURES_MAX; row++) {
        if (f->bits[row / 64] >> (row % 64) & 1 && cpu_feature_name(row)) {
            say(w, "%s\"%s\"", comma, cpu_feature_name(row));
            comma = ",";
        }
    }
    say(w, "]}");
}

static void say_hash(struct work *w, const char *name, u64 hash)
{
    say(w, "\"%s\":\"%016llx\"", name, (unsigned long long)hash);
}

static void say_head(struct work *w, const struct rt_instance *i)
{
    const struct rt_layout *l = i->layout;
    u8 hash[32];
    wasm_sha256(w->c->module, w->c->module_bytes, hash);
    say(w, "{\"manifest\":2,\"module\":{\"bytes\":%llu,\"bytes_here\":%llu,\"functions\":%u,\"sha256\":\"",
        (unsigned long long)w->c->module_bytes, (unsigned long long)w->c->module_rest_bytes,
        l->nfuncs - l->imp_funcs);
    for (u32 k = 0; k < sizeof hash; k++)
        say(w, "%02x", hash[k]);
    say(w, "\"},\"versions\":{\"llvm\":\"%s\",\"clang\":\"%s\",", llvm_jit_version(), __clang_version__);
    say_hash(w, "anneal_code_id", CODE_ID);
    say(w, "},\"runtime\":{\"bytes\":%llu,", (unsigned long long)w->c->runtime_bytes);
    say_hash(w, "xxh64", xxh64_of(w->c->runtime, w->c->runtime_bytes, 0));
    say(w, "},\"state\":\"%s\",\"function_columns\":[\"index\",\"bytes\",\"tier\",\"kernel\"],\"code\":[",
        inst_phase_text[w->c->state]);
}

/* --- The payload. --- */

static status put_record(void *env, u32 type, u64 bytes, struct err *e)
{
    (void)e;
    return payload_record(&((struct work *)env)->payload, type, bytes);
}

static status put_bytes(void *env, const void *data, size_t len, struct err *e)
{
    (void)e;
    return payload_bytes(&((struct work *)env)->payload, data, len);
}

static status put(struct work *w, u32 type, const void *data, size_t len)
{
    TRY(payload_record(&w->payload, type, len));
    return payload_bytes(&w->payload, data, len);
}

static status put_strings(struct work *w, u32 type, const char *const *item, u32 n)
{
    u64 bytes = 0;
    for (u32 k = 0; k < n; k++)
        bytes += strlen(item[k]) + 1;
    if (n == 0)
        return ST_OK;
    TRY(payload_record(&w->payload, type, bytes));
    for (u32 k = 0; k < n; k++)
        TRY(payload_bytes(&w->payload, item[k], strlen(item[k]) + 1));
    return ST_OK;
}

static status put_app(struct work *w)
{
    TRY(put_strings(w, PAYLOAD_OPTIONS, w->c->options.item, w->c->options.n));
    TRY(put_strings(w, PAYLOAD_ARGS, w->c->argv, (u32)w->c->argc));
    TRY(put(w, PAYLOAD_MODULE, w->c->module_rest, w->c->module_rest_bytes));
    return put(w, PAYLOAD_STATE, w->c->kept.bytes, w->c->kept.len);
}

static u64 room_for_rest(const struct work *w)
{
    u64 most = SIZE_BASE + w->c->module_bytes / 4 * 5;
    u64 taken = w->c->runtime_bytes + w->payload.len + w->c->kept.pages.len + w->manifest.len + SIZE_MARGIN;
    if (w->c->unlimited)
        return UINT64_MAX;
    return most > taken ? most - taken : 0;
}

/* What is warm for processor `cpu`, or (COMMON_CODE) the rest for any. */
static status put_code(struct work *w, struct rt_instance *i, u32 cpu)
{
    bool rest = cpu == COMMON_CODE;
    struct tier_sink to = {.record = put_record, .bytes = put_bytes, .env = w};
    struct tier_export x = {.cpu = cpu < EXPORT_CPUS_MAX ? w->c->cpu[cpu] : "x86-64",
                            .code = w->c->code,
                            .rest = rest,
                            .bytes_max = rest ? room_for_rest(w) : UINT64_MAX,
                            .to = &to,
                            .function = say_function,
                            .env = w};
    x.profile = engine_wants_profile(wasm_module_of(i)); /* as in the appliance */
    TRY(put(w, rest ? PAYLOAD_COMMON : PAYLOAD_CPU, x.cpu, strlen(x.cpu) + 1));
    say(w, "%s{\"cpu\":\"%s\",\"common\":%s,\"functions\":[", w->some_code ? "," : "", x.cpu,
        rest ? "true" : "false");
    w->first_cpu = cpu == 0 || rest;
    w->first_function = w->some_code = true;
    TRY(tier_state_export(i, &x, w->err));
    say_features(w, &x.features);
    w->result->functions = x.functions + (rest ? w->result->functions : 0);
    w->result->failed += x.failed;
    w->result->left_out += x.left_out;
    return ST_OK;
}

static status build_payload(struct work *w, struct rt_instance *i)
{
    TRY(payload_begin(&w->payload));
    w->manifest.left = UINT64_MAX; /* its length is known at the end */
    xxh64_init(&w->profile, 0);
    TRY(put_app(w));
    say_head(w, i);
    for (u32 k = 0; k < w->c->ncpus; k++)
        TRY(put_code(w, i, k));
    if (w->c->code != TIER_EXPORT_HOT)
        TRY(put_code(w, i, COMMON_CODE));
    say(w, "],");
    say_hash(w, "profile_xxh64", xxh64_value(&w->profile));
    say(w, "}\n");
    TRY(w->st);
    TRY(put(w, PAYLOAD_MANIFEST, w->manifest.bytes, w->manifest.len));
    TRY(payload_end_records(&w->payload, w->c->kept.pages.bytes, w->c->kept.pages.len));
    payload_end(&w->payload);
    return ST_OK;
}

/* --- The whole. --- */

static status write(struct work *w, const struct export_sink *to)
{
    u8 *head;
    size_t head_bytes;
    TRY(payload_attach(w->c->runtime, w->c->runtime_bytes, &w->payload, &head, &head_bytes));
    struct xxh64 sum;
    xxh64_init(&sum, 0);
    xxh64_add(&sum, head, head_bytes);
    xxh64_add(&sum, w->payload.bytes, w->payload.len);
    w->result->bytes = head_bytes + w->payload.len;
    status st = to->begin(to->env, w->result->bytes, xxh64_value(&sum), w->err);
    if (st == ST_OK)
        st = to->bytes(to->env, head, head_bytes, w->err);
    heap_free(head);
    TRY(st);
    return to->bytes(to->env, w->payload.bytes, w->payload.len, w->err);
}

status export_appliance(struct rt_instance *i, struct export_config *c, const struct export_sink *to,
                        struct export_result *out, struct err *e)
{
    struct work w = {.c = c, .result = out, .err = e};
    *out = (struct export_result){0};
    if (!c->kept.bytes)
        return err_set(e, E_INVAL, ERR_NO_OFFSET, "the app did not come to the state %s",
                       inst_phase_text[c->state]);
    status st = build_payload(&w, i);
    if (st == ST_OK)
        st = write(&w, to);
    heap_free(w.payload.bytes);
    heap_free(w.manifest.bytes);
    forget(c);
    if (st != ST_OK && e->code == ST_OK)
        err_set(e, st, ERR_NO_OFFSET, st == E_NOMEM ? "out of memory" : "failed");
    return st;
}
