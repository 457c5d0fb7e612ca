# What `make bench` runs in its own process: products of their own.
ROOMS += tests/bench
tests/bench.IN := bench
tests/bench.SRC := load.c
tests/bench.SEES := $(filter kernel_lib jit/%,$(ROOMS))
tests/bench.CFLAGS := -D_POSIX_C_SOURCE=200809L
