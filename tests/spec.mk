# The hosted runner of the specification's vectors.
SPEC_DIR ?= ../shared/wasm-spec
SPEC_ROOMS := $(filter kernel_lib jit/%,$(call rooms_in,host)) tests/spec
define spec_rule
$(2): $(foreach r,$(SPEC_ROOMS),$(call obj_of,$(1),$(r))) $(LLVM_LINK_DEPS)
	$$(call say,LINK,$$@)
	$(Q)mkdir -p $$(@D)
	$(Q)$$(call link_$(1),$$@,$$(filter %.o,$$^))
endef
$(eval $(call spec_rule,host,$(BUILD)/tests/spec))
$(eval $(call spec_rule,asan,$(BUILD)/asan/tests/spec))
PRODUCTS += $(BUILD)/tests/spec

# The same with the interpreter of appliances.
$(BUILD)/tests/spec-small: $(foreach r,$(filter-out jit/interp,$(SPEC_ROOMS)),$(call obj_of,host,$(r))) $(call obj_of,small,jit/interp) $(LLVM_LINK_DEPS)
	$(call say,LINK,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(call link_host,$@,$(filter %.o,$^))
TEST_PRODUCTS += $(BUILD)/tests/spec-small

SPEC_TIERS ?= interp baseline o0 o1 o2 o3 auto
.PHONY: spec spec-asan
spec: $(BUILD)/tests/spec ## the specification's vectors in every tier (SPEC_DIR, SPEC_TIERS)
	@set -e; for t in $(SPEC_TIERS); do echo "== tier $$t"; SPEC_DIR=$(SPEC_DIR) $< --tier=$$t $$([ $$t != auto ] || echo --threshold=1 --compile=sync); done
spec-asan: $(BUILD)/asan/tests/spec ## the vectors in the interpreter under the sanitizers
	SPEC_DIR=$(SPEC_DIR) $< --tier=interp

# The same in the image: one that has the runner in place of the engine's main, and the vectors as its boot module.
spec_image_objs = $(filter-out %/jit/engine/image_main.c.o,$(foreach r,$(filter boot kernel_lib jit/%,$(call rooms_in,image)) tests/spec,$(call obj_of,image,$(r))))
$(BUILD)/spec.elf: $(spec_image_objs) $(IMAGE_DEPS)
	$(call say,IMAGE,$@)
	$(call link_image,$@,$(filter %.o,$^),$(IMAGE_LIBS))
TEST_PRODUCTS += $(BUILD)/spec.elf

SPEC_FOLDERS := $(wildcard $(SPEC_DIR)/*/)
ifneq ($(SPEC_FOLDERS),)
$(BUILD)/spec/dir: FORCE # another SPEC_DIR packs anew
	$(Q)mkdir -p $(@D); echo '$(abspath $(SPEC_DIR))' | cmp -s - $@ || echo '$(abspath $(SPEC_DIR))' > $@
$(BUILD)/spec/vectors.tar: $(BUILD)/spec/dir $(SPEC_FOLDERS) $(wildcard tests/spec/known-*.txt) tests/spec/pack
	$(call say,TAR,$@)
	$(Q)tests/spec/pack $(SPEC_DIR) $@
SPEC_VECTORS := $(BUILD)/spec/vectors.tar
TEST_PRODUCTS += $(SPEC_VECTORS)
endif

.PHONY: spec-image
spec-image: $(BUILD)/spec.elf $(SPEC_VECTORS) ## the vectors inside the image: the interpreter, and O1 for core-2.0
	@SPEC_DIR=$(SPEC_DIR) tests/spec/run_image --tier=interp
	@SPEC_DIR=$(SPEC_DIR) tests/spec/run_image --tier=o1 --levels=core-2.0,simd
