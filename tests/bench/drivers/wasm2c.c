/* Linked with a row's module as `wasm2c -n row` translates it (wabt 1.0.32). */
#include ROW_HEADER

static Z_row_instance_t instance;
#define call_setup(n)   Z_rowZ_setup(&instance, (u32)(n))
#define call_run(iters) Z_rowZ_run(&instance, (u32)(iters))
#ifdef ROW_CALLS
struct Z_env_instance_t {
    int unused;
};
static struct Z_env_instance_t env;
u32 Z_envZ_host_nop(struct Z_env_instance_t *e, u32 x)
{
    (void)e;
    return x + 1;
}
#define call_nop(i)   (int)Z_rowZ_nop(&instance, (u32)(i))
#define instantiate() Z_row_instantiate(&instance, &env)
#else
#define call_nop(i)   (i)
#define instantiate() Z_row_instantiate(&instance)
#endif
#include "drive.h"

int main(int argc, char **argv)
{
    drive_parse(argc, argv);
    double start = drive_now();
    wasm_rt_init();
    Z_row_init_module();
    instantiate();
    Z_rowZ__initialize(&instance);
    drive_loaded(0, (drive_now() - start) / 1e6);
    return drive();
}
