/* libc_file.c: no file exists; the descriptors 0, 1 and 2 are the console; memory maps go to plat.h. */
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include "libc_priv.h"
#include "plat.h"

static bool is_console(int fd)
{
    return fd >= STDIN_FILENO && fd <= STDERR_FILENO;
}

/* Everything that LLVM says goes to the log. */
ssize_t write(int fd, const void *buf, size_t len)
{
    if (fd != STDOUT_FILENO && fd != STDERR_FILENO)
        return libc_fail(EBADF);
    plat_write(PLAT_LOG, buf, len);
    return (ssize_t)len;
}

ssize_t read(int fd, void *buf, size_t len)
{
    (void)buf;
    (void)len;
    return fd == STDIN_FILENO ? 0 : libc_fail(EBADF);
}

ssize_t pread(int fd, void *buf, size_t len, off_t offset)
{
    (void)offset;
    return read(fd, buf, len);
}

int open(const char *path, int flags, ...)
{
    (void)path;
    (void)flags;
    return libc_fail(ENOENT);
}

int close(int fd)
{
    return is_console(fd) ? 0 : libc_fail(EBADF);
}

off_t lseek(int fd, off_t offset, int whence)
{
    (void)offset;
    (void)whence;
    return libc_fail(is_console(fd) ? ESPIPE : EBADF);
}

int fcntl(int fd, int command, ...)
{
    (void)command;
    return is_console(fd) ? 0 : libc_fail(EBADF);
}

int dup2(int fd, int new)
{
    return is_console(fd) && is_console(new) ? new : libc_fail(EBADF);
}

int isatty(int fd)
{
    libc_fail(is_console(fd) ? ENOTTY : EBADF);
    return 0;
}

int fstat64(int fd, struct stat64 *out)
{
    if (!is_console(fd))
        return libc_fail(EBADF);
    *out = (struct stat64){.st_mode = S_IFCHR | 0600, .st_nlink = 1, .st_blksize = PLAT_PAGE};
    return 0;
}

int fstat(int fd, struct stat *out)
{
    return fstat64(fd, (struct stat64 *)out);
}

int stat64(const char *path, struct stat64 *out)
{
    (void)path;
    (void)out;
    return libc_fail(ENOENT);
}

int lstat64(const char *path, struct stat64 *out)
{
    return stat64(path, out);
}

int stat(const char *path, struct stat *out)
{
    return stat64(path, (struct stat64 *)out);
}

int lstat(const char *path, struct stat *out)
{
    return stat64(path, (struct stat64 *)out);
}

int statfs(const char *path, struct statfs *out)
{
    (void)path;
    (void)out;
    return libc_fail(ENOENT);
}

int access(const char *path, int mode)
{
    (void)path;
    (void)mode;
    return libc_fail(ENOENT);
}

int chdir(const char *path)
{
    (void)path;
    return libc_fail(ENOENT);
}

int mkdir(const char *path, mode_t mode)
{
    (void)path;
    (void)mode;
    return libc_fail(EROFS);
}

int mknod(const char *path, mode_t mode, dev_t dev)
{
    (void)path;
    (void)mode;
    (void)dev;
    return libc_fail(EROFS);
}

int unlink(const char *path)
{
    (void)path;
    return libc_fail(ENOENT);
}

int remove(const char *path)
{
    return unlink(path);
}

int rename(const char *from, const char *to)
{
    (void)from;
    (void)to;
    return libc_fail(ENOENT);
}

ssize_t readlink(const char *restrict path, char *restrict buf, size_t len)
{
    (void)path;
    (void)buf;
    (void)len;
    return libc_fail(ENOENT);
}

char *realpath(const char *restrict path, char *restrict out)
{
    (void)path;
    (void)out;
    libc_fail(ENOENT);
    return NULL;
}

char *getcwd(char *buf, size_t len)
{
    if (!buf || len < 2) {
        libc_fail(ERANGE);
        return NULL;
    }
    buf[0] = '/';
    buf[1] = 0;
    return buf;
}

DIR *opendir(const char *path)
{
    (void)path;
    libc_fail(ENOENT);
    return NULL;
}

struct dirent *readdir(DIR *dir)
{
    (void)dir;
    libc_fail(EBADF);
    return NULL;
}

int closedir(DIR *dir)
{
    (void)dir;
    return libc_fail(EBADF);
}

/* --- Processes that do not exist. --- */
int execve(const char *path, char *const argv[], char *const envp[])
{
    (void)path;
    (void)argv;
    (void)envp;
    return libc_fail(ENOSYS);
}

pid_t wait4(pid_t pid, int *state, int options, struct rusage *usage)
{
    (void)pid;
    (void)state;
    (void)options;
    (void)usage;
    return libc_fail(ECHILD);
}

pid_t wait(int *state)
{
    return wait4(-1, state, 0, NULL);
}

/* --- Memory. --- */
static size_t whole_pages(size_t len)
{
    return (len + PLAT_PAGE - 1) & ~(size_t)(PLAT_PAGE - 1);
}

static bool plat_prot_of(int prot, enum plat_prot *out)
{
    if ((prot & PROT_WRITE) && (prot & PROT_EXEC))
        return false;
    *out = prot & PROT_EXEC ? PLAT_RX : prot & PROT_WRITE ? PLAT_RW : prot & PROT_READ ? PLAT_R : PLAT_NONE;
    return true;
}

void *mmap(void *want, size_t len, int prot, int flags, int fd, off_t offset)
{
    (void)offset;
    enum plat_prot p;
    if (fd >= 0 || !(flags & MAP_ANONYMOUS) || len == 0 || !plat_prot_of(prot, &p)) {
        libc_fail(fd >= 0 ? ENODEV : EINVAL);
        return MAP_FAILED;
    }
    void *at = plat_reserve(flags & MAP_FIXED ? want : NULL, whole_pages(len));
    if (at && plat_commit(at, whole_pages(len), p) == ST_OK)
        return at;
    if (at)
        plat_release(at, whole_pages(len));
    libc_fail(ENOMEM);
    return MAP_FAILED;
}

int mprotect(void *at, size_t len, int prot)
{
    enum plat_prot p;
    if (!plat_prot_of(prot, &p))
        return libc_fail(EACCES);
    return plat_protect(at, whole_pages(len), p) == ST_OK ? 0 : libc_fail(ENOMEM);
}

int munmap(void *at, size_t len)
{
    plat_release(at, whole_pages(len));
    return 0;
}

int posix_madvise(void *at, size_t len, int advice)
{
    (void)at;
    (void)len;
    (void)advice;
    return 0;
}

/* --- Dynamic libraries: none, and the program itself exports nothing. --- */
void *dlopen(const char *path, int flags)
{
    (void)path;
    (void)flags;
    return NULL;
}

int dlclose(void *handle)
{
    (void)handle;
    return 0;
}

void *dlsym(void *restrict handle, const char *restrict name)
{
    (void)handle;
    (void)name;
    return NULL;
}

char *dlerror(void)
{
    static char text[] = "the image has no dynamic libraries";
    return text;
}
