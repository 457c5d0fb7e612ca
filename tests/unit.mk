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
