# The hosted runner of the specification's vectors.
SPEC_DIR ?= ../shared/wasm-spec
SPEC_ROOMS := $(filter kernel_lib jit/%,$(call rooms_in,host)) tests/spec
define spec_rule
$(2): $(foreach r,$(SPEC_ROOMS),$(call obj_of,$(1),$(r))) linker/llvm_ctors.ld
	$$(call say,LINK,$$@)
	$(Q)mkdir -p $$(@D)
	$(Q)$$(call link_$(1),$$@,$$(filter %.o,$$^))
endef
$(eval $(call spec_rule,host,$(BUILD)/tests/spec))
$(eval $(call spec_rule,asan,$(BUILD)/asan/tests/spec))
PRODUCTS += $(BUILD)/tests/spec

SPEC_TIERS ?= interp o0 o1 o2 o3 auto
.PHONY: spec spec-asan
spec: $(BUILD)/tests/spec ## the specification's vectors in every tier (SPEC_DIR, SPEC_TIERS)
	@set -e; for t in $(SPEC_TIERS); do echo "== tier $$t"; SPEC_DIR=$(SPEC_DIR) $< --tier=$$t; done
spec-asan: $(BUILD)/asan/tests/spec ## the vectors in the interpreter under the sanitizers
	SPEC_DIR=$(SPEC_DIR) $< --tier=interp
