# Machine code in one pass, between the interpreter and LLVM.
ROOMS += jit/baseline
jit/baseline.SRC  := baseline.c bl_value.c bl_alu.c bl_memory.c bl_call.c bl_control.c bl_frame.c x64.c
jit/baseline.SEES := kernel_lib jit/rt jit/wasm
jit/baseline.IN   := host image
