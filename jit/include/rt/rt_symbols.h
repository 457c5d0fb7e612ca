/* rt_symbols.h: everything outside its unit that compiled code may name. The one list for whoever links code.
 */
#ifndef JIT_RT_SYMBOLS_H
#define JIT_RT_SYMBOLS_H

#include "rt.h"

struct rt_symbol {
    const char *name;
    u64 address;
    bool fixed; /* an address of the map (plat.h), the same in every build */
};
extern const struct rt_symbol rt_symbols[]; /* ends with name NULL */
/* NULL: none. `name` need not end with NUL. */
const struct rt_symbol *rt_symbol_find(const char *name, size_t len);

#endif
