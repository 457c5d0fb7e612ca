/* spec_test.h: the host module "spectest" that the vectors import from. */
#ifndef TESTS_SPEC_SPEC_TEST_H
#define TESTS_SPEC_SPEC_TEST_H

#include "json.h"
#include "wasm.h"

/* Makes fresh functions, globals, table and memory; once per file of vectors. */
MUST_CHECK status spec_test_init(void);
/* Lets go of them; also after a failed init. */
void spec_test_fini(void);
/* Finds the export `name` of module "spectest"; false: there is none. */
bool spec_test_find(struct wasm_name name, struct wasm_extern_value *out);

#endif
