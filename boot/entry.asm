; entry.asm: from the boot loader's 32-bit hand-over to C in long mode.
;
; Two doors: multiboot2 (GRUB2; Multiboot2 Specification 2.0, 3.3) and PVH (QEMU -kernel; Xen's x86/HVM direct
; boot ABI). Both enter 32-bit protected mode with paging off. Everything used until the memory check has
; passed - code, strings, stack, page tables - lies in the .boot sections at the very start of the image, because
; a loader may have dropped the rest of an image that is larger than the machine's memory.

bits 32

MB2_MAGIC       equ 0xe85250d6
MB2_ARCH_I386   equ 0
MB2_HANDOVER    equ 0x36d76289
PVH_MAGIC       equ 0x336ec578
PROTO_MB2       equ 0                  ; enum boot_protocol
PROTO_PVH       equ 1
; Beyond the image: stacks, heap, page tables, a small app. And QEMU puts the image into memory before its firmware starts,
; which then uses up to 16.2 MiB below the top as it likes: with less room than that it overwrites the image.
; A machine of 16 MiB, which an appliance is for, has no firmware that does so.
%ifdef APPLIANCE
WORK_MIN_KIB    equ 6 * 1024
%else
WORK_MIN_KIB    equ 17 * 1024
%endif
PHDR_OFFSET     equ 32                 ; Elf64_Ehdr: e_phoff, e_phnum; Elf64_Phdr: p_type, p_vaddr, p_memsz
PHDR_COUNT      equ 56
PHDR_BYTES      equ 56
PHDR_VADDR      equ 16
PHDR_MEMSZ      equ 40
PT_LOAD         equ 1
IMAGE_BASE      equ 0x100000
COM1            equ 0x3f8
DEBUG_EXIT      equ 0xf4
EXIT_BAD_USE    equ 1
VGA_TEXT        equ 0xb8000
STACK_BYTES     equ 16384
SEAL_ALIGN      equ 256                ; linker scripts, tools/seal

extern boot_main
extern image_bss_start
extern image_bss_end
extern seal_head, seal_head_end
extern seal_boot, seal_boot_end
extern seal_text, seal_text_end
extern seal_rodata, seal_rodata_end
extern seal_data, seal_data_end

; --- What the loaders look for ---------------------------------------------------------------------------

section .boot.header progbits alloc noexec nowrite align=8
mb2_header:
    dd MB2_MAGIC, MB2_ARCH_I386, mb2_header_end - mb2_header
    dd -(MB2_MAGIC + MB2_ARCH_I386 + (mb2_header_end - mb2_header))
    align 8
    dw 5, 1                            ; framebuffer, optional: UEFI has no text mode
    dd 20
    dd 0, 0, 32
    align 8
    dw 0, 0
    dd 8
mb2_header_end:

; tools/seal finds this and fills in the sums (check_image).
section .boot.seal progbits alloc noexec nowrite align=16
    db "ANNEAL SEAL 0001"
seal_sums: times 32 db 0
seal_rows:
    dd seal_head, seal_head_end, seal_boot, seal_boot_end, seal_text, seal_text_end
    dd seal_rodata, seal_rodata_end, seal_data, seal_data_end, 0

section .note.pvh note alloc noexec nowrite align=4
    dd 4, 4, 18                        ; name size, descriptor size, XEN_ELFNOTE_PHYS32_ENTRY
    db "Xen", 0
    dd entry_pvh

; --- The doors ------------------------------------------------------------------------------------------

section .boot.text progbits alloc exec nowrite align=16

global entry_mb2
entry_mb2:
    cld
    mov ebp, eax
    rdtsc
    mov [start_ticks], eax
    mov [start_ticks + 4], edx
    mov [boot_data], ebx
    mov dword [protocol], PROTO_MB2
    mov esp, early_stack_top
    mov esi, text_bad_loader
    cmp ebp, MB2_HANDOVER
    jne fail
    jmp check

entry_pvh:
    cld
    rdtsc
    mov [start_ticks], eax
    mov [start_ticks + 4], edx
    mov [boot_data], ebx
    mov dword [protocol], PROTO_PVH
    mov esp, early_stack_top
    mov esi, text_bad_loader
    cmp dword [ebx], PVH_MAGIC
    jne fail

check:
    call check_processor
    call check_memory
    call check_image
    call make_tables
    jmp enter_long_mode

; --- Does the processor have what the image needs? --------------------------------------------------------

check_processor:
    pushfd
    pop eax
    mov ecx, eax
    xor eax, 1 << 21                   ; EFLAGS.ID can be changed: CPUID exists
    push eax
    popfd
    pushfd
    pop eax
    mov esi, text_no_cpuid
    xor eax, ecx
    test eax, 1 << 21
    jz fail
    mov eax, 1
    cpuid
    mov edi, need_leaf1
    call check_bits
    mov eax, 0x80000000
    cpuid
    xor edx, edx
    cmp eax, 0x80000001
    jb .extended
    mov eax, 0x80000001
    cpuid
.extended:
    mov edi, need_extended
check_bits:                            ; edx: feature bits, edi: table of (mask, text), ended by 0
    mov eax, [edi]
    test eax, eax
    jz .done
    mov esi, [edi + 4]
    test edx, eax
    jz fail_processor
    add edi, 8
    jmp check_bits
.done:
    ret

; --- Does the memory cover the image? ---------------------------------------------------------------------
; The last segment's end, not the linker's: an exporter may have put more behind.
find_end:
    mov esi, [IMAGE_BASE + PHDR_OFFSET]
    add esi, IMAGE_BASE
    movzx ecx, word [IMAGE_BASE + PHDR_COUNT]
.segment:
    cmp dword [esi], PT_LOAD
    jne .next
    mov eax, [esi + PHDR_VADDR]
    add eax, [esi + PHDR_MEMSZ]
    cmp eax, [image_last]
    jbe .next
    mov [image_last], eax
.next:
    add esi, PHDR_BYTES
    loop .segment
    ret

; Sums over the loader's map: `covered` bytes of RAM inside the image's addresses (ACPI's share counts: it is RAM, and
; GRUB on UEFI puts an image there), `total_kib` of free RAM.

check_memory:
    call find_end
    mov ebx, [boot_data]
    cmp dword [protocol], PROTO_PVH
    je .pvh
    mov ecx, [ebx]                     ; total size; tags from +8
    add ecx, ebx
    add ebx, 8
.tag:
    mov esi, text_no_map
    cmp ebx, ecx
    jae fail
    cmp dword [ebx], 6
    je .mb2_map
    mov eax, [ebx + 4]
    add eax, 7
    and eax, -8
    jz fail
    add ebx, eax
    jmp .tag
.mb2_map:
    mov edi, [ebx + 8]                 ; bytes an entry
    mov ecx, [ebx + 4]
    add ecx, ebx
    lea esi, [ebx + 16]
    jmp .sum
.pvh:
    mov esi, text_no_map
    cmp dword [ebx + 4], 1             ; version 1 has the memory map
    jb fail
    mov edi, 24
    imul ecx, [ebx + 48], 24
    mov esi, [ebx + 40]
    add ecx, esi
.sum:
    cmp esi, ecx
    jae .judge
    call count_entry
    add esi, edi
    jmp .sum
.judge:
    mov eax, [image_last]
    sub eax, IMAGE_BASE
    cmp [covered], eax
    jb fail_memory
    shr eax, 10
    add eax, WORK_MIN_KIB
    cmp [total_kib], eax
    jb fail_memory
    ret

count_entry:                           ; esi: base (u64), length (u64), type (u32)
    mov eax, [esi + 16]
    cmp eax, 1
    jne .cover
    mov eax, [esi + 8]
    mov edx, [esi + 12]
    shrd eax, edx, 10
    add [total_kib], eax
    jmp .in_image
.cover:
    sub eax, 3                         ; 3 ACPI reclaimable, 4 ACPI NVS
    cmp eax, 1
    ja .done
.in_image:
    cmp dword [esi + 4], 0
    jne .done
    mov eax, [esi]
    mov edx, eax
    add edx, [esi + 8]
    jc .to_top
    cmp dword [esi + 12], 0
    je .clip
.to_top:
    mov edx, 0xfffff000
.clip:
    cmp eax, IMAGE_BASE
    jae .clip_end
    mov eax, IMAGE_BASE
.clip_end:
    cmp edx, [image_last]
    jbe .add
    mov edx, [image_last]
.add:
    sub edx, eax
    jbe .done
    add [covered], edx
.done:
    ret

; --- Is the image what was linked? ------------------------------------------------------------------------
; Two lanes of 64-bit words are summed up, and so are the sums after each pair of words: any one flipped bit shows in the first,
; words in other places in the second. What is not covered: ELF header and program headers, which an exporter completes
; and whose damage loads other bytes than these; the seal itself, which fits nothing else; this code before it has run.

check_image:
    mov eax, cr0
    and eax, ~(1 << 2 | 1 << 3)        ; EM, TS
    mov cr0, eax
    mov eax, cr4
    or eax, 1 << 9                     ; OSFXSR
    mov cr4, eax
    pxor xmm0, xmm0
    pxor xmm1, xmm1
    mov esi, seal_rows
.row:
    mov eax, [esi]
    mov ecx, [esi + 4]
    add esi, 8
    test eax, eax
    jz .compare
.words:
%assign at 0
%rep SEAL_ALIGN / 16
    paddq xmm0, [eax + at]
    paddq xmm1, xmm0
%assign at at + 16
%endrep
    add eax, SEAL_ALIGN
    cmp eax, ecx
    jb .words
    jmp .row
.compare:
    pcmpeqd xmm0, [seal_sums]
    pcmpeqd xmm1, [seal_sums + 16]
    pand xmm0, xmm1
    pmovmskb eax, xmm0
    mov esi, text_damaged
    cmp eax, 0xffff
    jne fail
    ret

; --- Clean ends -------------------------------------------------------------------------------------------

fail_memory:
    mov esi, text_memory_needs
    call say
    mov eax, [image_last]
    shr eax, 10
    add eax, WORK_MIN_KIB
    call say_mib
    mov esi, text_memory_has
    call say
    mov eax, [total_kib]
    call say_mib
    mov esi, text_memory_end
    jmp fail

fail_processor:                        ; esi: what is missing
    push esi
    mov esi, text_cpu_lacks
    call say
    pop esi
    call say
    mov esi, text_cpu_end
fail:                                  ; esi: the sentence, or its end
    call say
    mov dx, DEBUG_EXIT
    mov eax, EXIT_BAD_USE
    out dx, eax
.halt:
    cli
    hlt
    jmp .halt

say_mib:                               ; eax: KiB, rounded up to MiB
    add eax, 1023
    shr eax, 10
    mov edi, digits_end
    mov ecx, 10
.digit:
    xor edx, edx
    div ecx
    add dl, '0'
    dec edi
    mov [edi], dl
    test eax, eax
    jnz .digit
    mov esi, edi
say:                                   ; esi: NUL-ended text, to COM1 and the VGA text screen
    cmp byte [serial_ready], 0
    jne .next
    call serial_init
.next:
    lodsb
    test al, al
    jz .done
    call put_serial
    call put_screen
    jmp .next
.done:
    ret

serial_init:                           ; 115200 8N1, FIFO on
    push esi
    mov byte [serial_ready], 1
    mov esi, serial_setup
    mov ecx, 6
.write:
    movzx edx, byte [esi]
    add edx, COM1
    mov al, [esi + 1]
    out dx, al
    add esi, 2
    loop .write
    pop esi
    ret

put_serial:                            ; al; waits at most some milliseconds
    mov ah, al
    mov ecx, 20000
    mov edx, COM1 + 5
.wait:
    in al, dx
    test al, 0x20
    jnz .send
    loop .wait
.send:
    mov edx, COM1
    mov al, ah
    out dx, al
    ret

put_screen:                            ; ah
    mov edi, [screen_at]
    cmp ah, 10
    je .done
    cmp edi, VGA_TEXT + 80 * 25 * 2
    jae .done
    mov al, ah
    mov ah, 0x4f
    mov [edi], ax
    add dword [screen_at], 2
.done:
    ret

; --- Long mode --------------------------------------------------------------------------------------------
; Early tables: the first 4 GiB by 2 MiB pages, at 0 and at the direct map's base (vm_priv.h, VM_DIRECT). They are
; replaced by vm.c, which applies the image's real protections.

make_tables:
    mov eax, early_pdpt
    or eax, 3
    mov [early_pml4], eax
    mov [early_pml4 + 256 * 8], eax
    mov edi, early_pdpt
    mov eax, early_pd + 3
    mov ecx, 4
.pdpt:
    mov [edi], eax
    add edi, 8
    add eax, 4096
    loop .pdpt
    mov edi, early_pd
    mov eax, 0x83                      ; present, writable, 2 MiB
    mov ecx, 2048
.pd:
    mov [edi], eax
    add edi, 8
    add eax, 0x200000
    loop .pd
    ret

enter_long_mode:
    mov eax, cr4
    or eax, 1 << 5 | 1 << 9 | 1 << 10  ; PAE, OSFXSR, OSXMMEXCPT
    mov cr4, eax
    mov eax, early_pml4
    mov cr3, eax
    mov ecx, 0xc0000080                ; EFER: LME, NXE
    rdmsr
    or eax, 1 << 8 | 1 << 11
    wrmsr
    mov eax, cr0
    and eax, ~(1 << 2 | 1 << 3 | 1 << 29 | 1 << 30) ; EM, TS, NW, CD off
    or eax, 1 << 31 | 1 << 16 | 1 << 5 | 1 << 1     ; PG, WP, NE, MP on
    mov cr0, eax
    lgdt [gdt_pointer]
    jmp 8:long_mode

bits 64
long_mode:
    mov eax, 16
    mov ds, eax
    mov es, eax
    mov ss, eax
    xor eax, eax
    mov fs, eax
    mov gs, eax
    mov rsp, early_stack_top
    mov edi, image_bss_start           ; loaders zero it, but not every one after a warm reboot
    mov ecx, image_bss_end
    sub ecx, edi
    shr ecx, 3
    xor eax, eax
    rep stosq
    mov edi, [protocol]
    mov esi, [boot_data]
    mov rdx, [start_ticks]
    xor ebp, ebp                       ; the end of every backtrace
    call boot_main
.halt:
    cli
    hlt
    jmp .halt

; --- Data -------------------------------------------------------------------------------------------------

section .boot.rodata progbits alloc noexec nowrite align=8

need_leaf1:
    dd 1 << 4, text_tsc, 1 << 5, text_msr, 1 << 6, text_pae, 1 << 8, text_cx8, 1 << 15, text_cmov
    dd 1 << 24, text_fxsr, 1 << 25, text_sse, 1 << 26, text_sse2, 0
need_extended:
    dd 1 << 29, text_lm, 1 << 20, text_nx, 0
text_tsc:  db "a time-stamp counter", 0
text_msr:  db "model-specific registers", 0
text_pae:  db "PAE paging", 0
text_cx8:  db "CMPXCHG8B", 0
text_cmov: db "conditional moves (CMOV)", 0
text_fxsr: db "FXSAVE", 0
text_sse:  db "SSE", 0
text_sse2: db "SSE2", 0
text_lm:   db "64-bit mode (long mode)", 0
text_nx:   db "no-execute pages (NX)", 0
text_bad_loader:   db "Anneal: the boot loader is neither multiboot2 nor PVH.", 10, 0
text_no_cpuid:     db "Anneal: this processor has no CPUID instruction; an x86-64 processor is needed.", 10, 0
text_no_map:       db "Anneal: the boot loader gave no memory map.", 10, 0
text_damaged:      db "Anneal: this image is damaged: its checksum is wrong.", 10, 0
text_cpu_lacks:    db "Anneal: this processor lacks ", 0
text_cpu_end:      db ", which Anneal needs.", 10, 0
text_memory_needs: db "Anneal: too little memory: at least ", 0
text_memory_has:   db " MiB are needed, this machine has ", 0
text_memory_end:   db " MiB free.", 10, 0
serial_setup: db 1, 0, 3, 0x80, 0, 1, 1, 0, 3, 3, 2, 7  ; (register, value)

align 8
global boot_gdt
boot_gdt:
    dq 0
    dq 0x00af9b000000ffff              ; 64-bit code
    dq 0x00cf93000000ffff              ; data
gdt_pointer:
    dw gdt_pointer - boot_gdt - 1
    dq boot_gdt

section .boot.data progbits alloc noexec write align=8
start_ticks:  dq 0
boot_data:    dd 0
protocol:     dd 0
covered:      dd 0
image_last:   dd 0
total_kib:    dd 0
screen_at:    dd VGA_TEXT
digits:       times 10 db 0
digits_end:   db 0
serial_ready: db 0

section .boot.bss nobits alloc noexec write align=4096
global early_pml4
early_pml4:   resb 4096
early_pdpt:   resb 4096
early_pd:     resb 4 * 4096
early_stack:  resb STACK_BYTES
early_stack_top:

section .note.GNU-stack noalloc noexec nowrite progbits
