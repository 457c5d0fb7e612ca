; kernels.asm: the bitcode of all kernels (patterns.h).
section .rodata align=16
global patterns_kernels, patterns_kernels_end
patterns_kernels:
    incbin "kernels.bc"
patterns_kernels_end:

section .note.GNU-stack noalloc noexec nowrite progbits
