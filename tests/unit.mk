# The hosted unit test programs.
UNIT_ROOMS := $(filter kernel_lib jit/%,$(call rooms_in,host)) tests/unit
define unit_rule
$(2): $(foreach r,$(UNIT_ROOMS),$(call obj_of,$(1),$(r))) linker/llvm_ctors.ld
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

# The same on the fake platform: what needs a machine whose clock and memory the test controls.
FAKE_OBJS := $(patsubst %,$(BUILD)/obj/host/kernel_lib/%.o,core/err.c core/fmt.c core/kheap.c core/heap_image.c plat/fake/fake_plat.c plat/fake/fake_disk.c) \
	$(patsubst %,$(BUILD)/obj/host/%.o,$(addprefix jit/snapshot/,$(STORE_SRC)) tests/unit/unit.c tests/unit/host_main.c $(sort $(wildcard tests/unit/fake/*.c)))
-include $(FAKE_OBJS:.o=.d)
$(BUILD)/tests/unit-fake: $(FAKE_OBJS)
	$(call say,LINK,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(HOST_LDFLAGS) -static -o $@ $^
TEST_PRODUCTS += $(BUILD)/tests/unit-fake
