# Its input, and its expected output, which depends on the input.
WORDFREQ_BYTES := 1500000
$(BUILD)/apps/wordfreq/words.txt: apps/wordfreq/make_text.py
	$(call say,GEN,$@)
	$(Q)mkdir -p $(@D)
	$(Q)python3 $< $@ $(WORDFREQ_BYTES)
$(BUILD)/apps/wordfreq/expected.txt: apps/wordfreq/reference.py $(BUILD)/apps/wordfreq/words.txt
	$(call say,GEN,$@)
	$(Q)python3 $^ > $@
APP_FILES += $(BUILD)/apps/wordfreq/words.txt $(BUILD)/apps/wordfreq/expected.txt
