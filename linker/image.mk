# The bare images: link, symbol table, strip, ISO.
#
# IMAGE_LIBS: archives after our objects (set by who owns the C and C++ libraries); IMAGE_LDFLAGS likewise.
IMAGE_LDFLAGS += -static -nostdlib --gc-sections --icf=all -z max-page-size=4096 -z noexecstack -z norelro \
	--build-id=none
FULL_LDFLAGS := --eh-frame-hdr -T linker/full.ld

# $(call link_image,OUT,OBJECTS,LIBS): OUT stripped, OUT with .debug before its suffix with symbols. Linked twice: the table
# of function names is made from the first link, and lies behind the code, so that it moves none.
debug_of = $(1:.elf=.debug.elf)
define link_image
	$(Q)$(LD) $(IMAGE_LDFLAGS) $(FULL_LDFLAGS) -o $(1).pass1 $(2) --start-group $(3) --end-group
	$(Q)tools/ksyms $(1).pass1 $(2) > $(1).ksyms.s
	$(Q)$(CC) -c $(1).ksyms.s -o $(1).ksyms.o
	$(Q)$(LD) $(IMAGE_LDFLAGS) $(FULL_LDFLAGS) -o $(call debug_of,$(1)) $(2) $(1).ksyms.o --start-group $(3) --end-group
	$(Q)tools/seal $(call debug_of,$(1))
	$(Q)llvm-objcopy-19 --strip-all $(call debug_of,$(1)) $(1).tmp && mv $(1).tmp $(1)
	$(Q)rm -f $(1).pass1 $(1).ksyms.s $(1).ksyms.o
endef

IMAGE_BYTES_MAX := 37000000
IMAGE_DEPS := linker/full.ld linker/image.mk tools/ksyms tools/seal

$(BUILD)/anneal.elf: $(call objs_in,image,image) $(BUILD)/obj/runtime_elf.o $(IMAGE_DEPS)
	$(call say,IMAGE,$@)
	$(call link_image,$@,$(filter %.o,$^),$(IMAGE_LIBS))
	$(Q)test $$(stat -c %s $@) -le $(IMAGE_BYTES_MAX) || { echo '$@: larger than $(IMAGE_BYTES_MAX) bytes'; rm $@; exit 1; }

PRODUCTS += $(BUILD)/anneal.elf $(BUILD)/anneal.iso

# What an appliance is without its app: linked once, stripped, carried by whoever exports (anneal snapshot). It has no table of
# function names: those of a panic's addresses are in runtime.debug.elf.
# Boot loaders copy segments, so that in the file they need no pages of their own (max-page-size).
RUNTIME_BYTES_MAX := 300000
$(BUILD)/runtime.elf: $(call objs_in,appliance,appliance) linker/appliance.ld linker/image.mk tools/seal
	$(call say,IMAGE,$@)
	$(Q)$(LD) $(IMAGE_LDFLAGS) -z max-page-size=16 -T linker/appliance.ld -o $(call debug_of,$@) $(filter %.o,$^)
	$(Q)tools/seal $(call debug_of,$@)
	$(Q)llvm-objcopy-19 --strip-all $(call debug_of,$@) $@
	$(Q)test $$(stat -c %s $@) -le $(RUNTIME_BYTES_MAX) || { echo '$@: larger than $(RUNTIME_BYTES_MAX) bytes'; rm $@; exit 1; }

# It inside the programs that export: the command and the full image.
$(BUILD)/obj/runtime_elf.o: $(BUILD)/runtime.elf
	$(Q)printf '%s\n' '.section .rodata' '.globl runtime_elf, runtime_elf_end' 'runtime_elf: .incbin "$<"' 'runtime_elf_end:' \
	  '.section .note.GNU-stack,"",@progbits' | $(CC) -c -x assembler - -o $@

# The image with the demo, to try by hand; tools/mkiso makes others.
$(BUILD)/anneal.iso: $(BUILD)/anneal.elf $(BUILD)/apps/demo.wasm tools/mkiso
	$(call say,ISO,$@)
	$(Q)tools/mkiso $(BUILD)/anneal.elf $@ $(BUILD)/apps/demo.wasm

.PHONY: iso
iso: $(BUILD)/anneal.iso ## a bootable ISO (BIOS, UEFI, USB stick) with the demo

# The machine without an engine: boots, checks itself, echoes. tests/boot runs it.
boot_test_objs = $(foreach r,boot tests/boot,$(call obj_of,image,$(r))) \
	$(patsubst %,$(BUILD)/obj/image/jit/snapshot/%.o,$(STORE_SRC)) \
	$(patsubst %,$(BUILD)/obj/image/kernel_lib/%.o,$(kernel_lib.SRC) $(filter-out libc/%,$(kernel_lib.SRC.image)))
$(BUILD)/boot-test.elf: $(boot_test_objs) $(IMAGE_DEPS)
	$(call say,IMAGE,$@)
	$(call link_image,$@,$(filter %.o,$^),$(LLVM)/lib/libllvmlibc.a)
TEST_PRODUCTS += $(BUILD)/boot-test.elf
