; rt_stubs.asm: what C cannot say: the two call adapters, catch and throw, and where faults go on.
;
; All keep a frame pointer, so that backtraces walk through them, and 16-byte alignment at calls. Offsets and
; the trap number are asserted in rt_adapter.c.
bits 64
default abs
section .text

%define FUNC_NATIVE 0
%define THREAD_STACK_LIMIT 0
%define CATCH_RSP 0
%define REGS_BYTES 192 ; struct rt_native_regs: rdi rsi rdx rcx r8 r9, xmm0..7, two words
%define TRAP_STACK_EXHAUSTED 11

; All argument registers from struct rt_native_regs at %1, which is none of them.
%macro load_registers 1
    mov rdi, [%1]
    mov rsi, [%1 + 8]
    mov rdx, [%1 + 16]
    mov rcx, [%1 + 24]
    mov r8, [%1 + 32]
    mov r9, [%1 + 40]
%assign k 0
%rep 8
    movaps xmm %+ k, [%1 + 48 + 16 * k]
%assign k k + 1
%endrep
%endmacro

extern rt_thread, rt_trap, rt_fault_pc, rt_cells_call, rt_adapter_enter, rt_adapter_leave, rt_adapter_results
global rt_native_adapter:function, rt_cells_to_native:function, rt_catch_run:function
global rt_catch_throw:function, rt_fault_landing:function

stack_exhausted: ; behind `push rbp`
    mov edi, TRAP_STACK_EXHAUSTED
    call rt_trap
    ud2

; Native call with r10 = slot -> rt_adapter_enter(slot, registers), which may end in a jump to another slot.
rt_native_adapter:
    push rbp
    mov rbp, rsp
    cmp rsp, [rt_thread + THREAD_STACK_LIMIT]
    jb stack_exhausted
    sub rsp, REGS_BYTES
    mov [rsp], rdi
    mov [rsp + 8], rsi
    mov [rsp + 16], rdx
    mov [rsp + 24], rcx
    mov [rsp + 32], r8
    mov [rsp + 40], r9
%assign k 0
%rep 8
    movaps [rsp + 48 + 16 * k], xmm %+ k
%assign k k + 1
%endrep
    mov rdi, r10
    mov rsi, rsp
    call rt_adapter_enter
    test rax, rax
    jnz .tail
    mov rax, [rsp] ; the caller knows which of the two it wants
    movaps xmm0, [rsp + 48]
    leave
    ret
.tail:
    mov r10, rax
    load_registers rsp
    leave
    jmp [r10 + FUNC_NATIVE]

; void rt_cells_to_native(struct rt_func *f, rt_cell *cells)
rt_cells_to_native:
    push rbp
    mov rbp, rsp
    cmp rsp, [rt_thread + THREAD_STACK_LIMIT]
    jb stack_exhausted
    push rbx
    push r12
    sub rsp, REGS_BYTES
    mov rbx, rdi
    mov r12, rsi
    mov rdx, rsp
    call rt_adapter_leave
    load_registers rsp
    mov r10, rbx
    call [rbx + FUNC_NATIVE]
    mov [rsp], rax
    movaps [rsp + 48], xmm0
    mov rdi, rbx
    mov rsi, r12
    mov rdx, rsp
    call rt_adapter_results
    add rsp, REGS_BYTES
    pop r12
    pop rbx
    pop rbp
    ret

; bool rt_catch_run(struct rt_catch *c, struct rt_func *f, rt_cell *cells)
rt_catch_run:
    push rbp
    mov rbp, rsp
    push rbx
    push r12
    push r13
    push r14
    push r15
    sub rsp, 8
    mov [rdi + CATCH_RSP], rsp ; all that must come back lies above it
    mov rdi, rsi
    mov rsi, rdx
    call rt_cells_call
    mov eax, 1
.return:
    add rsp, 8
    pop r15
    pop r14
    pop r13
    pop r12
    pop rbx
    pop rbp
    ret

; noreturn void rt_catch_throw(struct rt_catch *c)
rt_catch_throw:
    mov rsp, [rdi + CATCH_RSP]
    xor eax, eax
    jmp rt_catch_run.return

; Entered by returning from a fault with rdi = trap and the stack as after a call, whose return address is
; filled in here, so that the backtrace starts in the function that faulted.
rt_fault_landing:
    mov rax, [rt_fault_pc]
    mov [rsp], rax
    push rbp
    mov rbp, rsp
    call rt_trap
    ud2

section .note.GNU-stack noalloc noexec nowrite progbits
