/* llvm_ctors.h: LLVM's static constructors, kept out of the program's start. */
#ifndef KERNEL_LIB_LLVM_CTORS_H
#define KERNEL_LIB_LLVM_CTORS_H

/* Runs them, once; later calls do nothing. Before the first use of anything of LLVM's. Where they run at
 * start as usual (a program linked without linker/llvm_ctors.ld), does nothing. */
void llvm_ctors_run(void);

#endif
