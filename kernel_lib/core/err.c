/* err.c: the first-error record of status.h. */
#include "status.h"

#include "fmt.h"

status err_set(struct err *e, status code, uint64_t offset, const char *fmt, ...)
{
    if (!e || e->code != ST_OK)
        return code;
    va_list ap;
    va_start(ap, fmt);
    fmt_v(e->text, sizeof e->text, fmt, ap);
    va_end(ap);
    e->code = code;
    e->offset = offset;
    return code;
}
