# The embedder of programs that import more than WASI.
$(BUILD)/tests/host: tests/programs/host.c $(BUILD)/libanneal.a
	$(call say,LINK,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) -std=c11 -O2 -Wall -Wextra -Werror -Ijit/include $< $(BUILD)/libanneal.a -static -fno-pie -fuse-ld=lld $(EMBED_LIBS) -o $@
TEST_PRODUCTS += $(BUILD)/tests/host

.PHONY: programs
programs: $(BUILD)/anneal $(BUILD)/tests/host ## programs of others, compared with Node (downloads them into build)
	$(Q)tests/programs/run
