/* host_main.c: the hosted unit test program: `unit [part of a name]`. */
#include "plat.h"
#include "unit.h"

int main(int argc, char **argv)
{
    plat_exit(unit_run(argc > 1 ? argv[1] : "all") ? 1 : 0);
}
