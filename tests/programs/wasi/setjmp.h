/* setjmp.h: wasi-libc has none. Jumps are exceptions of WebAssembly: clang's -wasm-enable-sjlj with setjmp.c.
 */
#ifndef SETJMP_H
#define SETJMP_H
typedef struct __jmp_buf_tag {
    const void *frame;
    unsigned label;
    struct {
        void *buf;
        int value;
    } thrown;
} jmp_buf[1];

int setjmp(jmp_buf buf) __attribute__((returns_twice));
_Noreturn void longjmp(jmp_buf buf, int value);
#endif
