# WebAssembly modules: decode, validate, instantiate, inspect. Read-only for every tier once decoded.
ROOMS += jit/wasm
jit/wasm.SRC  := wasm_ops.c wasm_reader.c wasm_decode.c wasm_validate.c wasm_validate_quick.c wasm_const.c wasm_read.c \
	wasm_instantiate.c wasm_name.c wasm_hash.c wasm_disasm.c wasm_inspect.c wasm_fuel.c wasm_arms.c
jit/wasm.SRC.host  := wasm_strip.c
jit/wasm.SRC.asan  := wasm_strip.c
jit/wasm.SRC.image := wasm_strip.c
jit/wasm.SEES := kernel_lib jit/rt
jit/wasm.IN   := host image appliance
# What an appliance does before its app begins.
jit/wasm.CFLAGS.appliance := -Os
