/* libc_unwind.c: where the unwinder finds the frame tables of the image (C++ exceptions of libstdc++ and
 * LLVM). */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdint.h>

/* linker/full.ld: the whole image, and .eh_frame_hdr in it. */
extern char image_start[], image_end[], eh_frame_hdr_start[];

int _dl_find_object(void *pc, struct dl_find_object *out)
{
    uintptr_t at = (uintptr_t)pc;
    if (at < (uintptr_t)image_start || at >= (uintptr_t)image_end)
        return -1;
    *out = (struct dl_find_object){
        .dlfo_map_start = image_start, .dlfo_map_end = image_end, .dlfo_eh_frame = eh_frame_hdr_start};
    return 0;
}
