# Which LLVM libraries we link, and how, for both builds.
#
# Recursive variables on purpose: llvm-config runs only when a recipe needs it, so that `make deps` works
# on a machine that has no LLVM yet.
LLVM_COMPONENTS := core orcjit passes bitreader bitwriter linker x86codegen x86asmparser x86desc x86info
LLVM_CONFIG     := $(LLVM)/bin/llvm-config
LLVM_ARCHIVES    = $(shell $(LLVM_CONFIG) --link-static --libs $(LLVM_COMPONENTS))
LLVM_CPPFLAGS   := -isystem $(LLVM)/include -D__STDC_CONSTANT_MACROS -D__STDC_FORMAT_MACROS -D__STDC_LIMIT_MACROS

# --- Hosted. ---------------------------------------------------------------------------------------------
# Static and not position-independent: everything lies below 0x10000000, the fixed ranges of plat.h are free.
LLVM_LIBS_HOST = -L$(LLVM)/lib $(LLVM_ARCHIVES) -lz -lzstd -lpthread -ldl -lm
HOST_LDFLAGS  := -fuse-ld=lld -Wl,--gc-sections -Wl,-z,separate-code,-z,norelro
# $(call link_host,OUT,OBJECTS) and $(call link_asan,OUT,OBJECTS): a program with LLVM in it.
link_host = $(CXX) -static $(HOST_LDFLAGS) -Wl,-T,linker/llvm_ctors.ld -o $(1) $(2) $(LLVM_LIBS_HOST)
link_asan = $(CXX) -no-pie $(HOST_LDFLAGS) -fsanitize=address,undefined -Wl,-T,linker/llvm_ctors.ld -o $(1) $(2) $(LLVM_LIBS_HOST)

# --- Image. ----------------------------------------------------------------------------------------------
# kernel_lib/libc stands before these and defines what they lack, and whatever of LLVM-libc would enter a kernel.
GCC_LIBS   = $(dir $(shell $(CXX) -print-file-name=libstdc++.a))
IMAGE_LIBS = -L$(LLVM)/lib $(LLVM_ARCHIVES) $(LLVM)/lib/libllvmlibc.a $(GCC_LIBS)libstdc++.a $(GCC_LIBS)libgcc_eh.a \
	$(GCC_LIBS)libgcc.a $(shell $(CXX) -print-file-name=libz.a)
