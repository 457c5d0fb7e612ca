; typed_enter.asm: from a C call into a function of a guest, with the call's own boundary for traps.
;
; Behind every typed function (typed.c) stand two instructions that come here with r10 = its slot. The C
; arguments move over by one, because the native convention (rt.h) begins with the instance. Offsets are
; asserted in typed.c.
bits 64
default abs
section .text

%define FUNC_NATIVE 0
%define FUNC_INST 8
%define CATCH_RSP 0 ; struct rt_catch
%define CATCH_PREV 64
%define CATCH_INTERP 72
%define CATCH_CELLS 80
%define CATCH_HANDLER 88
%define CATCH_BYTES 96
%define THREAD_CELLS 8
%define THREAD_INTERP 24
%define THREAD_CATCH 32
%define THREAD_HANDLER 40
; From the stack pointer up: the catch, a word, and what rt_catch_throw takes off the stack: a word, the
; registers that calls keep, where to go on.
%define SAVED (CATCH_BYTES + 16) ; r15 r14 r13 r12 rbx rbp
%define FRAME (SAVED + 56)

extern rt_thread, typed_trapped
global typed_enter:function

typed_enter:
    push qword .trapped
    push rbp
    mov rbp, rsp
    push rbx
    push r12
    push r13
    push r14
    push r15
    lea rax, [rsp - 8]
    sub rsp, SAVED
    mov [rsp + CATCH_RSP], rax
    mov rbx, [rt_thread + THREAD_CATCH]
    mov r12, [rt_thread + THREAD_HANDLER]
    mov rax, [rt_thread + THREAD_INTERP]
    mov r11, [rt_thread + THREAD_CELLS]
    mov [rsp + CATCH_PREV], rbx
    mov [rsp + CATCH_INTERP], rax
    mov [rsp + CATCH_CELLS], r11
    mov [rsp + CATCH_HANDLER], r12
    mov [rt_thread + THREAD_CATCH], rsp
    test r12, r12
    jnz .hide_handlers
.call:
    mov r9, r8
    mov r8, rcx
    mov rcx, rdx
    mov rdx, rsi
    mov rsi, rdi
    mov rdi, [r10 + FUNC_INST]
    call [r10 + FUNC_NATIVE]
    ; Whoever returns has put the rest of the thread's state back.
    mov [rt_thread + THREAD_CATCH], rbx
    test r12, r12
    jnz .show_handlers
.return:
    ; Not by `leave`: the stack pointer would wait for what the callee has just taken off the stack.
    mov r12, [rsp + SAVED + 24]
    mov rbx, [rsp + SAVED + 32]
    mov rbp, [rsp + SAVED + 40]
    add rsp, FRAME
    ret
.hide_handlers: ; what is thrown stops here
    mov qword [rt_thread + THREAD_HANDLER], 0
    jmp .call
.show_handlers:
    mov [rt_thread + THREAD_HANDLER], r12
    jmp .return
.trapped: ; with all registers of the caller, and its return address on the stack
    sub rsp, FRAME
    mov rdi, rsp
    call typed_trapped
    add rsp, FRAME
    xor eax, eax
    xorps xmm0, xmm0
    ret

section .note.GNU-stack noalloc noexec nowrite progbits
