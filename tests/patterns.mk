# Known algorithms.
COUNT ?= 10000
SEEDS ?= 400
.PHONY: patterns-random patterns-recall patterns-decoders scan-patterns
patterns-random: $(BUILD)/anneal ## random inputs for every kernel (COUNT=10000)
	$(Q)tests/patterns/random $(COUNT)
patterns-recall: $(BUILD)/anneal ## how much is found of what compilers, flags and languages make of naive loops (VARIANTS="'clang-19 -O2'")
	$(Q)tests/patterns/recall $(VARIANTS)
patterns-decoders: $(BUILD)/anneal ## decoders with and without kernels on random and damaged input (SEEDS=400, VARIANTS=--all; sources from Debian)
	$(Q)tests/patterns/decoders --seeds=$(SEEDS) $(VARIANTS)
scan-patterns: $(BUILD)/anneal ## places that are found in modules of others (downloads modules from npm into build/bench)
	$(Q)tests/patterns/scan
