ROOMS += jit/tier
jit/tier.SRC  := tier.c tier_climb.c tier_unit.c tier_code.c
jit/tier.SEES := kernel_lib jit/rt jit/wasm jit/interp jit/llvm jit/prof jit/snapshot
jit/tier.IN   := host image
