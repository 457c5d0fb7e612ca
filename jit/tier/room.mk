ROOMS += jit/tier
jit/tier.SRC           := tier.c tier_install.c tier_unit.c tier_code.c tier_state.c
jit/tier.SRC.host      := tier_baseline.c tier_leave.c tier_climb.c tier_compile.c tier_queue.c tier_export.c tier_converge.c tier_settle.c
jit/tier.SRC.asan      := $(jit/tier.SRC.host)
jit/tier.SRC.image     := $(jit/tier.SRC.host)
jit/tier.SRC.appliance := tier_frozen.c
jit/tier.SEES := kernel_lib jit/rt jit/wasm jit/interp jit/baseline jit/llvm jit/patterns jit/prof jit/snapshot
jit/tier.IN   := host image appliance

# A name for the sources that decide what compiled code means: code of another name is not loaded.
CODE_ID_SOURCES := $(sort $(wildcard jit/include/rt/* jit/include/wasm/* jit/include/interp/* jit/include/llvm/* \
	jit/rt/* jit/baseline/* jit/wasm/wasm_arms.c jit/llvm/* jit/patterns/*.* jit/patterns/kernels/* jit/include/patterns/*)) kernel_lib/include/plat.h kernel_lib/include/cpu_features.def jit/include/snapshot/state_format.h
$(BUILD)/gen/code_id.h: $(CODE_ID_SOURCES)
	$(Q)mkdir -p $(@D)
	$(Q)echo "#define CODE_ID 0x$$(cat $(CODE_ID_SOURCES) | sha256sum | cut -c1-16)ull" > $@.tmp
	$(Q)cmp -s $@.tmp $@ && { rm $@.tmp; touch $@; } || mv $@.tmp $@
GENERATED += $(BUILD)/gen/code_id.h
