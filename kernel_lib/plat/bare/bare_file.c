/* bare_file.c: the image writes no files; what it has to say goes to the serial line. */
#include "plat.h"

status plat_file_write(const char *path, const void *data, size_t len)
{
    (void)path;
    (void)data;
    (void)len;
    return E_UNSUPPORTED;
}

const char *plat_image_kind(void)
{
#ifdef ANNEAL_APPLIANCE
    return "appliance";
#else
    return "full";
#endif
}
