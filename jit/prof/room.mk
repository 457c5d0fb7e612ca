ROOMS += jit/prof
jit/prof.SRC  := prof.c
jit/prof.SEES := kernel_lib jit/rt
jit/prof.IN   := host image appliance
