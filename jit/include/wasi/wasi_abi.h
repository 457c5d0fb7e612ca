/* wasi_abi.h: numbers and layouts of WASI preview 1 (wasi_snapshot_preview1.witx). */
#ifndef JIT_WASI_ABI_H
#define JIT_WASI_ABI_H

enum wasi_errno {
    WASI_SUCCESS = 0,
    WASI_2BIG = 1,
    WASI_ACCES = 2,
    WASI_AGAIN = 6,
    WASI_BADF = 8,
    WASI_BUSY = 10,
    WASI_EXIST = 20,
    WASI_FAULT = 21,
    WASI_FBIG = 22,
    WASI_INTR = 27,
    WASI_INVAL = 28,
    WASI_IO = 29,
    WASI_ISDIR = 31,
    WASI_LOOP = 32,
    WASI_MFILE = 33,
    WASI_MLINK = 34,
    WASI_NAMETOOLONG = 37,
    WASI_NFILE = 41,
    WASI_NODEV = 43,
    WASI_NOENT = 44,
    WASI_NOMEM = 48,
    WASI_NOSPC = 51,
    WASI_NOSYS = 52,
    WASI_NOTDIR = 54,
    WASI_NOTEMPTY = 55,
    WASI_NOTSUP = 58,
    WASI_NXIO = 60,
    WASI_OVERFLOW = 61,
    WASI_PERM = 63,
    WASI_PIPE = 64,
    WASI_ROFS = 69,
    WASI_SPIPE = 70,
    WASI_TXTBSY = 74,
    WASI_XDEV = 75,
    WASI_NOTCAPABLE = 76,
};

enum wasi_filetype {
    WASI_FILETYPE_UNKNOWN,
    WASI_FILETYPE_BLOCK_DEVICE,
    WASI_FILETYPE_CHARACTER_DEVICE,
    WASI_FILETYPE_DIRECTORY,
    WASI_FILETYPE_REGULAR_FILE,
    WASI_FILETYPE_SOCKET_DGRAM,
    WASI_FILETYPE_SOCKET_STREAM,
    WASI_FILETYPE_SYMBOLIC_LINK,
};

#define WASI_RIGHT_FD_READ    (1ull << 1)
#define WASI_RIGHT_FD_SEEK    (1ull << 2)
#define WASI_RIGHT_FD_TELL    (1ull << 5)
#define WASI_RIGHT_FD_WRITE   (1ull << 6)
#define WASI_RIGHT_FD_READDIR (1ull << 14)
#define WASI_RIGHTS_ALL       ((1ull << 30) - 1)

#define WASI_OFLAG_CREAT     1u
#define WASI_OFLAG_DIRECTORY 2u
#define WASI_OFLAG_EXCL      4u
#define WASI_OFLAG_TRUNC     8u

#define WASI_FDFLAG_APPEND 1u
#define WASI_FDFLAGS_ALL   31u

#define WASI_LOOKUP_SYMLINK_FOLLOW 1u

enum wasi_whence { WASI_WHENCE_SET, WASI_WHENCE_CUR, WASI_WHENCE_END };
enum wasi_clockid {
    WASI_CLOCK_REALTIME,
    WASI_CLOCK_MONOTONIC,
    WASI_CLOCK_PROCESS_CPU,
    WASI_CLOCK_THREAD_CPU
};
enum wasi_eventtype { WASI_EVENT_CLOCK, WASI_EVENT_FD_READ, WASI_EVENT_FD_WRITE };
#define WASI_SUBCLOCK_ABSTIME 1u

/* Sizes of the structs in guest memory; offsets stand where they are read or written. */
#define WASI_IOVEC_BYTES        8u
#define WASI_FDSTAT_BYTES       24u
#define WASI_FILESTAT_BYTES     64u
#define WASI_PRESTAT_BYTES      8u
#define WASI_DIRENT_BYTES       24u
#define WASI_SUBSCRIPTION_BYTES 48u
#define WASI_EVENT_BYTES        32u

#endif
