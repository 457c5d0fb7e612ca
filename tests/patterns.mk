# Known algorithms.
COUNT ?= 10000
.PHONY: patterns-random scan-patterns
patterns-random: $(BUILD)/anneal ## random inputs for every kernel (COUNT=10000)
	$(Q)tests/patterns/random $(COUNT)
scan-patterns: $(BUILD)/anneal ## places that are found in modules of others (downloads modules from npm into build/bench)
	$(Q)tests/patterns/scan
