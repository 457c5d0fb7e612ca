# What outlives a boot: compiled code as packed objects, and the store on a disk.
ROOMS += jit/snapshot
# The store needs nothing but kernel_lib: it is also in test programs without an engine.
STORE_SRC := store.c store_read.c store_write.c xxh64.c
# The disk that was booted.
BOOT_SRC := boot_disk.c boot_control.c
jit/snapshot.SRC           := obj.c xxh64.c crc32c.c payload_read.c pages_read.c inst_state_restore.c $(BOOT_SRC)
# Likewise: an appliance on a disk.
RAW_SRC := raw.c payload_write.c bytes.c crc32c.c
jit/snapshot.SRC.host      := obj_pack.c slot.c pages_pack.c inst_state_take.c $(filter-out crc32c.c,$(RAW_SRC)) \
	$(filter-out xxh64.c,$(STORE_SRC))
jit/snapshot.SRC.asan      := $(jit/snapshot.SRC.host)
jit/snapshot.SRC.image     := $(jit/snapshot.SRC.host)
jit/snapshot.SEES := kernel_lib jit/rt
jit/snapshot.IN   := host image appliance
# Loading code and unpacking memory are most of an appliance's start.
jit/snapshot.CFLAGS.appliance := -O2
