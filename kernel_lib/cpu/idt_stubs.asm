; idt_stubs.asm: entry and exit of every exception and interrupt.
;
; All entries use interrupt stacks, so the red zone of the interrupted code stays whole. An entry on IST 1 moves IST 1 down by
; one level while it runs: a fault inside a fault handler gets a fresh stack instead of overwriting the outer frame.

bits 64

IST_LEVEL_BYTES equ 16384              ; idt.c
TSS_IST1        equ 16 + 36            ; in struct cpu_own (idt.c)
%ifdef APPLIANCE
%define IST1 idt_own + TSS_IST1
%else
%define IST1 gs:TSS_IST1               ; each processor has its own
%endif

extern idt_dispatch
extern idt_own
extern cpu_state_bytes
extern cpu_state_xsave

; Exceptions that push an error code: 8, 10-14, 17, 21, 29, 30.
HAS_ERROR equ 1<<8 | 1<<10 | 1<<11 | 1<<12 | 1<<13 | 1<<14 | 1<<17 | 1<<21 | 1<<29 | 1<<30

section .rodata
align 4
default_mxcsr: dd 0x1f80

section .text.idt_stubs progbits alloc exec nowrite align=16

global idt_stubs
idt_stubs:
%assign vector 0
%rep 256
    align 16
%if vector >= 32 || !(HAS_ERROR & (1 << (vector & 31)))
    push 0
%endif
    push strict dword vector
    jmp entry
%assign vector vector + 1
%endrep

entry:
    push rax
    push rbx
    push rcx
    push rdx
    push rsi
    push rdi
    push rbp
    push r8
    push r9
    push r10
    push r11
    push r12
    push r13
    push r14
    push r15
    cld
    mov rsi, cr2
    mov rbx, rsp                       ; struct cpu_frame
    mov r12d, [idt_nesting_mask]       ; which exceptions run on IST 1
    mov ecx, [rbx + 15 * 8]
    cmp ecx, 32
    jae .other
    shr r12d, cl
    and r12d, 1
    jmp .level
.other:
    cmp ecx, 0x80                      ; VEC_PANIC
    sete r12b
    and r12d, 1
.level:
    shl r12d, 14                       ; IST_LEVEL_BYTES or 0
    sub [IST1], r12
    sub rsp, [cpu_state_bytes]
    and rsp, -64
    cmp byte [cpu_state_xsave], 0
    je .fxsave
    xor eax, eax
    lea rdi, [rsp + 512]               ; the header must be zero where XSAVE does not write it
    mov ecx, 8
    rep stosq
    mov eax, -1
    mov edx, eax
    xsave64 [rsp]
    jmp .saved
.fxsave:
    fxsave64 [rsp]
.saved:
    fninit
    ldmxcsr [default_mxcsr]
    mov r13, rsp
    mov rdi, rbx
    call idt_dispatch
    mov rsp, r13
    cmp byte [cpu_state_xsave], 0
    je .fxrstor
    mov eax, -1
    mov edx, eax
    xrstor64 [rsp]
    jmp .restored
.fxrstor:
    fxrstor64 [rsp]
.restored:
    add [IST1], r12
    mov rsp, rbx
    pop r15
    pop r14
    pop r13
    pop r12
    pop r11
    pop r10
    pop r9
    pop r8
    pop rbp
    pop rdi
    pop rsi
    pop rdx
    pop rcx
    pop rbx
    pop rax
    add rsp, 16
    iretq

section .rodata
align 4
global idt_nesting_mask
idt_nesting_mask: dd 0xffffffff & ~(1<<1 | 1<<2 | 1<<3 | 1<<8 | 1<<18)

section .note.GNU-stack noalloc noexec nowrite progbits
