# The machine and what everything else is written against (plat.h, heap.h, fmt.h, status.h).
ROOMS += kernel_lib
kernel_lib.IN := host image appliance
kernel_lib.SRC := core/err.c core/fmt.c core/number.c core/arena.c core/kheap.c core/cpuid.c core/cpu_features.c core/fault_default.c core/lazy_default.c
kernel_lib.SRC.host := core/llvm_ctors.c libc/math_x87.c core/heap_host.c plat/host/host_memory.c plat/host/host_io.c plat/host/host_disk.c plat/host/host_fault.c plat/host/host_symbols.c plat/host/host_worker.c
kernel_lib.SRC.image := core/llvm_ctors.c libc/math_x87.c core/heap_image.c libc/libc_absent.c libc/libc_ctype.c libc/libc_file.c libc/libc_heap.c libc/libc_math.c \
	libc/libc_process.c libc/libc_stdio.c libc/libc_thread.c libc/libc_unwind.c
kernel_lib.SRC.asan := $(kernel_lib.SRC.host)
# The few functions of C's library that our own code names, for an image without one.
kernel_lib.SRC.appliance := core/heap_image.c libc/mini_string.c libc/mini_number.c
-include kernel_lib/bare.mk
# What an appliance does before its app begins.
kernel_lib.CFLAGS.appliance := -Os
