FUZZ_COUNT ?= 500
FUZZ_SEED  ?= 1
.PHONY: fuzz
fuzz: $(BUILD)/anneal ## random modules, every tier against the interpreter (FUZZ_COUNT, FUZZ_SEED)
	$(Q)tests/fuzz/run --count=$(FUZZ_COUNT) --seed=$(FUZZ_SEED)
	$(Q)tests/fuzz/run --loops --count=$(FUZZ_COUNT) --seed=$(FUZZ_SEED)
	$(Q)tests/fuzz/run --vectors --count=$(FUZZ_COUNT) --seed=$(FUZZ_SEED)
	$(Q)tests/fuzz/run --exceptions --count=$(FUZZ_COUNT) --seed=$(FUZZ_SEED)
