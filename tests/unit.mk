# The hosted unit test programs.
UNIT_ROOMS := $(filter kernel_lib jit/%,$(call rooms_in,host)) tests/unit
define unit_rule
$(2): $(foreach r,$(UNIT_ROOMS),$(call obj_of,$(1),$(r))) $(LLVM_LINK_DEPS)
	$$(call say,LINK,$$@)
	$(Q)mkdir -p $$(@D)
	$(Q)$$(call link_$(1),$$@,$$(filter %.o,$$^))
endef
$(eval $(call unit_rule,host,$(BUILD)/tests/unit))
$(eval $(call unit_rule,asan,$(BUILD)/asan/tests/unit))
PRODUCTS += $(BUILD)/tests/unit

.PHONY: unit unit-asan
unit: $(BUILD)/tests/unit ## unit tests, hosted
	$<
unit-asan: $(BUILD)/asan/tests/unit ## unit tests under the address and undefined-behaviour sanitizers
	$<

# The same on the fake platform: what needs a machine whose clock, memory and disks the test controls.
fake_objs = $(patsubst %,$(BUILD)/obj/$(1)/%.o,$(addprefix kernel_lib/,core/err.c core/fmt.c core/kheap.c core/heap_image.c \
	plat/fake/fake_plat.c plat/fake/fake_disk.c) $(addprefix jit/snapshot/,$(STORE_SRC) $(RAW_SRC) $(BOOT_SRC) slot.c) \
	tests/unit/unit.c tests/unit/host_main.c $(sort $(wildcard tests/unit/fake/*.c)))
FAKE_LDFLAGS_host := $(HOST_LDFLAGS) -static
FAKE_LDFLAGS_asan := -fsanitize=address,undefined -no-pie
define fake_rule
-include $(patsubst %.o,%.d,$(call fake_objs,$(1)))
$(2): $(call fake_objs,$(1))
	$$(call say,LINK,$$@)
	$(Q)mkdir -p $$(@D)
	$(Q)$(CC) $(FAKE_LDFLAGS_$(1)) -o $$@ $$^
endef
$(eval $(call fake_rule,host,$(BUILD)/tests/unit-fake))
$(eval $(call fake_rule,asan,$(BUILD)/asan/tests/unit-fake))
TEST_PRODUCTS += $(BUILD)/tests/unit-fake $(BUILD)/asan/tests/unit-fake
