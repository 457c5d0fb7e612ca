; rt_try.asm: calls that catch. A record holds all that must come back: what was thrown is a second way to return.
;
; The callee finds its arguments where the caller put them: the caller's return address is moved to the record,
; and the callee returns here. Leaving by `ret` keeps the processor's prediction of returns in step. Offsets are
; asserted in rt_exn.c.
bits 64
default abs
section .text

%define HANDLER_RBX 0
%define HANDLER_RBP 8
%define HANDLER_R12 16
%define HANDLER_R13 24
%define HANDLER_R14 32
%define HANDLER_R15 40
%define HANDLER_RSP 48
%define HANDLER_RETURN 56
%define HANDLER_TARGET 64
%define HANDLER_SLOT 72
%define HANDLER_PREV 80
%define HANDLER_INTERP_TOP 88
%define HANDLER_CELLS_TOP 96
%define THREAD_CELLS_TOP 8
%define THREAD_INTERP_TOP 24
%define THREAD_HANDLER_TOP 40

extern rt_thread
global rt_try_call:function, rt_try_run:function, rt_try_returned, rt_try_resume:function

; void rt_try_run(struct rt_handler *h, void (*fn)(void *), void *arg)
rt_try_run:
    mov r10, rdi
    mov [r10 + HANDLER_TARGET], rsi
    mov rdi, rdx

; r10 = record
rt_try_call:
    pop rax
    mov [r10 + HANDLER_RETURN], rax
    mov [r10 + HANDLER_RSP], rsp
    mov [r10 + HANDLER_RBX], rbx
    mov [r10 + HANDLER_RBP], rbp
    mov [r10 + HANDLER_R12], r12
    mov [r10 + HANDLER_R13], r13
    mov [r10 + HANDLER_R14], r14
    mov [r10 + HANDLER_R15], r15
    mov rax, [rt_thread + THREAD_INTERP_TOP]
    mov r11, [rt_thread + THREAD_CELLS_TOP]
    mov [r10 + HANDLER_INTERP_TOP], rax
    mov [r10 + HANDLER_CELLS_TOP], r11
    mov rax, [rt_thread + THREAD_HANDLER_TOP]
    mov [r10 + HANDLER_PREV], rax
    mov [rt_thread + THREAD_HANDLER_TOP], r10
    mov r11, [r10 + HANDLER_TARGET]
    mov r10, [r10 + HANDLER_SLOT]
    call r11
rt_try_returned: ; rax, rdx, xmm0 and xmm1 may be results
    mov r11, [rt_thread + THREAD_HANDLER_TOP]
    mov r10, [r11 + HANDLER_PREV]
    mov [rt_thread + THREAD_HANDLER_TOP], r10
    push qword [r11 + HANDLER_RETURN]
    ret

; noreturn void rt_try_resume(const struct rt_handler *h)
rt_try_resume:
    mov rbx, [rdi + HANDLER_RBX]
    mov rbp, [rdi + HANDLER_RBP]
    mov r12, [rdi + HANDLER_R12]
    mov r13, [rdi + HANDLER_R13]
    mov r14, [rdi + HANDLER_R14]
    mov r15, [rdi + HANDLER_R15]
    mov rsp, [rdi + HANDLER_RSP]
    jmp [rdi + HANDLER_RETURN]

section .note.GNU-stack noalloc noexec nowrite progbits
