# From validated functions to machine code; the only room that sees LLVM.
ROOMS += jit/llvm
jit/llvm.IN := host image
jit/llvm.SRC := ir_build.c ir_body.c ir_control.c ir_alu.c ir_simd.c ir_memory.c ir_ref.c ir_abi.c ir_exception.c ir_call.c ir_leave.c ir_live.c ir_counts.c llvm_jit.c llvm_pipeline.cpp llvm_addresses.cpp llvm_apart.cpp llvm_offsets.cpp llvm_refill.cpp llvm_reversed.cpp llvm_turn.cpp llvm_iterators.cpp llvm_bounds.cpp llvm_counted.cpp llvm_reroll.cpp llvm_peeled.cpp llvm_lanes.cpp llvm_exits.cpp llvm_triangles.cpp llvm_ranges.cpp llvm_rounding.cpp llvm_conversions.cpp llvm_extend.cpp llvm_wide.cpp llvm_link.cpp
jit/llvm.SRC += llvm_nest.cpp llvm_substitute.cpp llvm_stretch.cpp llvm_patterns.cpp llvm_sums.cpp llvm_search.cpp llvm_maps.cpp llvm_copies.cpp llvm_counts.cpp llvm_bits.cpp llvm_tables.cpp
jit/llvm.SRC += llvm_words.cpp llvm_execution.cpp llvm_bypass.cpp llvm_carried.cpp llvm_sha256.cpp llvm_known.cpp llvm_checksum.cpp llvm_choice.cpp llvm_extremes.cpp llvm_form.cpp llvm_rounds.cpp llvm_library.cpp
jit/llvm.SRC += llvm_values.cpp llvm_advance.cpp llvm_base64.cpp llvm_evaluation.cpp llvm_utf8.cpp llvm_text.cpp llvm_curves.cpp llvm_trace.cpp llvm_elements.cpp llvm_networks.cpp llvm_convolution.cpp llvm_numbers.c
jit/llvm.SRC.host := llvm_abort_host.c
jit/llvm.SRC.asan := llvm_abort_host.c
jit/llvm.SEES := kernel_lib jit/rt jit/wasm jit/prof jit/patterns
jit/llvm.CFLAGS := -isystem $(LLVM)/include -D__STDC_CONSTANT_MACROS -D__STDC_FORMAT_MACROS -D__STDC_LIMIT_MACROS -DNDEBUG
jit/llvm.SRC.image := llvm_abort_image.c
