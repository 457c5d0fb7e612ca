# The command. Only the hosted build has it.
ROOMS += tools
tools.SRC  := anneal.c anneal_analyze.c anneal_compile.c anneal_snapshot.c anneal_bench.c anneal_bench_rig.c
tools.SEES := kernel_lib jit/rt jit/wasm jit/interp jit/patterns jit/llvm jit/prof jit/snapshot jit/tier jit/wasi jit/engine
tools.IN   := host
