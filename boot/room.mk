# From the boot loader's hand-over to long mode and struct boot_info.
ROOMS += boot
boot.IN := image appliance
boot.SRC := entry.asm boot_main.c
boot.SEES := kernel_lib
