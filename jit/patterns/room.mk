# Known algorithms: what they are, the kernels that replace them, what became of each place in an app.
ROOMS += jit/patterns
jit/patterns.SRC  := patterns.c shadow.c kernels.asm
jit/patterns.SEES := kernel_lib jit/rt
jit/patterns.IN   := host image

# Kernels as bitcode for no processor in particular; optimised once, before anything is known about the place they will stand in.
KERNEL_FLAGS := -std=c11 -O2 -Wall -Wextra -Werror -ffreestanding -fno-strict-aliasing -ffp-contract=off -fno-vectorize -fno-slp-vectorize \
	-fno-unroll-loops -fno-stack-protector -fno-pic -fcf-protection=none -fno-ident -Ikernel_lib/include -Ijit/include/patterns
$(BUILD)/gen/kernels.bc: $(wildcard jit/patterns/kernels/*.[ch] kernel_lib/include/sha256_constants.def jit/include/patterns/extreme_form.h) jit/patterns/room.mk
	$(call say,KERNEL,$@)
	$(Q)mkdir -p $(@D)/kernels
	$(Q)for f in $(filter %.c,$^); do $(CC) $(KERNEL_FLAGS) -emit-llvm -c $$f -o $(@D)/kernels/$$(basename $$f).bc || exit 1; done
	$(Q)llvm-link-19 $(patsubst %,$(@D)/kernels/%.bc,$(notdir $(filter %.c,$^))) -o $@
$(BUILD)/obj/host/jit/patterns/kernels.asm.o $(BUILD)/obj/asan/jit/patterns/kernels.asm.o $(BUILD)/obj/image/jit/patterns/kernels.asm.o: $(BUILD)/gen/kernels.bc
