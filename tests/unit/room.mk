# Unit tests. The image carries them all (`test=all` on its command line); hosted they are a program of their
# own (build/tests/unit, product `unit`), so that the hosted products link without them.
ROOMS += tests/unit
tests/unit.IN := image unit
tests/unit.SRC := unit.c cxx_throw.cpp $(patsubst tests/unit/%,%,$(sort $(wildcard tests/unit/test_*.c)))
tests/unit.SRC.host := host_main.c
tests/unit.SRC.asan := host_main.c
# Private headers that tests look into; exceptions for cxx_throw.cpp.
tests/unit.CFLAGS := -Itests/unit -Ijit/include -Ikernel_lib/plat/fake -Ikernel_lib/libc -Ijit/baseline -fexceptions
tests/unit.SEES := $(filter kernel_lib jit/%,$(ROOMS))
