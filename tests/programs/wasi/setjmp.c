/* setjmp.c: what clang makes setjmp and longjmp call (WebAssemblyLowerEmscriptenEHSjLj.cpp). */
#include "setjmp.h"

void __wasm_setjmp(struct __jmp_buf_tag *b, unsigned label, const void *frame)
{
    b->frame = frame;
    b->label = label;
}

/* Which setjmp of `frame` filled `b`; 0: none. */
unsigned __wasm_setjmp_test(const struct __jmp_buf_tag *b, const void *frame)
{
    return b->frame == frame ? b->label : 0;
}

void __wasm_longjmp(struct __jmp_buf_tag *b, int value)
{
    b->thrown.buf = b;
    b->thrown.value = value ? value : 1;
    __builtin_wasm_throw(1, &b->thrown);
}
