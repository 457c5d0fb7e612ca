# Measurements. They need a quiet machine to be worth keeping, so `make test` does not run them.
BENCH_LOAD := $(BUILD)/tests/load
$(BENCH_LOAD): $(foreach r,$(filter kernel_lib jit/%,$(call rooms_in,host)) tests/bench,$(call obj_of,host,$(r))) $(LLVM_LINK_DEPS)
	$(call say,LINK,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(call link_host,$@,$(filter %.o,$^))

# Rows against other engines: ROWS=GLOB,... GROUP=app,kernel,check,poly,call ROUNDS=N, and whatever else tests/bench/bench takes in BENCH.
ROWS   ?= *
GROUP  ?=
ROUNDS ?= 3
BENCH  ?=
.PHONY: bench bench-cold bench-total bench-patterns bench-image bench-load bench-compile bench-deps
bench-deps:
	$(Q)tools/deps build apps bench
bench: bench-deps $(BUILD)/anneal ## rows beside native code, Node.js and wasm2c: ROWS= GROUP= ROUNDS= (sources by apt-get source)
	$(Q)tests/bench/bench '--rows=$(ROWS)' --group=$(GROUP) --rounds=$(ROUNDS) $(BENCH)
bench-cold: bench-deps $(BUILD)/anneal ## process start to exit with one result
	$(Q)tests/bench/bench --no-steady --cold=$(ROUNDS) --add $(BENCH)
bench-total: bench-deps $(BUILD)/anneal ## the same for native work of 10 ms to 10 s: ROWS= GROUP= ROUNDS=
	$(Q)tests/bench/bench --no-steady '--rows=$(ROWS)' --group=$(GROUP) --total=$(ROUNDS) --add $(BENCH)
bench-patterns: bench-deps $(BUILD)/anneal ## kernels beside generic code: ROUNDS=, BENCH=--apps for applications, too
	$(Q)tests/bench/patterns --rounds=$(ROUNDS) $(BENCH)
bench-image: bench-deps $(BUILD)/anneal.elf ## rows in the image, by tier (one tick = one instruction)
	$(Q)tests/bench/image $(BENCH)
bench-load: $(BENCH_LOAD) ## what loading costs, beside V8 (downloads modules from npm into build/bench)
	$(Q)tests/bench/load
bench-compile: $(BENCH_LOAD) $(BUILD)/anneal ## how fast each tier compiles them: functions and MB a second, memory
	$(Q)tests/bench/compile
