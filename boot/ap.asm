; ap.asm: how a second processor gets from its start-up interrupt to C in long mode.
;
; It begins in real mode at the start of a page below 1 MiB, to which smp.c has copied boot_ap_code, and goes to long mode in one
; step: by the early tables (entry.asm), which have the first 4 GiB where they are. Source: Intel SDM volume 3A, 9.4 and 10.8.5.

extern early_pml4, boot_gdt
extern boot_ap, kernel_ap_main         ; kernel_lib (boot_info.h)

GDT_LIMIT equ 3 * 8 - 1

section .boot.rodata progbits alloc noexec nowrite

bits 16
global boot_ap_code, boot_ap_code_end
boot_ap_code:
    cli
    cld
    mov ax, cs
    mov ds, ax
    mov eax, 1 << 5 | 1 << 9 | 1 << 10 ; PAE, OSFXSR, OSXMMEXCPT
    mov cr4, eax
    mov eax, early_pml4
    mov cr3, eax
    mov ecx, 0xc0000080                ; EFER: LME, NXE
    rdmsr
    or eax, 1 << 8 | 1 << 11
    wrmsr
    mov eax, 1 << 31 | 1 << 16 | 1 << 5 | 1 << 1 | 1 ; PG, WP, NE, MP, PE
    mov cr0, eax
    o32 lgdt [gdt_at - boot_ap_code]
    jmp dword 8:long_mode
align 4
gdt_at:
    dw GDT_LIMIT
    dd boot_gdt
boot_ap_code_end:

section .text.boot_ap progbits alloc exec nowrite align=16

bits 64
long_mode:
    mov eax, 16
    mov ds, eax
    mov es, eax
    mov ss, eax
    xor eax, eax
    mov fs, eax
    mov gs, eax
    mov rax, [boot_ap]                 ; tables
    mov cr3, rax
    mov rsp, [boot_ap + 8]             ; stack
    fninit
    ldmxcsr [mxcsr]
    xor ebp, ebp                       ; the end of every backtrace
    call kernel_ap_main
    ud2

section .rodata
align 4
mxcsr: dd 0x1f80

section .note.GNU-stack noalloc noexec nowrite progbits
