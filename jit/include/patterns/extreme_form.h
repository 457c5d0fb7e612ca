/* extreme_form.h: what a loop that looks for the greatest or least number does with it: the argument `form`
 * of the kernels extreme_* (jit/patterns/kernels), bits. C, C++ and kernels. */
#ifndef PATTERNS_EXTREME_FORM_H
#define PATTERNS_EXTREME_FORM_H

enum extreme_form {
    LEAST = 1,           /* the least, else the greatest */
    EQUAL = 2,           /* a number takes the place of one that is equal to it */
    SIGNED_ZEROS = 4,    /* of zeros, one with the right sign does: -0 is below 0 */
    TAKES_NAN = 8,       /* a NaN takes the place of a number */
    LEAVES_NAN = 16,     /* a number takes the place of a NaN */
    CHANGES_NAN = 32,    /* a NaN takes the place of a NaN */
    QUIET = 64,          /* NaNs that come out are quiet */
    MAGNITUDE = 128,     /* of magnitudes */
    ZERO_EXTENDED = 256, /* integers are loaded so, else with their sign */
    UNSIGNED = 512,      /* and compared so */
    DOWNWARDS = 1024,    /* each number lies in front of the one before */
};

#endif
