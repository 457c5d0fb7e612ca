# WASI preview 1 as host functions. Files come from blobs in the image, from directories in the command.
ROOMS += jit/wasi
jit/wasi.SRC       := wasi.c wasi_env.c wasi_fd.c wasi_path.c wasi_poll.c wasi_fs_blob.c
jit/wasi.SRC.host  := wasi_fs_host.c wasi_fs_host_path.c
jit/wasi.SRC.asan  := $(jit/wasi.SRC.host)
jit/wasi.SRC.image := wasi_fs_image.c
jit/wasi.SEES := kernel_lib jit/rt jit/wasm
jit/wasi.IN   := host image
