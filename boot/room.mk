# From the boot loader's hand-over to long mode and struct boot_info.
ROOMS += boot
boot.IN := image appliance
boot.SRC := entry.asm boot_main.c
boot.SRC.image := ap.asm
boot.SEES := kernel_lib
