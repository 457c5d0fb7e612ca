/* sample.h: where the time goes: what a timer interrupts, again and again.
 *
 * A sample belongs to a function of the app when its compiled code or the interpreter running it was
 * interrupted, else to the place in the program (plat.h, parts). */
#ifndef JIT_SAMPLE_H
#define JIT_SAMPLE_H

#include "plat.h"
#include "rt.h"

#define SAMPLE_STEP 16u /* places in the program are counted by so many bytes */

struct sample_func {
    u32 interpreted, compiled;
};
/* Makes room, for `i` and the program. E_NOMEM. */
MUST_CHECK status sample_begin(const struct rt_instance *i);
/* From the ticker's hook. */
void sample_tick(const struct plat_tick *t);
bool sample_is_on(void);
u64 sample_count(void);
/* Of function `k` of the module's own. */
struct sample_func sample_of(u32 k);
/* In bytes `at` to `at` + SAMPLE_STEP of the program; `at` is a multiple of that. */
u32 sample_at(uintptr_t at);

#endif
