# What must hold of the linked image.
.PHONY: check-link
check-link: $(BUILD)/anneal.elf ## the image: no undefined symbol, no way into a kernel, the libc symbols we mean
	tools/check-link $(BUILD)/anneal.debug.elf
