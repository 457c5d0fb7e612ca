/* fault_default.c: in a program without an engine (boot smoke tests, early bring-up) no fault is a guest's.
 */
#include "plat.h"

__attribute__((weak)) bool plat_on_fault(struct plat_fault *f)
{
    (void)f;
    return false;
}

__attribute__((weak)) bool plat_on_alarm(struct plat_fault *f)
{
    (void)f;
    return false;
}
