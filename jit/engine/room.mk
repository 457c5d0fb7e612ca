ROOMS += jit/engine
jit/engine.SRC       := anneal.c engine.c fuzz.c options.c values.c report.c state.c trap.c jit_runtime.c
jit/engine.SRC.image := image_main.c
jit/engine.SEES      := kernel_lib jit/rt jit/wasm jit/interp jit/llvm jit/prof jit/snapshot jit/tier jit/wasi
jit/engine.CFLAGS   := -Ijit/include
jit/engine.IN        := host image
