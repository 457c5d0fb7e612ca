# WASI preview 1 as host functions. Files are in memory in the image, in the host's directories in the command.
ROOMS += jit/wasi
jit/wasi.SRC       := wasi.c wasi_env.c wasi_fd.c wasi_path.c wasi_poll.c wasi_rights.c wasi_sock.c wasi_walk.c \
	wasi_ram.c wasi_ram_data.c wasi_ram_tree.c
jit/wasi.SRC.host  := wasi_fs_host.c wasi_fs_host_path.c
jit/wasi.SRC.asan  := $(jit/wasi.SRC.host)
jit/wasi.SRC.image := wasi_fs_image.c
jit/wasi.SRC.appliance := wasi_fs_image.c
jit/wasi.SEES := kernel_lib jit/rt jit/wasm
jit/wasi.IN   := host image appliance
