/* WebAssembly only: what wasi-libc would import, inside the module, so that it imports nothing. No row uses
 * files. */
#include <stdint.h>

enum { EBADF_WASI = 8 };
#define CALL(name, ...) int32_t __imported_wasi_snapshot_preview1_##name(__VA_ARGS__)

CALL(fd_close, int32_t a)
{
    (void)a;
    return EBADF_WASI;
}
CALL(fd_seek, int32_t a, int64_t b, int32_t c, int32_t d)
{
    (void)a, (void)b, (void)c, (void)d;
    return EBADF_WASI;
}
CALL(fd_read, int32_t a, int32_t b, int32_t c, int32_t d)
{
    (void)a, (void)b, (void)c, (void)d;
    return EBADF_WASI;
}
CALL(fd_write, int32_t a, int32_t b, int32_t c, int32_t d)
{
    (void)a, (void)b, (void)c, (void)d;
    return EBADF_WASI;
}
CALL(fd_fdstat_get, int32_t a, int32_t b)
{
    (void)a, (void)b;
    return EBADF_WASI;
}
CALL(fd_fdstat_set_flags, int32_t a, int32_t b)
{
    (void)a, (void)b;
    return EBADF_WASI;
}
CALL(fd_prestat_get, int32_t a, int32_t b)
{
    (void)a, (void)b;
    return EBADF_WASI;
}
CALL(fd_prestat_dir_name, int32_t a, int32_t b, int32_t c)
{
    (void)a, (void)b, (void)c;
    return EBADF_WASI;
}
CALL(fd_renumber, int32_t a, int32_t b)
{
    (void)a, (void)b;
    return EBADF_WASI;
}
CALL(path_open, int32_t a, int32_t b, int32_t c, int32_t d, int32_t e, int64_t f, int64_t g, int32_t h,
     int32_t i)
{
    (void)a, (void)b, (void)c, (void)d, (void)e, (void)f, (void)g, (void)h, (void)i;
    return EBADF_WASI;
}
CALL(path_unlink_file, int32_t a, int32_t b, int32_t c)
{
    (void)a, (void)b, (void)c;
    return EBADF_WASI;
}
CALL(path_remove_directory, int32_t a, int32_t b, int32_t c)
{
    (void)a, (void)b, (void)c;
    return EBADF_WASI;
}
CALL(path_rename, int32_t a, int32_t b, int32_t c, int32_t d, int32_t e, int32_t f)
{
    (void)a, (void)b, (void)c, (void)d, (void)e, (void)f;
    return EBADF_WASI;
}
CALL(environ_sizes_get, int32_t *count, int32_t *bytes)
{
    *count = *bytes = 0;
    return 0;
}
CALL(environ_get, int32_t a, int32_t b)
{
    (void)a, (void)b;
    return 0;
}
CALL(clock_time_get, int32_t a, int64_t b, int64_t *out)
{
    (void)a, (void)b;
    *out = 0;
    return 0;
}
_Noreturn void __imported_wasi_snapshot_preview1_proc_exit(int32_t code)
{
    (void)code;
    __builtin_trap();
}
