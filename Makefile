# Anneal: one non-recursive make. Rooms (room.mk files) say what they contain, what they may see and in
# which products they are; everything else derives from that. `make help` lists the targets.
.DELETE_ON_ERROR:
.SUFFIXES:
MAKEFLAGS += --no-builtin-rules
SHELL := /bin/bash

BUILD ?= build
LLVM  ?= /usr/lib/llvm-19
CC    := clang-19
CXX   := clang++-19
LD    := ld.lld-19
AR    := llvm-ar-19
NASM  := nasm
Q     := $(if $(V),,@)
say    = $(if $(V),,@printf '  %-7s %s\n' '$(1)' '$(2)')

.PHONY: all
all: products

# --- Rooms -----------------------------------------------------------------------------------------------
# Each room.mk adds its folder to ROOMS and sets, under that name:
#   .SRC   sources, relative to the folder (.c .cpp .asm)     .SEES  rooms whose public headers it may include
#   .SRC.host .SRC.asan .SRC.image .SRC.appliance  sources of that variant only
#   .IN    products: host (also asan), image, appliance       .CFLAGS extra flags
# A room's public headers are kernel_lib/include (room kernel_lib) or jit/include/<room> (rooms jit/<room>).
ROOMS :=
include $(sort $(wildcard boot/room.mk kernel_lib/room.mk jit/*/room.mk tools/room.mk tests/*/room.mk))

VARIANTS := host asan image appliance small
inc_of = $(if $(filter jit/%,$(1)),-Ijit/include/$(patsubst jit/%,%,$(1)),-I$(1)/include)

CFLAGS_common := -O2 -g -Wall -Wextra -Werror -Wstrict-prototypes -Wswitch-enum -fno-omit-frame-pointer -mno-omit-leaf-frame-pointer \
	-fno-strict-aliasing -ffp-contract=off -fno-pic -fno-pie -fcf-protection=none -ffunction-sections -fdata-sections
CFLAGS_host   := -DANNEAL_HOST=1
CFLAGS_asan   := -DANNEAL_HOST=1 -DANNEAL_ASAN=1 -fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-sanitize=function
CFLAGS_image  := -DANNEAL_IMAGE=1 -fno-stack-protector -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=0
# The runtime of appliances: small before fast, what is hot is the app's own code; rooms that say -Os run before it begins, or
# beside it. No libc: nothing may be made a call of one.
CFLAGS_appliance := $(CFLAGS_image) -DANNEAL_APPLIANCE=1 -DANNEAL_INTERP_SMALL=1 -Oz
NASMFLAGS_appliance := -DAPPLIANCE
# Its interpreter in the hosted test runner.
CFLAGS_small  := $(CFLAGS_host) -DANNEAL_INTERP_SMALL=1 -Os
CFLAGS_c      := -std=c11
CFLAGS_cpp    := -std=c++17 -fno-exceptions -Wno-unused-parameter

obj_of = $(patsubst %,$(BUILD)/obj/$(1)/$(2)/%.o,$($(2).SRC) $($(2).SRC.$(1)))
rooms_in = $(foreach r,$(ROOMS),$(if $(filter $(1),$($(r).IN)),$(r)))
objs_in  = $(foreach r,$(call rooms_in,$(1)),$(call obj_of,$(2),$(r)))

# Flags live in a file so that changed flags rebuild what they touch.
define flags_rule
$(BUILD)/obj/$(1).flags: FORCE
	$(Q)mkdir -p $$(@D); echo '$(CFLAGS_common) $(CFLAGS_$(1)) $(foreach r,$(ROOMS),$($(r).CFLAGS) $($(r).CFLAGS.$(1)) $($(r).SEES))' | cmp -s - $$@ || \
	  echo '$(CFLAGS_common) $(CFLAGS_$(1)) $(foreach r,$(ROOMS),$($(r).CFLAGS) $($(r).CFLAGS.$(1)) $($(r).SEES))' > $$@
endef
$(foreach v,$(VARIANTS),$(eval $(call flags_rule,$(v))))
.PHONY: FORCE
FORCE:

define room_rule
$(BUILD)/obj/$(1)/$(2)/%.c.o: $(2)/%.c $(BUILD)/obj/$(1).flags | $(GENERATED)
	$$(call say,CC,$$<)
	$(Q)mkdir -p $$(@D)
	$(Q)$(CC) $(CFLAGS_c) $(CFLAGS_common) $(CFLAGS_$(1)) $(call inc_of,$(2)) $(foreach s,$($(2).SEES),$(call inc_of,$(s))) -I$(BUILD)/gen $($(2).CFLAGS) $($(2).CFLAGS.$(1)) -MMD -MP -c $$< -o $$@
$(BUILD)/obj/$(1)/$(2)/%.cpp.o: $(2)/%.cpp $(BUILD)/obj/$(1).flags | $(GENERATED)
	$$(call say,CXX,$$<)
	$(Q)mkdir -p $$(@D)
	$(Q)$(CXX) $(CFLAGS_cpp) $(filter-out -Wstrict-prototypes -Wswitch-enum,$(CFLAGS_common)) $(CFLAGS_$(1)) $(call inc_of,$(2)) $(foreach s,$($(2).SEES),$(call inc_of,$(s))) -I$(BUILD)/gen $($(2).CFLAGS) -MMD -MP -c $$< -o $$@
$(BUILD)/obj/$(1)/$(2)/%.asm.o: $(2)/%.asm
	$$(call say,NASM,$$<)
	$(Q)mkdir -p $$(@D)
	$(Q)$(NASM) -f elf64 -g -F dwarf -Wall -Werror $(NASMFLAGS_$(1)) -I$(2)/ -I$(BUILD)/gen/ -MD $$(@:.o=.d) $$< -o $$@
endef
$(foreach v,$(VARIANTS),$(foreach r,$(ROOMS),$(eval $(call room_rule,$(v),$(r)))))
-include $(foreach v,$(VARIANTS),$(foreach r,$(ROOMS),$(patsubst %.o,%.d,$(call obj_of,$(v),$(r)))))

include $(sort $(wildcard linker/*.mk apps/*.mk tests/*.mk tools/*.mk))

.PHONY: products clean help
products: $(PRODUCTS) ## (all) the command, the image, the ISO, the library, the test runners
clean: ## remove everything built
	rm -rf $(BUILD)
help: ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | sort | awk -F'\t' '{printf "  make %-14s %s\n", $$1, $$2}'
