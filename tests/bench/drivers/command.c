/* A row as a WASI command, for the image: ROW N ITERS prints the result. */
#include <stdio.h>
#include <stdlib.h>

void row_setup(int n);
double row_run(int iters);

int main(int argc, char **argv)
{
    if (argc != 3)
        return 1;
    row_setup(atoi(argv[1]));
    printf("%.17g\n", row_run(atoi(argv[2])));
    return 0;
}
