# The example apps: apps/NAME/NAME.c (or .cpp) becomes build/apps/NAME.wasm. Beside each source: expected.txt (what it must print), and if
# needed args (one a line), stdin, files (HOST-PATH GUEST-NAME a line), app.mk (NAME.CFLAGS, generated inputs).
WASM_CC       := $(CC) --target=wasm32-wasi
WASM_CFLAGS   := -O2 -std=c11 -Wall -Wextra -Werror -Iapps/include
WASM_CXX      := $(CXX) --target=wasm32-wasi
WASM_CXXFLAGS := -O2 -std=c++17 -Wall -Wextra -Werror
WASM_LDFLAGS  := -Wl,--strip-debug
APPS          := $(sort $(patsubst apps/%/,%,$(dir $(wildcard apps/*/*.c apps/*/*.cpp))))
APP_WASMS     := $(APPS:%=$(BUILD)/apps/%.wasm)
-include $(wildcard apps/*/app.mk)

define app_rule
# Linked in a step of its own, without -O: with it clang would run binaryen's wasm-opt wherever that is installed, which
# drops the function names and makes the result depend on the machine.
$(BUILD)/apps/$(1)/%.o: apps/$(1)/%.c $(wildcard apps/$(1)/*.h apps/include/*.h apps/$(1)/app.mk)
	$(Q)mkdir -p $$(@D)
	$(Q)$(WASM_CC) $(WASM_CFLAGS) $($(1).CFLAGS) -c $$< -o $$@
$(BUILD)/apps/$(1)/%.o: apps/$(1)/%.cpp $(wildcard apps/$(1)/*.h apps/$(1)/app.mk)
	$(Q)mkdir -p $$(@D)
	$(Q)$(WASM_CXX) $(WASM_CXXFLAGS) $($(1).CXXFLAGS) -c $$< -o $$@
$(BUILD)/apps/$(1).wasm: $(patsubst apps/%,$(BUILD)/apps/%.o,$(basename $(wildcard apps/$(1)/*.c apps/$(1)/*.cpp)))
	$$(call say,WASM,$$@)
	$(Q)$(if $(wildcard apps/$(1)/*.cpp),$(WASM_CXX),$(WASM_CC)) $(WASM_LDFLAGS) $($(1).LDFLAGS) $$^ -o $$@
endef
$(foreach a,$(APPS),$(eval $(call app_rule,$(a))))

.PHONY: apps
apps: $(APP_WASMS) $(APP_FILES) ## the example apps as WebAssembly (build/apps)
