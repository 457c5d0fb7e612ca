/* llvm_jit.c: a compilation from its unit to registered code, and what happens when it fails.
 *
 * A compilation runs on a stack of its own, because the guest that made a function hot may have used up most
 * of the thread's. It has one LLVMContext, gone when it ends. LLVM's fatal errors jump out of the middle of
 * LLVM: the context and the linker's session are then abandoned, never touched or freed, and the next
 * compilation gets new ones; code that was linked stays valid. */
#include "llvm_jit.h"

#include "llvm_priv.h"

#include <string.h>

#include <llvm-c/Analysis.h>
#include <llvm-c/Core.h>
#include <llvm/Config/llvm-config.h>

#include "fmt.h"
#include "heap.h"
#include "llvm_ctors.h"
#include "patterns.h"
#include "plat.h"
#include "wasm_arms.h"

/* LLVM goes as deep as expressions are. */
#define STACK_LEAST  (2u << 20)
#define STACK_MOST   (16u << 20)
#define STACK_SHARE  64         /* of the memory, between these */
#define MEMORY_SPARE (2u << 20) /* never used for compiling: the app's */
#define MEMORY_MIN   (1u << 20) /* with less than this, beside the spare, a compilation is not begun */

#define VALUES_UNWATCHED 10000 /* generating code for so few is over before anybody looks */
#define LLVM_PATIENCE    20u   /* times the limits of time, where nobody waits */

static const struct {
    u64 bytes, values, ms, ms_max, mb;
} tuning[TIER_COUNT] = {
#define LLVM_TIER(tier, bytes, values, ms, ms_max, mb) [TIER_##tier] = {bytes, values, ms, ms_max, mb},
#include "llvm_tuning.def"
#undef LLVM_TIER
};

struct backend {                               /* what compilations share; made when first needed */
    LLVMTargetMachineRef machines[TIER_COUNT]; /* costly to make: they parse the features */
    struct llvm_session *session;
};

struct job { /* one compilation */
    const struct llvm_unit *u;
    u32 id;
    bool emit, assembly;          /* llvm_jit_emit_text */
    const enum jit_tier *prepare; /* llvm_jit_prepare: no unit, but these tiers */
    u32 nprepare;
    struct arena arena;
    LLVMContextRef ctx;
    struct ir_tools tools;
    struct llvm_object *object;
    struct llvm_code *out;
    char **text;
    u64 deadline;    /* plat_ticks() */
    bool budgeted;   /* the heap counts for it */
    u64 cpu_start;   /* plat_clock_ns(PLAT_CLOCK_THREAD) */
    u64 values;      /* llvm_pipeline_values() */
    u64 memory_most; /* plat_memory_used() */
    enum bailout why;
    char why_text[160];
    void *jump[5];
    bool lost;                   /* after a fatal error: what LLVM held is never touched again */
    struct backend lost_backend; /* but stays reachable from here, for leak checkers */
    struct job *lost_next;
};

static struct llvm_jit_config config;
static bool started;              /* LLVM is set up */
static struct llvm_target target; /* cpu NULL: not asked for so far */
static char *stack;               /* of compilations */
static size_t stack_bytes;        /* above its guard */
static struct backend backend;
static _Thread_local struct job *running; /* abort() on another thread is none of ours */
static struct job *lost;
static u32 next_id;
static bool cancelled; /* atomic */
enum bailout llvm_jit_test_fail;

const char *bailout_text(enum bailout b)
{
    static const char *const texts[] = {
#define BAILOUT(id, text) text,
#include "bailouts.def"
#undef BAILOUT
    };
    return texts[b];
}

/* --- Failing. --- */

static _Noreturn void leave(enum bailout why, const char *text)
{
    if (!running)
        panic("LLVM: %s", text);
    running->why = why;
    fmt_s(running->why_text, sizeof running->why_text, "%s", text);
    __builtin_longjmp(running->jump, 1);
}

void llvm_bail(enum bailout why, const char *text)
{
    leave(why, text);
}

void llvm_fatal(enum bailout why, const char *text)
{
    if (running) {
        running->lost = true;
        running->lost_backend = backend;
        memset(&backend, 0, sizeof backend);
    }
    leave(why, text);
}

void llvm_on_abort(void)
{
    if (running)
        llvm_fatal(BAILOUT_LLVM_FATAL, "LLVM ended by abort()");
}

static void on_diagnostic(LLVMDiagnosticInfoRef d, void *env)
{
    (void)env;
    if (LLVMGetDiagInfoSeverity(d) != LLVMDSError)
        return;
    char text[sizeof running->why_text];
    char *s = LLVMGetDiagInfoDescription(d);
    fmt_s(text, sizeof text, "%s", s);
    LLVMDisposeMessage(s);
    llvm_fatal(BAILOUT_LLVM_ERROR, text);
}

/* --- The phases. --- */

/* Once, and outside of budgets: what a start that was given up in the middle leaves cannot be started again.
 */
static void start_llvm(void)
{
    static bool begun;
    if (!started && begun)
        llvm_bail(BAILOUT_LLVM_FATAL, "LLVM could not start");
    if (!started) {
        begun = true;
        llvm_ctors_run();
        llvm_abort_install();
        llvm_pipeline_init();
        started = true;
    }
    if (!target.cpu) {
        char *cpu, *features;
        llvm_pipeline_cpu(config.cpu, &cpu, &features);
        target = (struct llvm_target){cpu, features};
    }
}

static void fail_for_test(void)
{
    enum bailout b = llvm_jit_test_fail;
    llvm_jit_test_fail = BAILOUT_NONE;
    if (b == BAILOUT_LLVM_FATAL)
        llvm_pipeline_fatal();
    if (b != BAILOUT_NONE)
        llvm_bail(b, "asked for by a test");
}

static LLVMTargetMachineRef machine(enum jit_tier tier)
{
    if (!backend.machines[tier])
        backend.machines[tier] = llvm_pipeline_target(tier, &target);
    if (!backend.machines[tier])
        llvm_bail(BAILOUT_LLVM_ERROR, "no code generator for this processor");
    return backend.machines[tier];
}

static void *allocate(struct job *j, size_t bytes)
{
    void *p = arena_alloc(&j->arena, bytes, 16);
    if (!p)
        llvm_bail(BAILOUT_NO_MEMORY, "out of memory in the translator");
    return p;
}

static void found_known(void *funcs, u32 func)
{
    struct llvm_unit_func *f = funcs;
    while (f->index != func)
        f++;
    f->keep_loops = true;
}

/* A loop is known by its form, of which nothing may be missing, whatever was reached: functions that have one
 * are translated with all of it, and without what was counted. What is reached may change meanwhile, and is
 * copied. */
static void keep_known_loops(struct job *j, struct llvm_unit *u)
{
    struct llvm_unit look = *u;
    struct llvm_unit_func *funcs = allocate(j, u->nfuncs * sizeof *funcs);
    struct llvm_unit_func *candidates = allocate(j, u->nfuncs * sizeof *funcs);
    memcpy(funcs, u->funcs, u->nfuncs * sizeof *funcs);
    u->funcs = funcs;
    look.funcs = candidates;
    look.nfuncs = 0;
    for (u32 k = 0; k < u->nfuncs; k++) {
        const struct wasm_func *f = &u->module->funcs[funcs[k].index];
        if (!funcs[k].seen || !wasm_may_have_known_loop(u->module, f))
            continue;
        funcs[k].seen = memcpy(allocate(j, f->narms), funcs[k].seen, f->narms);
        candidates[look.nfuncs++] = (struct llvm_unit_func){
            .index = funcs[k].index, .root = true, .seen = funcs[k].seen, .keep_loops = true};
    }
    if (!look.nfuncs)
        return;
    struct ir_tools tools = j->tools;
    tools.mod = LLVMModuleCreateWithNameInContext("look", j->ctx); /* which owns it */
    LLVMSetModuleDataLayout(tools.mod, LLVMGetModuleDataLayout(j->tools.mod));
    LLVMSetTarget(tools.mod, LLVMGetTarget(j->tools.mod));
    ir_build(&look, j->id, &target, &tools);
    llvm_pipeline_look(tools.mod, machine(look.tier), &look, found_known, funcs);
    LLVMDisposeModule(tools.mod);
    for (u32 k = 0; k < u->nfuncs; k++)
        funcs[k].counts = funcs[k].keep_loops ? NULL : funcs[k].counts;
}

static void translate(struct job *j)
{
    LLVMTargetMachineRef tm = machine(j->u->tier);
    j->ctx = LLVMContextCreate();
    LLVMContextSetDiscardValueNames(j->ctx, !j->emit);
    LLVMContextSetDiagnosticHandler(j->ctx, on_diagnostic, NULL);
    j->tools = (struct ir_tools){.mod = LLVMModuleCreateWithNameInContext("unit", j->ctx),
                                 .b = LLVMCreateBuilderInContext(j->ctx),
                                 .entry = LLVMCreateBuilderInContext(j->ctx),
                                 .arena = &j->arena};
    char *triple = LLVMGetTargetMachineTriple(tm);
    LLVMTargetDataRef layout = LLVMCreateTargetDataLayout(tm);
    LLVMSetTarget(j->tools.mod, triple);
    LLVMSetModuleDataLayout(j->tools.mod, layout);
    LLVMDisposeTargetData(layout);
    LLVMDisposeMessage(triple);
    struct llvm_unit u = *j->u;
    if (llvm_pipeline_replaces(&u) && !u.forms)
        keep_known_loops(j, &u);
    ir_build(&u, j->id, &target, &j->tools);
    char *text = NULL;
    if (config.verify && LLVMVerifyModule(j->tools.mod, LLVMReturnStatusAction, &text))
        llvm_bail(BAILOUT_LLVM_ERROR, text);
    LLVMDisposeMessage(text);
}

static u64 patience(u64 ms)
{
    return config.patient ? ms * LLVM_PATIENCE : ms;
}

static u64 ticks_after(u64 ms)
{
    return plat_ticks() + patience(ms) * (plat_ticks_per_second() / 1000);
}

/* CPU time, where the platform has it: a busy machine does not make a function too big. */
static bool out_of_time(const struct job *j)
{
    return plat_clock_ns(PLAT_CLOCK_THREAD) - j->cpu_start > patience(tuning[j->u->tier].ms_max) * 1000000;
}

bool llvm_is_cancelled(void)
{
    return __atomic_load_n(&cancelled, __ATOMIC_RELAXED);
}

void llvm_check_budget(void)
{
    if (llvm_is_cancelled())
        llvm_fatal(BAILOUT_CANCELLED, "cancelled");
    if (out_of_time(running))
        llvm_fatal(BAILOUT_TIME, "the time for compiling is used up");
    if (plat_memory_used() > running->memory_most)
        llvm_fatal(BAILOUT_MEMORY, "the memory for compiling is used up");
}

static void optimise(struct job *j)
{
    llvm_pipeline_run(j->tools.mod, machine(j->u->tier), j->u, ticks_after(tuning[j->u->tier].ms));
    if (llvm_is_cancelled())
        llvm_bail(BAILOUT_CANCELLED, "cancelled");
    if (out_of_time(j))
        llvm_bail(BAILOUT_TIME, "the time for compiling is used up");
    j->values = llvm_pipeline_values(j->tools.mod);
    if (j->values > tuning[j->u->tier].values) {
        char text[80];
        fmt_s(text, sizeof text, "%llu values, the limit is %llu", (unsigned long long)j->values,
              (unsigned long long)tuning[j->u->tier].values);
        llvm_bail(BAILOUT_TOO_BIG, text);
    }
}

static LLVMMemoryBufferRef generate(struct job *j)
{
    LLVMMemoryBufferRef buffer = llvm_pipeline_emit(j->tools.mod, machine(j->u->tier), j->u->tier,
                                                    j->assembly, j->values > VALUES_UNWATCHED);
    if (!buffer)
        llvm_bail(BAILOUT_LLVM_ERROR, "LLVM has no code generator for this");
    return buffer;
}

static void root_name(const struct job *j, char *buf, size_t size)
{
    u32 k = 0;
    while (!j->u->funcs[k].root)
        k++;
    fmt_s(buf, size, "u%uf%u", j->id, j->u->funcs[k].index);
}

static char *copy_text(const char *s, size_t n)
{
    char *text = heap_alloc(n + 1);
    if (!text)
        llvm_bail(BAILOUT_NO_MEMORY, "out of memory");
    memcpy(text, s, n);
    text[n] = 0;
    return text;
}

static void hand_out(struct job *j, LLVMMemoryBufferRef buffer)
{
    size_t n = LLVMGetBufferSize(buffer);
    j->out->object = (u8 *)copy_text(LLVMGetBufferStart(buffer), n);
    j->out->object_bytes = n;
    llvm_pipeline_features(machine(j->u->tier), &j->out->features);
    LLVMDisposeMemoryBuffer(buffer);
}

static void link_object(struct job *j, LLVMMemoryBufferRef buffer)
{
    char name[32];
    bool full;
    root_name(j, name, sizeof name);
    if (!backend.session)
        backend.session = llvm_session_create();
    if (!backend.session)
        llvm_bail(BAILOUT_NO_MEMORY, "out of memory");
    if (!llvm_link_add(backend.session, buffer, name, j->object, &full))
        llvm_bail(full ? BAILOUT_CODE_SPACE : BAILOUT_LLVM_ERROR, j->object->error);
}

static void emit_text(struct job *j)
{
    if (j->assembly) {
        LLVMMemoryBufferRef b = generate(j);
        *j->text = copy_text(LLVMGetBufferStart(b), LLVMGetBufferSize(b));
        LLVMDisposeMemoryBuffer(b);
    } else {
        char *s = LLVMPrintModuleToString(j->tools.mod);
        *j->text = copy_text(s, strlen(s));
        LLVMDisposeMessage(s);
    }
}

static void compile(struct job *j)
{
    u64 t0 = plat_ticks();
    fail_for_test();
    translate(j);
    u64 t1 = plat_ticks();
    optimise(j);
    u64 t2 = plat_ticks();
    if (j->emit) {
        emit_text(j);
        return;
    }
    LLVMMemoryBufferRef buffer = generate(j);
    u64 t3 = plat_ticks();
    if (config.objects)
        hand_out(j, buffer);
    else
        link_object(j, buffer);
    if (j->u->patterns && j->u->tier == TIER_O3)
        patterns_ticks.compilations += plat_ticks() - t0;
    j->out->ticks_translate = t1 - t0;
    j->out->ticks_optimise = t2 - t1;
    j->out->ticks_codegen = t3 - t2;
    j->out->ticks_link = plat_ticks() - t3;
}

/* --- Around them: stack, boundary, cleaning up. --- */

static void on_budget(void)
{
    if (plat_ticks() > running->deadline)
        llvm_fatal(BAILOUT_TIME, "the time for compiling is used up");
    llvm_fatal(BAILOUT_MEMORY, "the memory for compiling is used up");
}

static u64 memory_for_compiling(void)
{
    u64 total = plat_memory_total(), used = plat_memory_used() + MEMORY_SPARE;
    return total > used ? total - used : 0;
}

/* Memory that the job may take; 0: too little, and `j` says so. */
static u64 memory_of_job(struct job *j)
{
    u64 memory = memory_for_compiling(), most = tuning[j->u->tier].mb << 20;
    if (memory < MEMORY_MIN) {
        j->why = BAILOUT_NO_MEMORY;
        fmt_s(j->why_text, sizeof j->why_text, "too little memory is free for compiling");
        return 0;
    }
    return memory < most ? memory : most;
}

static void guarded_compile(void *arg)
{
    struct job *j = arg;
    u64 memory = memory_of_job(j);
    if (!memory)
        return;
    running = j;
    if (__builtin_setjmp(j->jump) == 0) {
        start_llvm();
        j->cpu_start = plat_clock_ns(PLAT_CLOCK_THREAD);
        j->memory_most = plat_memory_used() + memory;
        j->deadline = ticks_after(tuning[j->u->tier].ms_max);
        heap_budget_begin(memory, j->deadline, on_budget);
        j->budgeted = true;
        compile(j);
    }
    if (j->budgeted)
        heap_budget_end(); /* what a lost compilation held stays: LLVM's own tables may point to it */
    running = NULL;
}

#ifdef ANNEAL_ASAN
/* The sanitizer knows one stack a thread. */
static void on_own_stack(void (*fn)(void *), void *arg)
{
    fn(arg);
}
#else
__attribute__((naked)) static void call_on(void (*fn)(void *), void *arg, void *top)
{
    __asm__ volatile("push %%rbp\n\t"
                     "mov %%rsp, %%rbp\n\t"
                     "mov %%rdx, %%rsp\n\t"
                     "mov %%rdi, %%rax\n\t"
                     "mov %%rsi, %%rdi\n\t"
                     "call *%%rax\n\t"
                     "mov %%rbp, %%rsp\n\t"
                     "pop %%rbp\n\t"
                     "ret" ::
                         : "memory");
}

static void on_own_stack(void (*fn)(void *), void *arg)
{
    call_on(fn, arg, stack + PLAT_PAGE + stack_bytes);
}
#endif

/* The lowest page stays inaccessible: a guard. */
static bool have_stack(void)
{
    if (stack)
        return true;
    u64 bytes = plat_memory_total() / STACK_SHARE;
    bytes = bytes < STACK_LEAST  ? STACK_LEAST
            : bytes > STACK_MOST ? STACK_MOST
                                 : bytes / PLAT_PAGE * PLAT_PAGE;
    char *p = plat_reserve(NULL, PLAT_PAGE + bytes);
    if (!p)
        return false;
    if (plat_commit(p + PLAT_PAGE, bytes, PLAT_RW) != ST_OK) {
        plat_release(p, PLAT_PAGE + bytes);
        return false;
    }
    stack = p;
    stack_bytes = bytes;
    return true;
}

static void end_job(struct job *j)
{
    arena_fini(&j->arena);
    if (j->lost) {
        j->lost_next = lost;
        lost = j;
        return;
    }
    if (j->tools.mod) {
        LLVMDisposeBuilder(j->tools.b);
        LLVMDisposeBuilder(j->tools.entry);
    }
    if (j->ctx)
        LLVMContextDispose(j->ctx); /* with its module */
    heap_free(j);
}

static status status_of(enum bailout b)
{
    switch (b) {
    case BAILOUT_TOO_BIG:
    case BAILOUT_TIME:
    case BAILOUT_MEMORY:
    case BAILOUT_CODE_SPACE: return E_LIMIT;
    case BAILOUT_NO_MEMORY: return E_NOMEM;
    case BAILOUT_NONE: return ST_OK;
    case BAILOUT_LLVM_FATAL:
    case BAILOUT_LLVM_ERROR:
    case BAILOUT_UNSUPPORTED:
    case BAILOUT_OSR_SHAPE:
    case BAILOUT_CANCELLED:
    case BAILOUT_NO_COMPILER:
    case BAILOUT_COUNT: break;
    }
    return E_UNSUPPORTED;
}

static status fail(enum bailout b, const char *text, enum bailout *why, struct err *e)
{
    *why = b;
    return err_set(e, status_of(b), ERR_NO_OFFSET, "%s", text);
}

/* Why not, in figures, if the unit has more bytes than its tier takes. */
static bool too_big(const struct llvm_unit *u, char *text, size_t size)
{
    u64 bytes = 0;
    for (u32 k = 0; k < u->nfuncs; k++)
        bytes += u->module->funcs[u->funcs[k].index].size;
    fmt_s(text, size, "%llu bytes, the limit is %llu", (unsigned long long)bytes,
          (unsigned long long)tuning[u->tier].bytes);
    return bytes > tuning[u->tier].bytes;
}

/* Runs the job; frees it. */
static status run(struct job *j, enum bailout *why, struct err *e)
{
    u32 sites;
    patterns_sites(&sites);
    on_own_stack(guarded_compile, j);
    enum bailout b = j->why;
    if (b != BAILOUT_NONE)
        patterns_drop_from(sites);
    status s = b == BAILOUT_NONE ? ST_OK : fail(b, j->why_text, why, e);
    end_job(j);
    return s;
}

static struct job *create_job(const struct llvm_unit *u)
{
    struct job *j = have_stack() ? heap_calloc(1, sizeof *j) : NULL;
    if (j) {
        j->u = u;
        j->id = next_id++;
    }
    return j;
}

/* --- Registering. --- */

/* The function a symbol belongs to: u<id>f<index>, for copies that LLVM made with something behind a dot. */
static u32 symbol_func(const char *name, bool *copy)
{
    u32 index = 0;
    const char *p = strchr(name, 'f') + 1;
    for (; *p >= '0' && *p <= '9'; p++)
        index = index * 10 + (u32)(*p - '0');
    *copy = *p != 0;
    return index;
}

static void free_object(struct llvm_object *o)
{
    llvm_link_remove(backend.session, o);
    heap_free(o->symbols);
    heap_free(o);
}

static void unregister(const struct llvm_object *o, u32 n)
{
    for (u32 k = 0; k < n; k++)
        rt_code_remove(o->symbols[k].start);
}

static void set_entry(const struct llvm_unit *u, u32 func, void *start, struct llvm_code *out)
{
    for (u32 k = 0; k < u->nfuncs; k++) {
        if (u->funcs[k].index == func && u->funcs[k].root)
            out->entry[k] = start;
    }
}

/* Makes the functions known to backtraces and to the fault handler; all or none. */
static bool register_code(const struct llvm_unit *u, const struct llvm_object *o, struct llvm_code *out)
{
    for (u32 k = 0; k < o->nsymbols; k++) {
        const struct llvm_symbol *s = &o->symbols[k];
        bool copy;
        u32 func = symbol_func(s->name, &copy);
        struct rt_code c = {.start = s->start,
                            .end = s->start + s->bytes,
                            .func = u->inst ? &u->inst->own_funcs[func - u->module->layout.imp_funcs] : NULL,
                            .func_index = func,
                            .tier = (u8)u->tier,
                            .osr = u->osr};
        if (rt_code_add(&c) != ST_OK) {
            unregister(o, k);
            return false;
        }
        if (!copy)
            set_entry(u, func, (void *)s->start, out);
    }
    return true;
}

static void describe(const struct llvm_object *o, struct llvm_code *out)
{
    const struct llvm_span *code = &o->spans[RT_ARENA_CODE];
    out->code_bytes = code->bytes;
    out->data_bytes = o->spans[RT_ARENA_DATA].bytes;
    out->text_start = (uintptr_t)code->p;
    out->text_end = (uintptr_t)code->p + code->bytes;
}

/* --- The interface. --- */

status llvm_jit_init(const struct llvm_jit_config *c, struct err *e)
{
    config = *c;
    if (!config.cpu)
        config.cpu = "native";
    return rt_arena_init(e);
}

void llvm_jit_fini(void)
{
    if (backend.session)
        llvm_session_destroy(backend.session);
    for (int t = 0; t < TIER_COUNT; t++) {
        if (backend.machines[t])
            LLVMDisposeTargetMachine(backend.machines[t]);
    }
    memset(&backend, 0, sizeof backend);
    heap_free((void *)(uintptr_t)target.cpu);
    heap_free((void *)(uintptr_t)target.features);
    target = (struct llvm_target){NULL, NULL};
    if (stack)
        plat_release(stack, PLAT_PAGE + stack_bytes);
    stack = NULL;
    rt_arena_fini();
}

/* Compiles, links, registers; frees the job. */
static status compile_linked(struct job *j, struct llvm_code *out, enum bailout *why, struct err *e)
{
    const struct llvm_unit *u = j->u;
    struct llvm_object *o = heap_calloc(1, sizeof *o);
    out->entry = heap_calloc(u->nfuncs, sizeof *out->entry);
    if (!o || !out->entry) {
        heap_free(j);
        heap_free(o);
        heap_free(out->entry);
        return fail(BAILOUT_NO_MEMORY, "out of memory", why, e);
    }
    j->object = o;
    status s = run(j, why, e);
    if (s == ST_OK && !register_code(u, o, out))
        s = fail(BAILOUT_NO_MEMORY, "out of memory", why, e);
    if (s != ST_OK) {
        free_object(o);
        heap_free(out->entry);
        memset(out, 0, sizeof *out);
        return s;
    }
    describe(o, out);
    out->handle = o;
    return ST_OK;
}

static void guarded_prepare(void *arg)
{
    struct job *j = arg;
    running = j;
    if (__builtin_setjmp(j->jump) == 0) {
        start_llvm();
        for (u32 k = 0; k < j->nprepare; k++)
            machine(j->prepare[k]);
    }
    running = NULL;
}

/* What fails here fails again, and says why, in the first compilation. */
void llvm_jit_prepare(const enum jit_tier *tiers, u32 n)
{
    struct job *j = create_job(NULL);
    if (!j)
        return;
    j->prepare = tiers;
    j->nprepare = n;
    on_own_stack(guarded_prepare, j);
    end_job(j);
}

void llvm_jit_cancel(bool on)
{
    __atomic_store_n(&cancelled, on, __ATOMIC_RELAXED);
}

status llvm_jit_compile(const struct llvm_unit *u, struct llvm_code *out, enum bailout *why, struct err *e)
{
    *why = BAILOUT_NONE;
    memset(out, 0, sizeof *out);
    char text[80];
    if (too_big(u, text, sizeof text))
        return fail(BAILOUT_TOO_BIG, text, why, e);
    struct job *j = create_job(u);
    if (!j)
        return fail(BAILOUT_NO_MEMORY, "out of memory", why, e);
    j->out = out;
    return config.objects ? run(j, why, e) : compile_linked(j, out, why, e);
}

void llvm_code_free(struct llvm_code *c)
{
    struct llvm_object *o = c->handle;
    if (o) {
        unregister(o, o->nsymbols);
        free_object(o);
    }
    heap_free(c->entry);
    heap_free(c->object);
    memset(c, 0, sizeof *c);
}

const char *llvm_jit_version(void)
{
    return LLVM_VERSION_STRING;
}

void llvm_jit_memory(u64 *used, u64 *peak)
{
    rt_arena_usage(used, peak);
}

status llvm_jit_emit_text(const struct llvm_unit *u, bool assembly, char **out, struct err *e)
{
    enum bailout why;
    struct job *j = create_job(u);
    if (!j)
        return err_set(e, E_NOMEM, ERR_NO_OFFSET, "out of memory");
    j->emit = true;
    j->assembly = assembly;
    j->text = out;
    return run(j, &why, e);
}
