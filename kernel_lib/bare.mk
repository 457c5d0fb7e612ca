# kernel_lib on the bare machine.
kernel_lib.SRC += core/cmdline.c
BARE_SRC := \
	cpu/elf.c cpu/fault.c cpu/idt.c cpu/idt_stubs.asm cpu/ksyms.c cpu/panic.c cpu/selftest.c cpu/state.c cpu/tls.c \
	memory/lazy.c memory/phys.c memory/space.c memory/stack.c memory/vm.c \
	io/console.c io/input.c \
	dev/acpi.c dev/clock.c dev/font.c dev/kbd.c dev/pci.c dev/power.c dev/screen.c dev/timer.c dev/uart.c \
	dev/virtio.c dev/virtio_blk.c dev/virtio_mmio.c dev/virtio_pci.c \
	plat/bare/bare_disk.c plat/bare/bare_file.c plat/bare/bare_memory.c plat/bare/bare_time.c plat/bare/blob.c plat/bare/kernel_main.c
kernel_lib.SRC.image     += $(BARE_SRC) cpu/smp.c plat/bare/bare_part.c plat/bare/bare_worker.c
kernel_lib.SRC.appliance += $(BARE_SRC)
kernel_lib.CFLAGS += -Ikernel_lib
