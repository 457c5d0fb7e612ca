/* rt_symbols.c: the addresses behind the names of rt_helpers.def and rt_symbols.def. */
#include "rt_symbols.h"

#include <string.h>

#include "plat.h"
#include "rt_helpers.h"
#include "rt_num.h"

static f32 floor32(f32 x)
{
    return rt_floor32(x);
}
static f64 floor64(f64 x)
{
    return rt_floor64(x);
}
static f32 ceil32(f32 x)
{
    return rt_ceil32(x);
}
static f64 ceil64(f64 x)
{
    return rt_ceil64(x);
}
static f32 trunc32(f32 x)
{
    return rt_trunc32(x);
}
static f64 trunc64(f64 x)
{
    return rt_trunc64(x);
}
static f32 nearest32(f32 x)
{
    return rt_nearest32(x);
}
static f64 nearest64(f64 x)
{
    return rt_nearest64(x);
}

const struct rt_symbol rt_symbols[] = {
#define HELPER(name, result, params, ir, effects) {"rt_h_" #name, (uintptr_t)rt_h_##name, false},
#include "rt_helpers.def"
#undef HELPER
#define RT_SYMBOL(name, value)       {#name, (uintptr_t)value, false},
#define RT_SYMBOL_FIXED(name, value) {#name, value, true},
#include "rt_symbols.def"
#undef RT_SYMBOL
#undef RT_SYMBOL_FIXED
    {NULL, 0, false}};

const struct rt_symbol *rt_symbol_find(const char *name, size_t len)
{
    for (const struct rt_symbol *s = rt_symbols; s->name; s++) {
        if (strlen(s->name) == len && memcmp(s->name, name, len) == 0)
            return s;
    }
    return NULL;
}
