# The example apps: apps/NAME/NAME.c becomes build/apps/NAME.wasm. Beside each source: expected.txt (what it must print), and if
# needed args (one a line), stdin, files (HOST-PATH GUEST-NAME a line), app.mk (NAME.CFLAGS, generated inputs).
WASM_CC       := $(CC) --target=wasm32-wasi
WASM_CFLAGS   := -O2 -std=c11 -Wall -Wextra -Werror -Iapps/include -Wl,--strip-debug
APPS          := $(sort $(patsubst apps/%/,%,$(dir $(wildcard apps/*/*.c))))
APP_WASMS     := $(APPS:%=$(BUILD)/apps/%.wasm)
-include $(wildcard apps/*/app.mk)

define app_rule
$(BUILD)/apps/$(1).wasm: $(wildcard apps/$(1)/*.c apps/$(1)/*.h apps/include/*.h apps/$(1)/app.mk)
	$$(call say,WASM,$$@)
	$(Q)mkdir -p $$(@D)
	$(Q)$(WASM_CC) $(WASM_CFLAGS) $($(1).CFLAGS) $$(filter %.c,$$^) -o $$@
endef
$(foreach a,$(APPS),$(eval $(call app_rule,$(a))))

.PHONY: apps
apps: $(APP_WASMS) $(APP_FILES) ## the example apps as WebAssembly (build/apps)
