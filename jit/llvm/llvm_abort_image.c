/* llvm_abort_image.c: abort() during a compilation, in the image. */
#include "libc.h"
#include "llvm_priv.h"

void llvm_abort_install(void)
{
    libc_on_abort = llvm_on_abort;
}
