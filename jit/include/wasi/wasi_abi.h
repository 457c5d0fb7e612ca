/* wasi_abi.h: numbers and layouts of WASI preview 1 (wasi_snapshot_preview1.witx), and of the snapshot before
 * it (wasi_unstable, snapshot 0) where they differ. */
#ifndef JIT_WASI_ABI_H
#define JIT_WASI_ABI_H

enum wasi_errno {
    WASI_SUCCESS = 0,
    WASI_2BIG = 1,
    WASI_ACCES = 2,
    WASI_AGAIN = 6,
    WASI_BADF = 8,
    WASI_BUSY = 10,
    WASI_DQUOT = 19,
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
    WASI_NOTSOCK = 57,
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

/* Rights: each is the permission to call the function of that name; what they imply stands in wasi_rights.c.
 */
#define WASI_RIGHT_FD_DATASYNC             (1ull << 0)
#define WASI_RIGHT_FD_READ                 (1ull << 1)
#define WASI_RIGHT_FD_SEEK                 (1ull << 2)
#define WASI_RIGHT_FD_FDSTAT_SET_FLAGS     (1ull << 3)
#define WASI_RIGHT_FD_SYNC                 (1ull << 4)
#define WASI_RIGHT_FD_TELL                 (1ull << 5)
#define WASI_RIGHT_FD_WRITE                (1ull << 6)
#define WASI_RIGHT_FD_ADVISE               (1ull << 7)
#define WASI_RIGHT_FD_ALLOCATE             (1ull << 8)
#define WASI_RIGHT_PATH_CREATE_DIRECTORY   (1ull << 9)
#define WASI_RIGHT_PATH_CREATE_FILE        (1ull << 10)
#define WASI_RIGHT_PATH_LINK_SOURCE        (1ull << 11)
#define WASI_RIGHT_PATH_LINK_TARGET        (1ull << 12)
#define WASI_RIGHT_PATH_OPEN               (1ull << 13)
#define WASI_RIGHT_FD_READDIR              (1ull << 14)
#define WASI_RIGHT_PATH_READLINK           (1ull << 15)
#define WASI_RIGHT_PATH_RENAME_SOURCE      (1ull << 16)
#define WASI_RIGHT_PATH_RENAME_TARGET      (1ull << 17)
#define WASI_RIGHT_PATH_FILESTAT_GET       (1ull << 18)
#define WASI_RIGHT_PATH_FILESTAT_SET_SIZE  (1ull << 19)
#define WASI_RIGHT_PATH_FILESTAT_SET_TIMES (1ull << 20)
#define WASI_RIGHT_FD_FILESTAT_GET         (1ull << 21)
#define WASI_RIGHT_FD_FILESTAT_SET_SIZE    (1ull << 22)
#define WASI_RIGHT_FD_FILESTAT_SET_TIMES   (1ull << 23)
#define WASI_RIGHT_PATH_SYMLINK            (1ull << 24)
#define WASI_RIGHT_PATH_REMOVE_DIRECTORY   (1ull << 25)
#define WASI_RIGHT_PATH_UNLINK_FILE        (1ull << 26)
#define WASI_RIGHT_POLL_FD_READWRITE       (1ull << 27)
#define WASI_RIGHT_SOCK_SHUTDOWN           (1ull << 28)
#define WASI_RIGHT_SOCK_ACCEPT             (1ull << 29)
#define WASI_RIGHTS_ALL                    ((1ull << 30) - 1)

#define WASI_OFLAG_CREAT     1u
#define WASI_OFLAG_DIRECTORY 2u
#define WASI_OFLAG_EXCL      4u
#define WASI_OFLAG_TRUNC     8u
#define WASI_OFLAGS_ALL      15u

#define WASI_FDFLAG_APPEND   1u
#define WASI_FDFLAG_DSYNC    2u
#define WASI_FDFLAG_NONBLOCK 4u
#define WASI_FDFLAG_RSYNC    8u
#define WASI_FDFLAG_SYNC     16u
#define WASI_FDFLAGS_ALL     31u

#define WASI_LOOKUP_SYMLINK_FOLLOW 1u

#define WASI_FST_ATIM     1u
#define WASI_FST_ATIM_NOW 2u
#define WASI_FST_MTIM     4u
#define WASI_FST_MTIM_NOW 8u
#define WASI_FST_ALL      15u

enum wasi_whence { WASI_WHENCE_SET, WASI_WHENCE_CUR, WASI_WHENCE_END };
enum wasi_clockid {
    WASI_CLOCK_REALTIME,
    WASI_CLOCK_MONOTONIC,
    WASI_CLOCK_PROCESS_CPU,
    WASI_CLOCK_THREAD_CPU
};
enum wasi_eventtype { WASI_EVENT_CLOCK, WASI_EVENT_FD_READ, WASI_EVENT_FD_WRITE };
#define WASI_SUBCLOCK_ABSTIME 1u
#define WASI_EVENT_HANGUP     1u /* flag of a descriptor's event */

/* Signals that do not end a process; the others do. */
enum wasi_signal {
    WASI_SIGNAL_NONE = 0,
    WASI_SIGNAL_CHLD = 16,
    WASI_SIGNAL_CONT = 17,
    WASI_SIGNAL_STOP = 18,
    WASI_SIGNAL_TSTP = 19,
    WASI_SIGNAL_TTIN = 20,
    WASI_SIGNAL_TTOU = 21,
    WASI_SIGNAL_URG = 22,
    WASI_SIGNAL_WINCH = 27,
    WASI_SIGNAL_LAST = 30,
};

/* Sizes of the structs in guest memory; offsets stand where they are read or written. */
#define WASI_IOVEC_BYTES         8u
#define WASI_FDSTAT_BYTES        24u
#define WASI_FILESTAT_BYTES      64u
#define WASI_PRESTAT_BYTES       8u
#define WASI_DIRENT_BYTES        24u
#define WASI_SUBSCRIPTION_BYTES  48u
#define WASI_EVENT_BYTES         32u
#define WASI_FILESTAT0_BYTES     56u /* wasi_unstable: the number of links has 4 bytes */
#define WASI_SUBSCRIPTION0_BYTES 56u /* wasi_unstable: an identifier stands before the clock's number */

#endif
