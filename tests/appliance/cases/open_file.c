/* Leaves a file open when it is initialised. */
#include <stdio.h>

static FILE *file;

__attribute__((constructor)) static void prepare(void)
{
    file = fopen("open_file.c", "r");
}

__attribute__((export_name("is_open"))) int is_open(void)
{
    return file != NULL;
}
