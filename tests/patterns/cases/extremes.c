/* Loops that look for the greatest or least number, and where it is; and what is nearly one.
 *
 * replaced: greatest least not_less greatest64 magnitude from_start minimum maximum64 by_sign
 * replaced: first_greatest last_least first_least64 kept_least backward_index wide_index
 * replaced: again again_last by_pointer again_bytes from_middle
 * replaced: both both64 both_built_in both_unrolled both_last
 * replaced: backward backward_first backward_last64 backward_bytes backward_unrolled
 * replaced: magnitude_chosen magnitude_turned magnitude_from magnitude_two
 * refused: magnitude_below magnitude_equal least_chosen magnitude_of_other magnitude_above_one
 * listed: both_words extreme (
 * listed: backward_again extreme (
 * replaced: bytes unsigned_bytes halves unsigned_halves words unsigned_words longs unsigned_longs
 * refused: watched strided changed with_sum both_crossed both_else both_arrays both_where backward_strided
 * refused: backward_watched early looked_up other_condition
 * refused: other_array next_one moved not_the_same_end
 * either: NAME 0..999*4 1000..3000
 * either: NAME 0..999*8 60..70
 * either: NAME 0..99*8 63..200
 * either: NAME 16 0..9
 * either: NAME 1048000 100..200
 * either: NAME 3000000000 1000
 * either: NAME 1100000 1000
 * either: watched 0 1000
 * either: strided 0 1000
 * either: magnitude_below 0..999*4 1000..3000
 * either: magnitude_equal 0..999*4 1000..3000
 * either: least_chosen 0..999*4 1000..3000
 * either: magnitude_of_other 0..999*4 1000..3000
 * either: magnitude_above_one 0..999*4 1000..3000
 * either: magnitude_where 0..999*4 1000..3000
 * either: both_crossed 0 1000
 * either: both_else 0 1000
 * either: both_arrays 0 1000
 * either: both_where 0 1000
 * either: backward_strided 0 300
 * either: backward_watched 0 1000
 * either: backward_unrolled 0 1000
 * either: backward_below 40 1000
 * either: backward_below 4000 900..1100
 * either: changed 0 1000
 * either: with_sum 0 1000
 * either: early 0 1000
 * either: looked_up 0 1000
 * either: other_condition 0 1000
 * either: other_array 0 1000
 * either: next_one 0 1000
 * either: moved 0 1000
 * either: not_the_same_end 0 1000
 */
#include "case.h"

#define LOOK(name, type, result)                                                                             \
    static INLINE result name##_(type *x, int n);                                                            \
    result EXPORT(name)(int a, int n)                                                                        \
    {                                                                                                        \
        return name##_((type *)U8(a), n);                                                                    \
    }                                                                                                        \
    static INLINE result name##_(type *x, int n)
#define EACH(from) for (int i = from; i < n; i++)

LOOK(greatest, float, float)
{
    float most = x[0];
    EACH(1) most = x[i] > most ? x[i] : most;
    return most;
}

LOOK(least, float, float)
{
    float most = x[0];
    EACH(1)
    {
        if (x[i] < most)
            most = x[i];
    }
    return most;
}

/* A NaN is taken, and replaced by what comes next. */
LOOK(not_less, float, float)
{
    float most = -1e30f;
    EACH(0) most = most > x[i] ? most : x[i];
    return most;
}

LOOK(greatest64, double, double)
{
    double most = 0;
    for (double *end = x + n; x != end; x++)
        most = *x > most ? *x : most;
    return most;
}

LOOK(magnitude, float, float)
{
    float most = 0;
    EACH(0)
    {
        float y = __builtin_fabsf(x[i]);
        most = y > most ? y : most;
    }
    return most;
}

LOOK(from_start, float, float)
{
    float most = (float)n;
    EACH(0) most = x[i] < most ? x[i] : most;
    return most;
}

/* f32.min and f64.max: NaNs stay, and are quiet, -0 is below 0. */
LOOK(minimum, float, float)
{
    float most = x[0];
    EACH(1) most = __builtin_wasm_min_f32(most, x[i]);
    return most;
}

LOOK(maximum64, double, double)
{
    double most = x[0];
    EACH(1) most = __builtin_wasm_max_f64(x[i], most);
    return most;
}

/* As C libraries have fminf. */
static INLINE float less(float x, float y)
{
    union {
        float f;
        int32_t bits;
    } a = {x}, b = {y};
    if (x != x)
        return y;
    if (y != y)
        return x;
    if ((a.bits < 0) != (b.bits < 0))
        return a.bits < 0 ? x : y;
    return x < y ? x : y;
}

LOOK(by_sign, float, float)
{
    float most = x[0];
    EACH(1) most = less(most, x[i]);
    return most;
}

/* --- Two, and downwards. --- */

LOOK(both, float, float)
{
    float most = x[0], fewest = x[0];
    EACH(1)
    {
        most = x[i] > most ? x[i] : most;
        fewest = x[i] < fewest ? x[i] : fewest;
    }
    return most - fewest;
}

LOOK(both64, double, double)
{
    double most = -1e300, fewest = 1e300;
    for (double *end = x + n; x < end; x++) {
        if (!(*x >= fewest))
            fewest = *x;
        if (*x > most)
            most = *x;
    }
    return most * 3 + fewest;
}

LOOK(both_built_in, float, float)
{
    float most = x[0], fewest = x[0];
    EACH(1)
    {
        most = __builtin_wasm_max_f32(most, x[i]);
        fewest = __builtin_wasm_min_f32(fewest, x[i]);
    }
    x[0] = most;
    return fewest;
}

LOOK(both_unrolled, float, float)
{
    float most = x[0], fewest = x[0];
    for (int i = 0; i + 2 <= n; i += 2) {
        most = x[i] > most ? x[i] : most;
        fewest = x[i] < fewest ? x[i] : fewest;
        most = x[i + 1] > most ? x[i + 1] : most;
        fewest = x[i + 1] < fewest ? x[i + 1] : fewest;
    }
    return most - fewest;
}

/* Both are greatest: of zeros one is the first, the other the last. */
LOOK(both_last, float, float)
{
    float first = x[n], last = x[n];
    EACH(0)
    {
        first = x[i] > first ? x[i] : first;
        last = x[i] >= last ? x[i] : last;
    }
    x[n + 1] = first;
    return last;
}

LOOK(both_words, int32_t, int)
{
    int most = x[0], fewest = x[0];
    EACH(1)
    {
        most = x[i] > most ? x[i] : most;
        fewest = x[i] < fewest ? x[i] : fewest;
    }
    return most / 3 - fewest / 3;
}

LOOK(backward, float, float)
{
    float most = x[0];
    for (int i = n; i > 0; i--)
        most = x[i] > most ? x[i] : most;
    return most;
}

LOOK(backward_first, float, int)
{
    float most = -1e30f;
    int at = -1;
    for (int i = n - 1; i >= 0; i--) {
        if (x[i] > most) {
            most = x[i];
            at = i;
        }
    }
    return at;
}

LOOK(backward_last64, double, int)
{
    double most = 1e300;
    int at = -1;
    for (int i = n - 1; i >= 0; i--) {
        if (x[i] <= most) {
            most = x[i];
            at = i;
        }
    }
    return at * 3 + (most == most);
}

LOOK(backward_again, float, int)
{
    int at = n - 1;
    for (int i = n - 2; i >= 0; i--) {
        if (x[i] < x[at])
            at = i;
    }
    return at;
}

LOOK(backward_bytes, uint8_t, int)
{
    int at = -1;
    uint8_t most = 0;
    for (int i = n - 1; i >= 0; i--) {
        if (x[i] > most) {
            most = x[i];
            at = i;
        }
    }
    return at * 256 + most;
}

LOOK(backward_unrolled, float, float)
{
    float most = x[n];
    for (int i = n - 1; i > 0; i -= 2) {
        most = x[i] > most ? x[i] : most;
        most = x[i - 1] > most ? x[i - 1] : most;
    }
    return most;
}

/* Down to numbers in front of the memory: it traps there. */
LOOK(backward_below, float, float)
{
    float most = 0, *p = (float *)((char *)x - (char *)memory);
    for (int i = 0; i < n; i++)
        most = p[-i] > most ? p[-i] : most;
    return most;
}

/* --- And where. --- */

LOOK(first_greatest, float, int)
{
    float most = x[0];
    int at = 0;
    EACH(1)
    {
        if (x[i] > most) {
            most = x[i];
            at = i;
        }
    }
    return at;
}

LOOK(last_least, float, int)
{
    float most = 1e30f;
    int at = -1;
    EACH(0)
    {
        if (x[i] <= most) {
            most = x[i];
            at = i;
        }
    }
    return at;
}

LOOK(first_least64, double, int)
{
    double most = x[0];
    int at = 0;
    EACH(1)
    {
        at = x[i] < most ? i : at;
        most = x[i] < most ? x[i] : most;
    }
    return at;
}

/* Both are wanted. */
LOOK(kept_least, float, float)
{
    float most = x[0];
    int at = 0;
    EACH(1)
    {
        if (x[i] < most) {
            most = x[i];
            at = i;
        }
    }
    return most + (float)at;
}

/* What is kept goes down by three. */
LOOK(backward_index, float, int)
{
    float most = 0;
    int at = 5, down = 3 * n;
    EACH(0)
    {
        if (x[i] > most) {
            most = x[i];
            at = down;
        }
        down -= 3;
    }
    return at;
}

LOOK(wide_index, float, long long)
{
    float most = 0;
    long long at = -1;
    EACH(0)
    {
        if (x[i] > most) {
            most = x[i];
            at = i;
        }
    }
    return at;
}

/* The greatest is loaded again. */
LOOK(again, float, int)
{
    int at = 0;
    EACH(1)
    {
        if (x[i] > x[at])
            at = i;
    }
    return at;
}

LOOK(again_last, double, int)
{
    int at = 0;
    EACH(1)
    {
        if (!(x[i] > x[at]))
            at = i;
    }
    return at;
}

LOOK(by_pointer, float, int)
{
    float *most = x, *end = x + n;
    for (float *p = x; p < end; ++p) {
        if (*most < *p)
            most = p;
    }
    return (int)(most - x);
}

LOOK(again_bytes, uint8_t, int)
{
    int at = 0;
    EACH(1)
    {
        if (x[i] >= x[at])
            at = i;
    }
    return at;
}

/* It begins far away, where there may be no memory. */
LOOK(from_middle, float, int)
{
    int at = (int)(uint32_t)x[0] % 4096 + n * 200;
    EACH(1)
    {
        if (x[i] > x[at])
            at = i;
    }
    return at;
}

/* --- Integers. --- */

#define INTEGERS(name, type, start, compare)                                                                 \
    LOOK(name, type, int)                                                                                    \
    {                                                                                                        \
        type most = start;                                                                                   \
        int at = -1;                                                                                         \
        EACH(0)                                                                                              \
        {                                                                                                    \
            if (x[i] compare most) {                                                                         \
                most = x[i];                                                                                 \
                at = i;                                                                                      \
            }                                                                                                \
        }                                                                                                    \
        return at * 7 + (int)most;                                                                           \
    }
INTEGERS(bytes, int8_t, -128, >)
INTEGERS(unsigned_bytes, uint8_t, 255, <)
INTEGERS(halves, int16_t, 0, >=)
INTEGERS(unsigned_halves, uint16_t, 65535, <=)
INTEGERS(words, int32_t, 0, <)
INTEGERS(unsigned_words, uint32_t, 0, >)
INTEGERS(longs, int64_t, 0, <=)
INTEGERS(unsigned_longs, uint64_t, 0, >)

/* --- Near misses. --- */

LOOK(watched, float, float)
{
    float most = x[0];
    EACH(1)
    {
        most = x[i] > most ? x[i] : most;
        x[i] = most;
    }
    return most;
}

LOOK(strided, float, float)
{
    float most = x[0];
    EACH(1) most = x[3 * i] > most ? x[3 * i] : most;
    return most;
}

LOOK(backward_strided, float, float)
{
    float most = x[0];
    for (int i = n; i > 0; i--)
        most = x[3 * i] > most ? x[3 * i] : most;
    return most;
}

LOOK(backward_watched, float, float)
{
    float most = x[0];
    for (int i = n; i > 0; i--) {
        most = x[i] > most ? x[i] : most;
        x[i] = most;
    }
    return most;
}

LOOK(both_crossed, float, float)
{
    float most = x[0], fewest = x[0];
    EACH(1)
    {
        fewest = x[i] < fewest ? x[i] : fewest;
        most = x[i] > fewest ? x[i] : most;
    }
    return most - fewest;
}

LOOK(both_else, float, float)
{
    float most = x[0], fewest = x[0];
    EACH(1)
    {
        if (x[i] > most)
            most = x[i];
        else if (x[i] < fewest)
            fewest = x[i];
    }
    return most - fewest;
}

LOOK(both_arrays, float, float)
{
    float most = x[0], fewest = x[0];
    EACH(1)
    {
        most = x[i] > most ? x[i] : most;
        fewest = x[i + 5000] < fewest ? x[i + 5000] : fewest;
    }
    return most - fewest;
}

LOOK(both_where, float, int)
{
    float most = x[0], fewest = x[0];
    int at = 0, other = 0;
    EACH(1)
    {
        if (x[i] > most) {
            most = x[i];
            at = i;
        }
        if (x[i] < fewest) {
            fewest = x[i];
            other = i;
        }
    }
    return at * 1000 + other;
}

/* What is compared is not what is kept. */
LOOK(changed, float, float)
{
    float most = x[0];
    EACH(1) most = x[i] + 1 > most ? x[i] : most;
    return most;
}

LOOK(with_sum, float, float)
{
    float most = x[0], sum = 0;
    EACH(1)
    {
        most = x[i] > most ? x[i] : most;
        sum += x[i];
    }
    return most + sum;
}

LOOK(early, float, float)
{
    float most = x[0];
    EACH(1)
    {
        most = x[i] > most ? x[i] : most;
        if (most > 1e9f)
            break;
    }
    return most;
}

LOOK(looked_up, float, int)
{
    float most = x[0];
    int at = 0;
    EACH(1)
    {
        if (x[i] > most) {
            most = x[i];
            at = I32(262144)[i];
        }
    }
    return at;
}

/* The index is the last one that is positive. */
LOOK(other_condition, float, float)
{
    float most = x[0];
    int at = 0;
    EACH(1)
    {
        at = x[i] > 0 ? i : at;
        most = x[i] > most ? x[i] : most;
    }
    return most + (float)at;
}

/* What is loaded again is another number. */
LOOK(other_array, float, int)
{
    int at = 0;
    float *y = F32(524288);
    EACH(1)
    {
        if (x[i] > y[at])
            at = i;
    }
    return at;
}

LOOK(next_one, float, int)
{
    int at = 0;
    EACH(1)
    {
        if (x[i] > x[at + 1])
            at = i;
    }
    return at;
}

LOOK(moved, float, int)
{
    int at = 0;
    EACH(1)
    {
        if (x[i] > x[at])
            at = 2 * i;
    }
    return at;
}

/* The greater of two, unless both are negative. */
LOOK(not_the_same_end, float, float)
{
    float most = x[0];
    EACH(1)
    {
        int32_t bits = ((int32_t *)x)[i];
        float y = x[i];
        most = bits < 0 ? (y < most ? y : most) : y > most ? y : most;
    }
    return most;
}

/* Magnitudes by a comparison: those of zeros and NaNs keep their signs. */
LOOK(magnitude_chosen, float, float)
{
    float most = 0;
    EACH(0)
    {
        float y = x[i] < 0 ? -x[i] : x[i];
        if (y > most)
            most = y;
    }
    return most;
}

LOOK(magnitude_turned, double, double)
{
    double most = 0;
    EACH(0)
    {
        double y = x[i] > 0 ? x[i] : -x[i];
        most = most < y ? y : most;
    }
    return most;
}

/* The first one may be below 0, -0, or a NaN. */
LOOK(magnitude_from, float, float)
{
    float most = x[0];
    EACH(1)
    {
        float y = x[i] <= 0 ? -x[i] : x[i];
        most = y > most ? y : most;
    }
    return most;
}

LOOK(magnitude_two, double, double)
{
    double most = 0;
    for (int i = 0; i + 1 < n; i += 2) {
        double y = x[i] >= 0 ? x[i] : -x[i], z = x[i + 1] >= 0 ? x[i + 1] : -x[i + 1];
        most = y > most ? y : most;
        most = z > most ? z : most;
    }
    return most;
}

LOOK(magnitude_below, float, float)
{
    float most = -1;
    EACH(0)
    {
        float y = x[i] < 0 ? -x[i] : x[i];
        most = y > most ? y : most;
    }
    return most;
}

LOOK(magnitude_equal, float, float)
{
    float most = 0;
    EACH(0)
    {
        float y = x[i] < 0 ? -x[i] : x[i];
        most = y >= most ? y : most;
    }
    return most;
}

LOOK(least_chosen, float, float)
{
    float fewest = x[0];
    EACH(0)
    {
        float y = x[i] < 0 ? -x[i] : x[i];
        fewest = y < fewest ? y : fewest;
    }
    return fewest;
}

LOOK(magnitude_of_other, float, float)
{
    float most = 0;
    EACH(0)
    {
        float y = x[i] < 0 ? -x[i + 1] : x[i];
        most = y > most ? y : most;
    }
    return most;
}

LOOK(magnitude_above_one, float, float)
{
    float most = 0;
    EACH(0)
    {
        float y = x[i] < 1 ? -x[i] : x[i];
        most = y > most ? y : most;
    }
    return most;
}

LOOK(magnitude_where, float, int)
{
    float most = 0;
    int where = -1;
    EACH(0)
    {
        float y = x[i] < 0 ? -x[i] : x[i];
        if (y > most) {
            most = y;
            where = i;
        }
    }
    return where;
}
