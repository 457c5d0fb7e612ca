/* libc.h: the C library of the image as the rooms above see it. The image only: hosted programs have the real
 * one.
 *
 * LLVM-libc's archive comes first; kernel_lib/libc defines what LLVM and libstdc++ ask beyond it, and
 * everything that would enter a kernel (there are no files, processes or other threads here). */
#ifndef KERNEL_LIB_LIBC_H
#define KERNEL_LIB_LIBC_H

/* Called by abort() and by everything that ends there (report_fatal_error, an uncaught C++ exception, a
 * function of the C library that the image does not have). May leave by longjmp, which ends only what was
 * going on; when it returns, or is NULL, abort() panics. */
extern void (*libc_on_abort)(void);

#endif
