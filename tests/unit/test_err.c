#include "status.h"

#include <string.h>

#include "unit.h"

TEST(err_keeps_the_first_error)
{
    struct err e = {0};
    CHECK_EQ(err_set(&e, E_INVAL, 12, "bad %s", "thing"), E_INVAL);
    CHECK_EQ(err_set(&e, E_NOMEM, 99, "later"), E_NOMEM);
    CHECK_EQ(e.code, E_INVAL);
    CHECK_EQ(e.offset, 12);
    CHECK_STR(e.text, "bad thing");
}

TEST(err_accepts_no_record_and_long_texts)
{
    CHECK_EQ(err_set(NULL, E_IO, 0, "x"), E_IO);
    struct err e = {0};
    err_set(&e, E_IO, ERR_NO_OFFSET, "%0300d", 1);
    CHECK_EQ(strlen(e.text), sizeof e.text - 1);
}
