# An image without an engine (linker/image.mk links build/boot-test.elf).
ROOMS += tests/boot
tests/boot.SRC.image := boot_test.c boot_disk.c boot_worker.c
tests/boot.SEES := kernel_lib jit/snapshot
