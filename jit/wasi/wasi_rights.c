/* wasi_rights.c: which rights an open file can have, and which an operation needs.
 *
 * As wasi_snapshot_preview1.witx says: path_open asks for rights, which have to be among those that the
 * directory passes on; of these a descriptor gets the ones that mean something for its type. */
#include "wasi_priv.h"

#define R(name) WASI_RIGHT_##name

/* What a descriptor of whatever type can have. */
#define EVERY_FILE                                                                                           \
    (R(FD_DATASYNC) | R(FD_FDSTAT_SET_FLAGS) | R(FD_SYNC) | R(FD_ADVISE) | R(FD_FILESTAT_GET) |              \
     R(FD_FILESTAT_SET_TIMES) | R(POLL_FD_READWRITE))
#define CONTENTS (R(FD_READ) | R(FD_WRITE) | R(FD_ALLOCATE) | R(FD_FILESTAT_SET_SIZE))
#define POSITION (R(FD_SEEK) | R(FD_TELL))
#define DIRECTORY                                                                                            \
    (R(FD_READDIR) | R(PATH_CREATE_DIRECTORY) | R(PATH_CREATE_FILE) | R(PATH_LINK_SOURCE) |                  \
     R(PATH_LINK_TARGET) | R(PATH_OPEN) | R(PATH_READLINK) | R(PATH_RENAME_SOURCE) | R(PATH_RENAME_TARGET) | \
     R(PATH_FILESTAT_GET) | R(PATH_FILESTAT_SET_SIZE) | R(PATH_FILESTAT_SET_TIMES) | R(PATH_SYMLINK) |       \
     R(PATH_REMOVE_DIRECTORY) | R(PATH_UNLINK_FILE))

u64 wasi_rights_of_type(enum wasi_filetype type)
{
    switch (type) {
    case WASI_FILETYPE_DIRECTORY: return EVERY_FILE | DIRECTORY;
    case WASI_FILETYPE_REGULAR_FILE:
    case WASI_FILETYPE_BLOCK_DEVICE:
    case WASI_FILETYPE_CHARACTER_DEVICE: return EVERY_FILE | CONTENTS | POSITION;
    case WASI_FILETYPE_UNKNOWN:
    case WASI_FILETYPE_SOCKET_DGRAM:
    case WASI_FILETYPE_SOCKET_STREAM:
    case WASI_FILETYPE_SYMBOLIC_LINK: break;
    }
    return EVERY_FILE | CONTENTS; /* a FIFO has no position */
}

/* No right to seek: that is how wasi-libc's isatty() knows a terminal. */
u64 wasi_rights_of_stream(u32 stream)
{
    return (stream == 0 ? R(FD_READ) : R(FD_WRITE)) | R(FD_FDSTAT_SET_FLAGS) | R(FD_FILESTAT_GET) |
           R(POLL_FD_READWRITE);
}

u64 wasi_rights_inherited(enum wasi_filetype type)
{
    return type == WASI_FILETYPE_DIRECTORY ? WASI_RIGHTS_ALL : 0;
}

u64 wasi_rights_to_open(u32 oflags)
{
    return R(PATH_OPEN) | (oflags & WASI_OFLAG_CREAT ? R(PATH_CREATE_FILE) : 0) |
           (oflags & WASI_OFLAG_TRUNC ? R(PATH_FILESTAT_SET_SIZE) : 0);
}

/* Flags that promise syncing need the right to sync. */
u64 wasi_rights_of_fdflags(u32 fdflags)
{
    return (fdflags & WASI_FDFLAG_DSYNC ? R(FD_DATASYNC) : 0) |
           (fdflags & (WASI_FDFLAG_RSYNC | WASI_FDFLAG_SYNC) ? R(FD_SYNC) : 0);
}
