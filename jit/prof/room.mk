ROOMS += jit/prof
jit/prof.SRC  := prof.c
jit/prof.SRC.host  := sample.c
jit/prof.SRC.asan  := sample.c
jit/prof.SRC.image := sample.c
jit/prof.SEES := kernel_lib jit/rt
jit/prof.IN   := host image appliance
