/* Copies of handlers in a row. A function that runs often gets machine code that does what its threaded code
 * says, without fetching instructions, decoding operands, or jumping from handler to handler (interp_copy.h).
 * Only templates are copied, nothing is generated: what an operation means stays in one place.
 *
 * Templates are compiled C. What must be changed in them for their new place is found by decoding them, once:
 * operands, ways out, and what is addressed relative to the instruction. A template in which anything else is
 * met is never used. */
#include "interp_copy.h"

#if !INTERP_SMALL
#include <string.h>

#include "heap.h"
#include "rt_slab.h"

/* --- The subset of x86-64 machine code that compilers make of handlers. --- */
struct insn {
    u32 bytes;
    u32 disp, imm; /* offsets of a 32-bit displacement, of an immediate; 0: there is none */
    u32 imm_bytes;
    bool is_relative; /* the displacement is relative to the next instruction */
    bool is_jump;     /* the immediate is, and leads elsewhere */
    bool is_call;     /* likewise, and comes back */
    bool ends;        /* control does not go on behind it */
};

/* Displacement bytes behind a ModRM byte and its SIB byte; *sib: whether it has one. */
static u32 displacement(const u8 *modrm, bool *sib)
{
    u32 mod = *modrm >> 6, rm = *modrm & 7;
    *sib = mod != 3 && rm == 4;
    if (mod == 0)
        return rm == 5 || (*sib && (modrm[1] & 7) == 5) ? 4 : 0;
    return mod == 1 ? 1 : mod == 2 ? 4 : 0;
}

/* Immediate bytes of the opcode; -1: not one of those we know. `two`: behind 0F. */
static int immediate(u32 op, bool two, u32 reg, bool wide, bool *has_modrm)
{
    *has_modrm = true;
    if (two) {
        if ((op & 0xf0) == 0x80) {
            *has_modrm = false;
            return 4;
        }
        if ((op & 0xf8) == 0xc8 || op == 0x0b) {
            *has_modrm = false;
            return 0;
        }
        if ((op >= 0x70 && op <= 0x73) || op == 0xa4 || op == 0xac || op == 0xba || op == 0xc2 ||
            (op >= 0xc4 && op <= 0xc6))
            return 1;
        bool plain = (op >= 0x10 && op <= 0x17) || (op >= 0x28 && op <= 0x2f) || (op >= 0x40 && op <= 0x6f) ||
                     (op >= 0x74 && op <= 0x7f) || (op >= 0x90 && op <= 0x9f) || op >= 0xd0 || op == 0x1f ||
                     op == 0xa3 || op == 0xa5 || op == 0xab || op == 0xad || op == 0xaf ||
                     (op >= 0xb0 && op <= 0xbf);
        return plain ? 0 : -1;
    }
    if (op < 0x40 && (op & 7) < 4)
        return 0;
    if (op == 0x63 || (op >= 0x84 && op <= 0x8b) || op == 0x8d || (op >= 0xd0 && op <= 0xd3) || op == 0xff)
        return 0;
    if (op == 0x6b || op == 0x80 || op == 0x83 || op == 0xc0 || op == 0xc1 || op == 0xc6)
        return 1;
    if (op == 0x69 || op == 0x81 || op == 0xc7)
        return 4;
    if (op == 0xf6 || op == 0xf7)
        return reg >= 2 ? 0 : op == 0xf6 ? 1 : 4;
    *has_modrm = false;
    if (op < 0x40 && (op & 7) >= 4 && (op & 7) <= 5)
        return op & 1 ? 4 : 1;
    if ((op & 0xf0) == 0x70 || op == 0xeb || op == 0xa8)
        return 1;
    if (op == 0xe8 || op == 0xe9 || op == 0xa9)
        return 4;
    if ((op & 0xf8) == 0xb8)
        return wide ? 8 : 4;
    return (op & 0xf0) == 0x50 || op == 0xc9 || op == 0x90 || op == 0x98 || op == 0x99 || op == 0xc3 ? 0 : -1;
}

/* Of FF: all but calls and jumps by way of memory. */
static bool is_plain(u32 mod, u32 reg)
{
    return reg <= 1 || reg == 6 || (mod == 3 && (reg == 2 || reg == 4));
}

static bool decode(const u8 *p, struct insn *out)
{
    u32 n = 0, rex = 0;
    bool narrow = false, two = false, sib = false, has_modrm;
    while (p[n] == 0x66 || p[n] == 0xf2 || p[n] == 0xf3 || p[n] == 0x2e)
        narrow |= p[n++] == 0x66;
    if ((p[n] & 0xf0) == 0x40)
        rex = p[n++];
    if (p[n] == 0x0f)
        two = true, n++;
    u32 op = p[n++], reg = p[n] >> 3 & 7;
    int imm = immediate(op, two, reg, rex & 8, &has_modrm);
    if (imm < 0 || (!two && op == 0xff && !is_plain(p[n] >> 6, reg)) || (narrow && imm == 4))
        return false;
    *out = (struct insn){.imm_bytes = (u32)imm};
    if (has_modrm) {
        const u8 *modrm = p + n;
        u32 disp = displacement(modrm, &sib);
        n += 1u + sib;
        if (disp == 4)
            out->disp = n;
        out->is_relative = disp == 4 && *modrm >> 6 == 0 && !sib;
        n += disp;
    }
    out->imm = imm ? n : 0;
    out->bytes = n + (u32)imm;
    out->is_jump = two ? (op & 0xf0) == 0x80 : (op & 0xf0) == 0x70 || op == 0xeb || op == 0xe9;
    out->is_call = !two && op == 0xe8;
    out->ends = two ? op == 0x0b : op == 0xeb || op == 0xe9 || op == 0xc3 || (op == 0xff && reg == 4);
    return true;
}

/* --- Templates. --- */
enum fix_kind { FIX_CELL, FIX_WORD, FIX_OFFSET, FIX_WORD64, FIX_HERE, FIX_NEXT, FIX_TAKEN, FIX_PLACE };
struct fix {
    u16 at; /* offset in the template */
    u8 kind;
    u8 operand; /* offset in the instruction */
};
enum { FIXES_MAX = 48, TEMPLATE_BYTES_MAX = 1024 };
struct stencil {
    u32 code;  /* its address */
    u16 bytes; /* without a jump to what is next at the end */
    u16 flip;  /* offset of the second byte of a conditional jump to be inverted; 0: none */
    u8 nfixes;
    bool jumps; /* its last operand is a jump distance */
    struct fix fixes[];
};
/* Hashed by handler, and small: whoever makes a single copy touches little memory. */
enum { SLOTS = 4096, STUDIED = 1u << 31 };
struct slot {
    interp_opc handler; /* 0: free */
    u32 code;           /* address of the template; or STUDIED and its index in `studied` */
};
static struct slot *slots;
static const struct stencil **studied; /* NULL: it is not to be used */
static u32 nstudied;
/* Where templates begin, by 16 bytes of their section: behind a call that does not return another one may
 * follow. */
static u8 *begins;
extern const u8 templates_start[] __asm__("__start_interp_templates"), /* the linker's names */
    templates_end[] __asm__("__stop_interp_templates");
enum { TEMPLATE_ALIGN = 16 };

static u8 *begin_at(const u8 *code, u8 *bit)
{
    size_t n = (size_t)(code - templates_start) / TEMPLATE_ALIGN;
    *bit = (u8)(1u << n % 8);
    return &begins[n / 8];
}

static struct slot *slot_of(interp_opc handler)
{
    u32 k = handler * 0x9e3779b1u >> 20;
    while (slots[k].handler && slots[k].handler != handler)
        k = (k + 1) % SLOTS;
    return &slots[k];
}

static void add_template(interp_fn handler, interp_fn code)
{
    if (!handler || !code)
        return;
    u8 bit, *byte = begin_at((const u8 *)(uintptr_t)code, &bit);
    *byte |= bit;
    *slot_of((interp_opc)(uintptr_t)handler) =
        (struct slot){(interp_opc)(uintptr_t)handler, (u32)(uintptr_t)code};
}

static void add_templates(const interp_fn *handlers, const interp_fn *codes, size_t n)
{
    for (size_t k = 0; k < n; k++)
        add_template(handlers[k], codes[k]);
}

static bool collect_templates(void)
{
    if (slots)
        return true;
    begins = heap_calloc((size_t)(templates_end - templates_start) / TEMPLATE_ALIGN / 8 + 1, sizeof *begins);
    studied = heap_alloc(SLOTS * sizeof *studied);
    slots = begins && studied ? heap_calloc(SLOTS, sizeof *slots) : NULL;
    if (!slots) {
        heap_free(begins);
        heap_free(studied);
        return false;
    }
#define WHOLE(table) (const interp_fn *)(table), (const interp_fn *)(table##_templates)
#define ITEMS(table) sizeof(table) / sizeof(interp_fn)
    add_templates(WHOLE(interp_alu), ITEMS(interp_alu));
    add_templates(WHOLE(interp_loads), ITEMS(interp_loads));
    add_templates(WHOLE(interp_stores), ITEMS(interp_stores));
    add_templates(WHOLE(interp_plain), ITEMS(interp_plain));
#undef WHOLE
    for (u32 k = 0; k < INTERP_FUSIONS; k++)
        add_templates((const interp_fn *)interp_fusions[k].handlers,
                      (const interp_fn *)interp_fusions_templates[k].handlers,
                      ITEMS(interp_fusions[k].handlers));
    for (u32 k = 0; k < INTERP_TESTS; k++) {
        add_template(interp_tests[k].cell, interp_tests_templates[k].cell);
        add_template(interp_tests[k].constant, interp_tests_templates[k].constant);
    }
    return true;
}

/* Whether the template before `code` ends there at the latest. */
static bool is_over(const u8 *code)
{
    if (code >= templates_end)
        return true;
    u8 bit, byte = *begin_at(code, &bit);
    return (uintptr_t)code % TEMPLATE_ALIGN == 0 && (byte & bit);
}

static const u8 *code_of(const struct stencil *t)
{
    return (const u8 *)(uintptr_t)t->code;
}

/* What is learned of a template while it is decoded. */
struct study {
    const u8 *code;
    struct fix fixes[FIXES_MAX];
    u32 nfixes;
    u32 label;    /* the last place in it that it jumps to */
    u32 end;      /* of what is known to be reached */
    bool strange; /* there is something in it that we do not understand */
    bool jumps;
};

static void add_fix(struct study *s, u32 at, enum fix_kind kind, u32 operand)
{
    if (s->nfixes == FIXES_MAX || operand % sizeof(u32) != 0 || operand > 64)
        s->strange = true;
    else
        s->fixes[s->nfixes++] = (struct fix){(u16)at, (u8)kind, (u8)operand};
}

/* A displacement or an immediate that may be an operand. */
static void study_number(struct study *s, u32 at, u32 bytes)
{
    static const struct {
        u64 base;
        u32 bytes;
        enum fix_kind kind;
    } holes[] = {{INTERP_HOLE_CELL, 4, FIX_CELL},
                 {INTERP_HOLE_WORD, 4, FIX_WORD},
                 {INTERP_HOLE_OFFSET, 4, FIX_OFFSET},
                 {INTERP_HOLE_WORD64, 8, FIX_WORD64},
                 {INTERP_HOLE_HERE, 8, FIX_HERE}};
    u64 v = 0;
    memcpy(&v, s->code + at, bytes);
    for (u32 k = 0; k < sizeof holes / sizeof *holes; k++) {
        if (bytes != holes[k].bytes || (v & ~0xffffull) != holes[k].base)
            continue;
        s->strange |= (v & 0xff) != 0;
        add_fix(s, at, holes[k].kind, (u32)v >> 8 & 0xff);
    }
}

static void study_jump(struct study *s, u32 at, const struct insn *x)
{
    s32 distance = (s8)s->code[at + x->imm];
    if (x->imm_bytes == 4)
        memcpy(&distance, s->code + at + x->imm, sizeof distance);
    const u8 *to = s->code + at + x->bytes + distance;
    if (to == (const u8 *)(uintptr_t)interp_template_next && x->imm_bytes == 4)
        add_fix(s, at + x->imm, FIX_NEXT, 0);
    else if (to == (const u8 *)(uintptr_t)interp_template_taken && x->imm_bytes == 4)
        add_fix(s, at + x->imm, FIX_TAKEN, 0), s->jumps = true;
    else if (to >= interp_text_start && to < interp_text_end && x->imm_bytes == 4)
        add_fix(s, at + x->imm, FIX_PLACE, 0);
    else if (to < s->code || to >= s->code + TEMPLATE_BYTES_MAX)
        s->strange = true;
    else {
        u32 label = (u32)(to - s->code);
        s->label = label > s->label ? label : s->label;
        s->end = label >= s->end ? label + 1 : s->end;
    }
}

/* Reads a template from its start to the last instruction that is reached. */
static u32 study_code(struct study *s)
{
    u32 at = 0;
    s->end = 1;
    while (at < s->end && !s->strange) {
        struct insn x;
        if (at > 0 && is_over(s->code + at))
            break;
        if (at > TEMPLATE_BYTES_MAX || !decode(s->code + at, &x)) {
            s->strange = true;
            break;
        }
        if (x.is_relative)
            add_fix(s, at + x.disp, FIX_PLACE, 0);
        else if (x.disp)
            study_number(s, at + x.disp, sizeof(u32));
        if (x.is_call)
            add_fix(s, at + x.imm, FIX_PLACE, 0);
        else if (x.is_jump)
            study_jump(s, at, &x);
        else if (x.imm_bytes >= sizeof(u32))
            study_number(s, at + x.imm, x.imm_bytes);
        at += x.bytes;
        if (!x.ends && at >= s->end)
            s->end = at + 1;
    }
    return at;
}

enum { GOTO_BYTES = 5, BRANCH_BYTES = 6 }; /* `jmp`, `jcc` */

/* Whether the template, of `bytes`, ends in a way out of that kind. */
static bool ends_in(const struct study *s, u32 bytes, enum fix_kind kind)
{
    return s->nfixes && s->fixes[s->nfixes - 1].kind == kind &&
           s->fixes[s->nfixes - 1].at + sizeof(u32) == bytes;
}

/* `jcc next`, `jmp taken` at the end becomes a jump on the opposite condition. Returns where that has its
 * condition; 0: it does not end like this. */
static u32 join_branches(struct study *s, u32 *bytes)
{
    u32 n = *bytes - GOTO_BYTES;
    if (*bytes < GOTO_BYTES + BRANCH_BYTES || s->code[n] != 0xe9 || s->label >= n ||
        !ends_in(s, *bytes, FIX_TAKEN) || s->nfixes < 2)
        return 0;
    s->nfixes--;
    if (!ends_in(s, n, FIX_NEXT) || s->code[n - BRANCH_BYTES] != 0x0f) {
        s->nfixes++;
        return 0;
    }
    s->fixes[s->nfixes - 1].kind = FIX_TAKEN;
    *bytes = n;
    return n - BRANCH_BYTES + 1;
}

/* NULL: it is not to be used. */
static const struct stencil *study(u32 code)
{
    struct study s = {.code = (const u8 *)(uintptr_t)code};
    u32 bytes = study_code(&s);
    if (s.strange)
        return NULL;
    u32 flip = join_branches(&s, &bytes);
    if (ends_in(&s, bytes, FIX_NEXT) && s.code[bytes - GOTO_BYTES] == 0xe9) {
        s.nfixes--;
        bytes -= GOTO_BYTES;
    }
    struct stencil *t = heap_alloc(sizeof *t + s.nfixes * sizeof *t->fixes);
    if (!t)
        return NULL;
    *t = (struct stencil){
        .code = code, .bytes = (u16)bytes, .flip = (u16)flip, .nfixes = (u8)s.nfixes, .jumps = s.jumps};
    memcpy(t->fixes, s.fixes, s.nfixes * sizeof *t->fixes);
    return t;
}

/* NULL: the handler has no template. */
static const struct stencil *template_of(interp_opc handler)
{
    struct slot *s = slot_of(handler);
    if (!s->handler)
        return NULL;
    if (!(s->code & STUDIED)) {
        studied[nstudied] = study(s->code);
        s->code = STUDIED | nstudied++;
    }
    return studied[s->code & ~STUDIED];
}

/* --- Copies. --- */
enum { CALL_BYTES = 15, JUMP_BYTES = 5, BACK_BYTES = 26 };
struct copy {
    const struct interp_code *c;
    u32 *places; /* by word of text: offset of the copy of the instruction that begins there */
    u32 bytes;   /* of all instructions; jumps back follow */
    u32 backs;
    u8 *out;
};

/* Offset in text of the first instruction from `at` on; that of the text's end behind the last one. */
static u32 instruction_from(const struct interp_code *c, u32 at)
{
    for (u32 bit = at / (u32)sizeof(u32); bit * sizeof(u32) < c->bytes; bit = (bit / 64 + 1) * 64) {
        u64 left = c->starts[bit / 64] >> bit % 64;
        if (left)
            return (bit + (u32)__builtin_ctzll(left)) * (u32)sizeof(u32);
    }
    return c->bytes;
}
static u32 instruction_behind(const struct interp_code *c, u32 at)
{
    return instruction_from(c, at + (u32)sizeof(u32));
}
static interp_opc word_at(const struct interp_code *c, u32 at)
{
    return *(const interp_opc *)(const void *)(c->text + at);
}

static bool is_handler(interp_opc h, enum interp_plain p)
{
    return h == (interp_opc)(uintptr_t)interp_plain[p];
}

/* Accesses with an offset of 2 GiB and more do not fit. */
static bool fits(const struct stencil *t, const u8 *ins)
{
    for (u32 k = 0; k < t->nfixes; k++) {
        u32 v;
        memcpy(&v, ins + t->fixes[k].operand, sizeof v);
        if ((t->fixes[k].kind == FIX_OFFSET && v > INT32_MAX) ||
            (t->fixes[k].kind == FIX_CELL && v > INT32_MAX / sizeof(rt_cell)))
            return false;
    }
    return true;
}

/* The jump distance that ends in front of `end`. */
static s32 distance_before(const struct copy *x, u32 end)
{
    s32 to;
    memcpy(&to, x->c->text + end - sizeof to, sizeof to);
    return to;
}

/* Where everything will be. */
static void measure(struct copy *x)
{
    const struct interp_code *c = x->c;
    for (u32 at = 0, end; at < c->bytes; at = end) {
        const u8 *ins = c->text + at;
        interp_opc h = word_at(c, at);
        end = instruction_behind(c, at);
        x->places[at / sizeof(u32)] = x->bytes;
        const struct stencil *t = template_of(h);
        bool jumps = is_handler(h, PLAIN_JUMP) || (t && t->jumps);
        if (is_handler(h, PLAIN_JUMP))
            x->bytes += JUMP_BYTES;
        else if (!is_handler(h, PLAIN_TURN))
            x->bytes += t && fits(t, ins) ? t->bytes : CALL_BYTES;
        x->backs += jumps && distance_before(x, end) < 0;
    }
}

static void put_relative(u8 *field, const void *to)
{
    s32 d = (s32)((const u8 *)to - (field + sizeof d));
    memcpy(field, &d, sizeof d);
}

static void put_address(u8 *field, const u8 *to)
{
    memcpy(field, &to, sizeof to);
}

/* `mov r12, ip`, `jmp to` */
static void put_leave(u8 *p, const u8 *ip, const void *to)
{
    p[0] = 0x49, p[1] = 0xbc;
    put_address(p + 2, ip);
    p[10] = 0xe9;
    put_relative(p + 11, to);
}

/* The place to jump to for the jump distance before `end`: its target, or what counts down and goes there. */
static const u8 *aim(struct copy *x, u32 end)
{
    s32 distance = distance_before(x, end);
    u32 target = end - (u32)sizeof distance + (u32)distance;
    const u8 *code = x->out + x->places[target / sizeof(u32)];
    if (distance >= 0)
        return code;
    static const u8 count[] = {0x41, 0x83, 0x6f, offsetof(struct rt_func, heat), 1, 0x0f, 0x89};
    u8 *p = x->out + x->bytes + BACK_BYTES * x->backs++;
    memcpy(p, count, sizeof count); /* `sub [r15 + heat], 1`, `jns code` */
    put_relative(p + sizeof count, code);
    put_leave(p + sizeof count + sizeof(u32), x->c->text + target, (const void *)(uintptr_t)interp_hot_loop);
    return p;
}

/* The instruction in [ins, end) of the text. */
static void put_template(struct copy *x, const u8 *ins, u32 end, u8 *p, const struct stencil *t)
{
    memcpy(p, code_of(t), t->bytes);
    if (t->flip)
        p[t->flip] ^= 1;
    for (u32 n = 0; n < t->nfixes; n++) {
        const struct fix *fix = &t->fixes[n];
        u8 *field = p + fix->at;
        u32 v;
        memcpy(&v, ins + fix->operand, sizeof v);
        switch ((enum fix_kind)fix->kind) {
        case FIX_CELL: v *= (u32)sizeof(rt_cell); break;
        case FIX_WORD:
        case FIX_OFFSET: break;
        case FIX_WORD64: memcpy(field, ins + fix->operand, sizeof(u64)); continue;
        case FIX_HERE: put_address(field, ins); continue;
        case FIX_NEXT: put_relative(field, p + t->bytes); continue;
        case FIX_TAKEN: put_relative(field, aim(x, end)); continue;
        case FIX_PLACE:
            memcpy(&v, field, sizeof v);
            v += t->code - (u32)(uintptr_t)p;
            break;
        }
        memcpy(field, &v, sizeof v);
    }
}

static void put_all(struct copy *x)
{
    const struct interp_code *c = x->c;
    x->backs = 0;
    for (u32 at = 0, end; at < c->bytes; at = end) {
        const u8 *ins = c->text + at;
        interp_opc h = word_at(c, at);
        u8 *p = x->out + x->places[at / sizeof(u32)];
        const struct stencil *t = template_of(h);
        end = instruction_behind(c, at);
        if (is_handler(h, PLAIN_TURN))
            continue;
        if (is_handler(h, PLAIN_JUMP)) {
            p[0] = 0xe9;
            put_relative(p + 1, aim(x, end));
        } else if (t && fits(t, ins)) {
            put_template(x, ins, end, p, t);
        } else {
            put_leave(p, ins, (const void *)(uintptr_t)h);
        }
    }
}

/* From now on every dispatch leads into the copy. */
static void switch_over(const struct copy *x, struct interp_code *c)
{
    for (u32 at = 0; at < c->bytes; at = instruction_behind(c, at))
        *(interp_opc *)(void *)(c->text + at) = (interp_opc)(uintptr_t)(x->out + x->places[at / sizeof(u32)]);
}

static void emit_copy(struct copy *x, struct interp_code *c)
{
    size_t bytes = x->bytes + (size_t)BACK_BYTES * x->backs;
    x->out = rt_slab_take(bytes);
    if (!x->out)
        return;
    put_all(x);
    if (rt_slab_seal(x->out, bytes)) {
        c->copy = (struct interp_copy){x->out, bytes};
        switch_over(x, c);
    } else {
        rt_slab_free(x->out, bytes);
    }
}

void interp_copy_make(struct rt_func *f)
{
    struct interp_code *c = f->code;
    struct copy x = {.c = c};
    c->young = INT32_MAX;
    if (c->copy.code || !collect_templates())
        return;
    x.places = heap_alloc(c->bytes + sizeof *x.places);
    if (!x.places)
        return;
    measure(&x);
    emit_copy(&x, c);
    heap_free(x.places);
}

void interp_copy_free(struct interp_code *c)
{
    if (c->copy.code)
        rt_slab_free(c->copy.code, c->copy.bytes);
    c->copy = (struct interp_copy){0};
}

u32 interp_copy_locate(const struct interp_code *c, uintptr_t pc)
{
    u32 at = UINT32_MAX;
    for (u32 k = 0; k < c->bytes && word_at(c, k) <= pc; k = instruction_behind(c, k))
        at = k;
    return at;
}

/* Never called: addresses that templates name. Their code differs because the image's linker makes one
 * function of those that are alike. */
__attribute__((preserve_none, noinline)) void interp_template_next(INTERP_ARGS)
{
    (void)ip, (void)fp, (void)mem, (void)f, (void)acc, (void)acc_f32, (void)acc_f64;
    __asm__ volatile("nop # next");
}
__attribute__((preserve_none, noinline)) void interp_template_taken(INTERP_ARGS)
{
    (void)ip, (void)fp, (void)mem, (void)f, (void)acc, (void)acc_f32, (void)acc_f64;
    __asm__ volatile("nop\n\tnop # taken");
}
#endif
