/* Linked with a row built natively. */
void row_setup(int n);
double row_run(int iters);
int row_nop(int x);

#define call_setup(n)   row_setup(n)
#define call_run(iters) row_run(iters)
#ifdef ROW_CALLS
#define call_nop(i) row_nop(i)
#else
#define call_nop(i) (i)
#endif
#include "drive.h"

int main(int argc, char **argv)
{
    drive_parse(argc, argv);
    drive_loaded(0, 0);
    return drive();
}
