/* llvm_ctors.c: runs the constructors that linker/llvm_ctors.ld or linker/full.ld gathered. */
#include "llvm_ctors.h"

#include <stdbool.h>

typedef void ctor(void);
extern ctor *const __llvm_ctors_start[] __attribute__((weak));
extern ctor *const __llvm_ctors_end[] __attribute__((weak));

void llvm_ctors_run(void)
{
    static bool done;
    if (done)
        return;
    done = true;
    for (ctor *const *c = __llvm_ctors_start; c < __llvm_ctors_end; c++)
        (*c)();
}
