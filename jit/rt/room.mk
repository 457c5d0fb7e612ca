# What a running instance is. Survives export into an appliance: sees only kernel_lib.
ROOMS += jit/rt
jit/rt.SRC  := rt_sig.c rt_memory.c rt_table.c rt_instance.c rt_thread.c rt_trap.c rt_adapter.c rt_stubs.asm rt_code.c rt_arena.c rt_symbols.c \
	rt_helpers.c rt_fault.c rt_exn.c rt_collect.c rt_slab.c rt_try.asm
jit/rt.SEES := kernel_lib
jit/rt.IN   := host image appliance
