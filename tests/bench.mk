# Measurements. They need a quiet machine to be worth keeping, so `make test` does not run them.
BENCH_LOAD := $(BUILD)/tests/load
$(BENCH_LOAD): $(foreach r,$(filter kernel_lib jit/%,$(call rooms_in,host)) tests/bench,$(call obj_of,host,$(r))) linker/llvm_ctors.ld
	$(call say,LINK,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(call link_host,$@,$(filter %.o,$^))

.PHONY: bench bench-load
bench: bench-load ## what loading costs, beside V8 (downloads modules from npm into build/bench)
bench-load: $(BENCH_LOAD)
	$(Q)tests/bench/load
