/* tier_frozen.c: where there is no compiler, what was compiled before is all there will be. */
#include "tier_priv.h"

struct tier_code *tier_compile(const struct llvm_unit *u, enum bailout *why)
{
    (void)u;
    *why = BAILOUT_NO_COMPILER;
    return NULL;
}

void tier_compile_free(struct llvm_code *c)
{
    (void)c; /* it holds nothing: code comes as packed objects only */
}

const char *bailout_text(enum bailout b)
{
    static const char *const texts[] = {
#define BAILOUT(id, text) text,
#include "bailouts.def"
#undef BAILOUT
    };
    return texts[b];
}
