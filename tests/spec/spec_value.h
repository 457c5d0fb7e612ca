/* spec_value.h: arguments and expected results of the vectors, as cells (a v128: two). */
#ifndef TESTS_SPEC_SPEC_VALUE_H
#define TESTS_SPEC_SPEC_VALUE_H

#include "json.h"
#include "rt.h"

/* Reads an argument {"type": T, "value": V} for a parameter of type `want`. False: it does not fit, or is a
 * type or value that this runner does not know. */
bool spec_value_read(const struct json *v, rt_type want, rt_cell *out);
/* Whether `got`, of type `type`, is what `want` asks for (NaN classes, any reference, alternatives). */
bool spec_value_matches(const struct json *want, rt_type type, const rt_cell *got);
/* Texts for people; each writes at most `size` bytes with NUL. */
void spec_value_print_want(const struct json *want, char *buf, size_t size);
void spec_value_print(rt_type type, const rt_cell *v, char *buf, size_t size);

#endif
