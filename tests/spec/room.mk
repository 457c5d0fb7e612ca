# The runner of the specification's vectors: a program of its own (build/tests/spec, product `spec`).
ROOMS += tests/spec
tests/spec.IN := spec
tests/spec.SRC := json.c spec_value.c spec_test.c spec_run.c spec_suite.c
tests/spec.SRC.host := spec.c spec_validate.c
tests/spec.SRC.asan := spec.c spec_validate.c
tests/spec.SRC.image := spec_image.c
tests/spec.SEES := $(filter kernel_lib jit/%,$(ROOMS))
tests/spec.CFLAGS := -DSPEC_KNOWN_DIR='"tests/spec"'
