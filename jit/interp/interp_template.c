/* What is copied (interp_copy.c): the handlers of interp_ops.h once more, with their operands as numbers in
 * the machine code that the copy puts its own in the place of. Never executed where it is.
 *
 * Such a number says where in its instruction the operand is (interp_copy.h). */
#include "interp_copy.h"

#if !INTERP_SMALL
#include "interp_call.h"
#include "rt_helpers.h"
#include "rt_num.h"

#undef HANDLER
#undef INS
#undef NEXT_INS
#undef SAVE_IP
#define HANDLER(name)                                                                                        \
    static                                                                                                   \
        __attribute__((preserve_none, section("interp_templates"), no_sanitize("undefined"))) NO_ASAN void   \
        name(INTERP_ARGS)
#define INS(type)   typedef struct type operands __attribute__((unused))
#define NEXT_INS()  TAIL interp_template_next(INTERP_PASS)
#define TAKE_JUMP() TAIL interp_template_taken(INTERP_PASS)
#define TABLE(name) name##_templates

/* Addresses of symbols that are numbers: the only constants that the compiler leaves alone. Weak, because it
 * believes others to be no null. */
#define STRING(x)   #x
#define VALUE_OF(x) STRING(x)
#define HOLE(name, base)                                                                                     \
    extern const char name[] __attribute__((weak));                                                          \
    __asm__(".weak " #name "\n.set " #name ", " VALUE_OF(base));
HOLE(interp_hole_cell, INTERP_HOLE_CELL)
HOLE(interp_hole_word, INTERP_HOLE_WORD)
HOLE(interp_hole_offset, INTERP_HOLE_OFFSET)
#define AT(hole, field) ((uintptr_t)(hole) + 256 * offsetof(operands, field))
#define CELL(field)     (*(rt_cell *)((u8 *)fp + AT(interp_hole_cell, field)))
#define WORD32(field)   ((u32)AT(interp_hole_word, field))
#define OFFSET()        AT(interp_hole_offset, offset)
#define WORD64(field)                                                                                        \
    ({                                                                                                       \
        u64 word;                                                                                            \
        __asm__("movabsq %1, %0" : "=r"(word) : "i"(INTERP_HOLE_WORD64 + 256 * offsetof(operands, field)));  \
        word;                                                                                                \
    })
#define HERE()                                                                                               \
    ({                                                                                                       \
        const u8 *here;                                                                                      \
        __asm__("movabsq %1, %0" : "=r"(here) : "i"(INTERP_HOLE_HERE));                                      \
        here;                                                                                                \
    })
#define FORGET_IP() __asm__ volatile("" : "=r"(ip))
#define LEAVE_TO(to)                                                                                         \
    do {                                                                                                     \
        ip = HERE();                                                                                         \
        TAIL to(INTERP_PASS);                                                                                \
    } while (0)
#define SAVE_IP() (rt_thread.interp_top->ip = HERE())
#include "interp_ops.h"

const interp_fn interp_plain_templates[PLAIN_COUNT] = {
#define X(name) [PLAIN_##name] = name,
    INTERP_PLAIN_TEMPLATES(X)
#undef X
};
#endif
