/* selftest_priv.h: deliberate faults, to show that the machine catches them. */
#ifndef KERNEL_LIB_SELFTEST_PRIV_H
#define KERNEL_LIB_SELFTEST_PRIV_H

#include "boot_info.h"

/* Does what the kernel option `selftest=NAME` asks for, if there is one. */
void selftest_run(const struct boot_info *info);

#endif
