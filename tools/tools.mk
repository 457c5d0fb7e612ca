# The hosted products: the command, its sanitized twin, and the library for embedding.
LIB_ROOMS = $(filter kernel_lib jit/%,$(call rooms_in,host))
lib_objs  = $(foreach r,$(LIB_ROOMS),$(call obj_of,$(1),$(r)))

PRODUCTS += $(BUILD)/anneal $(BUILD)/libanneal.a

$(BUILD)/anneal: $(call lib_objs,host) $(call obj_of,host,tools) $(BUILD)/obj/runtime_elf.o $(LLVM_LINK_DEPS)
	$(call say,LINK,$@)
	$(Q)$(call link_host,$@,$(filter %.o,$^))

$(BUILD)/asan/anneal: $(call lib_objs,asan) $(call obj_of,asan,tools) $(BUILD)/obj/runtime_elf.o $(LLVM_LINK_DEPS)
	$(call say,LINK,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(call link_asan,$@,$(filter %.o,$^))

# One archive with LLVM inside, so that an embedder names one file (docs/embedding.md has the line).
$(BUILD)/libanneal.a: $(call lib_objs,host) $(LLVM_GREEDY)
	$(call say,AR,$@)
	$(Q)rm -f $@; { echo 'create $@'; for o in $(filter %.o,$^); do echo "addmod $$o"; done; \
	  for a in $(LLVM_GREEDY) $$($(LLVM_CONFIG) --link-static --libfiles $(LLVM_COMPONENTS)); do echo "addlib $$a"; done; \
	  echo save; echo end; } | $(AR) -M

# The example of docs/embedding.md, linked as an embedder would.
EMBED_LIBS := -lstdc++ -lz -lzstd -lpthread -ldl -lm
$(BUILD)/tests/embed: tests/embed/example.c $(BUILD)/libanneal.a
	$(call say,LINK,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) -std=c11 -O2 -Wall -Wextra -Werror -Ijit/include $< $(BUILD)/libanneal.a -static -fno-pie -fuse-ld=lld $(EMBED_LIBS) -o $@

.PHONY: deps check fmt
deps: ## install missing Debian packages by name (asks for root once)
	$(Q)tools/deps build iso run apps test check
check: ## formatter, static analysis, layers, generated documents, links
	$(Q)tools/check
fmt: ## run the formatter over all sources
	$(Q)clang-format-19 -i $$(git ls-files '*.c' '*.h' '*.cpp')

# --- The two commands of the README. Both install what is missing first; the build proper is a make of its own,
# because variables of this one were read before the packages were there. ---
APP  ?= $(BUILD)/apps/demo.wasm
ARGS ?=
# The demo is short: it is to climb sooner.
RUN_OPTIONS ?= $(if $(filter $(BUILD)/apps/demo.wasm,$(APP)),--threshold=4000)
JOBS ?= $(shell nproc)
.PHONY: run run-image test test-products
run: ## boot the full image by GRUB2 in QEMU and run APP=FILE.wasm ARGS="..." in it (default: the demo)
	$(Q)tools/deps build iso run apps
	$(Q)$(MAKE) --no-print-directory -j$(JOBS) run-image
run-image: $(BUILD)/anneal.elf $(APP)
	$(Q)tools/run --boot=bios --report $(RUN_OPTIONS) $(APP) $(ARGS)

.PHONY: disk
disk: $(BUILD)/anneal.elf $(APP) ## build/anneal.img anew: a bootable raw disk with APP="FILE.wasm", which converges by itself
	$(call say,DISK,$(BUILD)/anneal.img)
	$(Q)tools/mkdisk -o $(BUILD)/anneal.img $(BUILD)/anneal.elf "$(APP)$(if $(ARGS),=$(ARGS))"

test: ## build everything and run every test suite (tools/test --list)
	$(Q)tools/deps build iso run apps test check
	$(Q)$(MAKE) --no-print-directory -j$(JOBS) test-products
	$(Q)SPEC_DIR=$(SPEC_DIR) tools/test
test-products: products $(BUILD)/asan/anneal $(BUILD)/asan/tests/unit $(BUILD)/tests/embed $(TEST_PRODUCTS)

.PHONY: figures
figures: $(BUILD)/anneal.elf $(APP_WASMS) ## the figures of README.md (image, one tick = one instruction)
	$(Q)tests/bench/figures

.PHONY: converge
BOOTS ?= 6
converge: ## boots on one state disk until nothing changes, then the appliance: APP=NAME|FILE.wasm|all BOOTS=N; table and page
	$(Q)tools/deps build run apps
	$(Q)$(MAKE) --no-print-directory -j$(JOBS) $(BUILD)/anneal $(BUILD)/anneal.elf apps
	$(Q)tools/converge --boots=$(BOOTS) $(CONVERGE_OPTIONS) $(if $(filter file,$(origin APP)),demo,$(APP))
