# Tier 0. Handlers are leaves that end in tail calls: without a frame pointer of their own they keep the caller's, so
# backtraces still walk through them.
ROOMS += jit/interp
jit/interp.SRC  := interp.c interp_lower.c interp_low_code.c interp_low_operand.c interp_low_alu.c interp_low_memory.c interp_low_try.c \
	interp_run.c interp_template.c interp_copy.c interp_catch.c interp_simd.c
jit/interp.SEES := kernel_lib jit/rt jit/wasm
jit/interp.IN   := host image appliance
jit/interp.CFLAGS := -momit-leaf-frame-pointer
# Handlers are smaller so, and faster.
jit/interp.CFLAGS.appliance := -Os
