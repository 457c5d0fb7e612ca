# Which LLVM libraries we link, and how, for both builds.
#
# Recursive variables on purpose: llvm-config runs only when a recipe needs it, so that `make deps` works
# on a machine that has no LLVM yet.
LLVM_COMPONENTS := core orcjit passes bitreader bitwriter linker x86codegen x86asmparser x86desc x86info
LLVM_CONFIG     := $(LLVM)/bin/llvm-config
LLVM_ARCHIVES    = $(shell $(LLVM_CONFIG) --link-static --libs $(LLVM_COMPONENTS))
LLVM_CPPFLAGS   := -isystem $(LLVM)/include -D__STDC_CONSTANT_MACROS -D__STDC_FORMAT_MACROS -D__STDC_LIMIT_MACROS

# The greedy register allocator counts the spills that it puts off in a variable of the whole process, against which it weighs the
# next ones (enable-deferred-spilling): the code of a function depends on what was compiled before. jit/llvm sets it back, so that
# name is made visible in a copy of LLVM's object, which stands before LLVM's archives. (Decision 0025.)
LLVM_GREEDY := $(BUILD)/obj/libLLVMGreedy.a
SPILLS_NAME := _ZZNK4llvm22DefaultPriorityAdvisor11getPriorityERKNS_12LiveIntervalEE5MemOp
$(LLVM_GREEDY): linker/llvm.mk
	$(Q)mkdir -p $(@D) && rm -f $@ && cd $(@D) && $(LLVM)/bin/llvm-ar x $(LLVM)/lib/libLLVMCodeGen.a RegAllocGreedy.cpp.o
	$(Q)cd $(@D) && $(LLVM)/bin/llvm-objcopy --globalize-symbol=$(SPILLS_NAME) RegAllocGreedy.cpp.o && $(LLVM)/bin/llvm-ar rcs $(@F) RegAllocGreedy.cpp.o

# --- Hosted. ---------------------------------------------------------------------------------------------
# Static and not position-independent: everything lies below 0x10000000, the fixed ranges of plat.h are free.
LLVM_LIBS_HOST = $(LLVM_GREEDY) -L$(LLVM)/lib $(LLVM_ARCHIVES) -lz -lzstd -lpthread -ldl -lm
HOST_LDFLAGS  := -fuse-ld=lld -Wl,--gc-sections -Wl,-z,separate-code,-z,norelro
LLVM_LINK_DEPS := linker/llvm_ctors.ld $(LLVM_GREEDY)
# $(call link_host,OUT,OBJECTS) and $(call link_asan,OUT,OBJECTS): a program with LLVM in it.
link_host = $(CXX) -static $(HOST_LDFLAGS) -Wl,-T,linker/llvm_ctors.ld -o $(1) $(2) $(LLVM_LIBS_HOST)
link_asan = $(CXX) -no-pie $(HOST_LDFLAGS) -fsanitize=address,undefined -Wl,-T,linker/llvm_ctors.ld -o $(1) $(2) $(LLVM_LIBS_HOST)

# --- Image. ----------------------------------------------------------------------------------------------
# kernel_lib/libc stands before these and defines what they lack, and whatever of LLVM-libc would enter a kernel.
GCC_LIBS   = $(dir $(shell $(CXX) -print-file-name=libstdc++.a))
IMAGE_LIBS = $(LLVM_GREEDY) -L$(LLVM)/lib $(LLVM_ARCHIVES) $(LLVM)/lib/libllvmlibc.a $(GCC_LIBS)libstdc++.a $(GCC_LIBS)libgcc_eh.a \
	$(GCC_LIBS)libgcc.a $(shell $(CXX) -print-file-name=libz.a)
$(BUILD)/anneal.elf $(BUILD)/spec.elf: $(LLVM_GREEDY)
