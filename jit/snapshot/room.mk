# What outlives a boot: the store on a disk.
ROOMS += jit/snapshot
jit/snapshot.SRC  := store.c store_read.c store_write.c xxh64.c
jit/snapshot.SEES := kernel_lib
jit/snapshot.IN   := host image
