# What outlives a boot: compiled code as packed objects, and the store on a disk.
ROOMS += jit/snapshot
jit/snapshot.SRC  := obj.c obj_pack.c store.c store_read.c store_write.c xxh64.c
jit/snapshot.SEES := kernel_lib jit/rt
jit/snapshot.IN   := host image
