/* libc_absent.c: functions that LLVM and libstdc++ name but that nothing here reaches: other processes,
 * character set conversion, time as text, user data bases, compression of debug sections. A call ends as
 * abort() does and says which it was. (The C names differ from the symbols, so that the real prototypes do
 * not matter.) */
#include "libc_priv.h"

#define ABSENT(name)                                                                                         \
    _Noreturn void absent_##name(void) __asm__(#name);                                                       \
    _Noreturn void absent_##name(void)                                                                       \
    {                                                                                                        \
        libc_die("not in the image's C library: ", #name);                                                   \
    }
#include "libc_absent.def"
