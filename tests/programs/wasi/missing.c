/* missing.c: what programs link against and WASI does not have; each answers that it cannot. */
#include <stdio.h>

int system(const char *command)
{
    return command ? -1 : 0;
}

FILE *tmpfile(void)
{
    return NULL;
}

char *tmpnam(char *name)
{
    (void)name;
    return NULL;
}
