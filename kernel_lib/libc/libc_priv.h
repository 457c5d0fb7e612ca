/* libc_priv.h: what the files of the image's C library share.
 *
 * They implement the binary interface of the glibc that Debian's LLVM and libstdc++ archives were compiled
 * against, so they include its headers, for types and constants; nothing of its code is linked. */
#ifndef KERNEL_LIB_LIBC_PRIV_H
#define KERNEL_LIB_LIBC_PRIV_H

/* Sets errno and returns -1. */
int libc_fail(int error);

/* abort() with a reason: for what cannot be done here and has no way to say so. */
_Noreturn void libc_die(const char *what, const char *name);

#endif
