/* learn_none.c: an image without a compiler learns nothing. */
#include "engine_priv.h"

status engine_learn_begin(const struct options *o, struct rt_instance *i, struct err *e)
{
    (void)o, (void)i, (void)e;
    return ST_OK;
}

void engine_learn_runs(void) {}

void engine_learn_end(const struct options *o, struct rt_instance *i, enum rt_trap t)
{
    (void)o, (void)i, (void)t;
}

bool engine_learn_save(void)
{
    return false;
}

void engine_learn_table(struct engine_text *t, const struct rt_instance *i)
{
    (void)t, (void)i;
}

void engine_learn_json(struct engine_text *t, const struct rt_instance *i)
{
    (void)t, (void)i;
}
