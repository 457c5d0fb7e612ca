/* Elements made of elements, one by one, and what is nearly that.
 *
 * map: scale scale
 * map: scale64 scale
 * map: added add
 * map: multiplied multiply
 * map: axpy scale, add
 * map: relu relu
 * map: relu_inplace relu
 * map: clamp clamp
 * map: biased offset, relu
 * map: widen conversion
 * map: narrow conversion
 * map: dequantise dequantise: offset, scale
 * map: quantise_even quantise: scale, half even, clamp
 * map: root root
 * map: bytes_added add, upper bound
 * map: polynomial scale, offset, multiply, offset
 * listed: relu_if map (
 * listed: upper map (
 * unlisted: found_below map (
 * unlisted: until_one map (
 * either: where_other 524288 0..70 262145 0..3000 5
 * either: where_other 4 0 262144 100..2000 0
 * either: found_below 524288 0 262144 2000 0
 * either: until_one 524288 0 262144 2000 0
 * either: interleaved 524288 0 262144 2000 0
 * refused: running recurrence smoothed indirect lookup filtered ends_early early_store last_value
 * either: NAME 524288 0..70 262145 0..3000 5
 * either: NAME 4 0 262144 100..2000 0
 * either: NAME 1 0 4095 100..2000 0
 * either: NAME 0 4 262144 0 0
 * either: running 524288 0 262144 2000 0
 * either: recurrence 524288 0 262144 2000 0
 * either: smoothed 524288 0 262144 2000 0
 * either: indirect 524288 0 262144 2000 0
 * either: lookup 524288 0 262144 2000 0
 * either: filtered 524288 0 262144 2000 0
 * either: ends_early 524288 0 262144 2000 0
 * either: early_store 524288 0 262144 2000 0
 * either: last_value 524288 0 262144 2000 0
 * either: whole 1048000 0 262144 2000000 0
 */
#include "case.h"

#define MAP(name, to, from)                                                                                  \
    static INLINE int name##_(to *c, from *a, from *b, int n, int k);                                        \
    int EXPORT(name)(int c, int a, int b, int n, int k)                                                      \
    {                                                                                                        \
        return name##_((to *)U8(c), (from *)U8(a), (from *)U8(b), n, k);                                     \
    }                                                                                                        \
    static INLINE int name##_(to *c, from *a, from *b, int n, int k)
#define EACH                                                                                                 \
    (void)a, (void)b, (void)c, (void)k;                                                                      \
    for (int i = 0; i < n; i++)

MAP(scale, float, float)
{
    EACH c[i] = a[i] * 1.5f;
    return 0;
}

MAP(scale64, double, double)
{
    double by = b[0];
    EACH c[i] = by * a[i];
    return 0;
}

MAP(added, float, float)
{
    EACH c[i] = a[i] + b[i];
    return 0;
}

MAP(multiplied, int, int)
{
    EACH c[i] = a[i] * b[i];
    return 0;
}

MAP(axpy, float, float)
{
    EACH c[i] = c[i] + 0.3f * a[i];
    return 0;
}

MAP(relu, float, float)
{
    EACH c[i] = a[i] > 0 ? a[i] : 0;
    return 0;
}

MAP(relu_inplace, float, float)
{
    EACH a[i] = a[i] < 0 ? 0 : a[i];
    return 0;
}

MAP(clamp, float, float)
{
    EACH
    {
        float x = a[i];
        x = x < -0.5f ? -0.5f : x;
        c[i] = x > 0.75f ? 0.75f : x;
    }
    return 0;
}

MAP(biased, float, float)
{
    EACH
    {
        float x = a[i] + 0.25f;
        c[i] = x > 0 ? x : 0;
    }
    return 0;
}

MAP(widen, float, uint8_t)
{
    EACH c[i] = a[i];
    return 0;
}

MAP(narrow, uint8_t, uint32_t)
{
    EACH c[i] = (uint8_t)a[i];
    return 0;
}

MAP(dequantise, float, int8_t)
{
    EACH c[i] = (float)(a[i] - 3) * 0.02f;
    return 0;
}

MAP(quantise_even, int8_t, float)
{
    EACH
    {
        float x = __builtin_rintf(a[i] * 40.0f);
        x = x < -128.0f ? -128.0f : x;
        x = x > 127.0f ? 127.0f : x;
        c[i] = (int8_t)x;
    }
    return 0;
}

MAP(root, float, float)
{
    EACH c[i] = __builtin_sqrtf(a[i]);
    return 0;
}

MAP(bytes_added, uint8_t, uint8_t)
{
    EACH
    {
        int x = a[i] + b[i];
        c[i] = (uint8_t)(x > 255 ? 255 : x);
    }
    return 0;
}

MAP(polynomial, float, float)
{
    EACH c[i] = (a[i] * 0.5f + 1.0f) * a[i] + 2.0f;
    return 0;
}

MAP(interleaved, float, float) /* one of three fields */
{
    EACH c[i] = a[3 * i + 1] * 2.0f;
    return 0;
}

MAP(relu_if, float, float)
{
    EACH if (a[i] < 0) a[i] = 0;
    return 0;
}

MAP(upper, uint8_t, uint8_t)
{
    EACH if (a[i] >= 'a' && a[i] <= 'z') a[i] -= 32;
    return 0;
}

MAP(where_other, float, float)
{
    EACH if (a[i] > b[i]) c[i] = a[i];
    return 0;
}

MAP(found_below, float, float) /* decided by what was written */
{
    EACH if (a[i] < a[i + 1]) a[i + 1] = 0;
    return 0;
}

MAP(until_one, uint8_t, uint8_t) /* what ends it is no number of rounds */
{
    EACH
    {
        if (a[i] == 1)
            break;
        if (a[i] & 1)
            a[i] = 0;
    }
    return 0;
}

MAP(running, float, float) /* of what was stored last */
{
    float x = 0;
    EACH
    {
        x = x * 0.5f + a[i];
        c[i] = x;
    }
    return 0;
}

MAP(recurrence, float, float) /* the same through memory */
{
    EACH a[i + 1] = a[i] * 0.5f;
    return 0;
}

MAP(smoothed, float, float) /* reads what it wrote two rounds ago */
{
    EACH a[i + 2] = a[i] + a[i + 3];
    return 0;
}

MAP(indirect, float, uint32_t) /* to where the data say */
{
    EACH c[a[i] & 1023] = 1.0f;
    return 0;
}

MAP(lookup, uint32_t, uint32_t)
{
    EACH c[i] = b[a[i] & 1023];
    return 0;
}

MAP(filtered, float, float) /* fewer than there are */
{
    int to = 0;
    EACH if (a[i] > 0) c[to++] = a[i];
    return to;
}

MAP(ends_early, float, float)
{
    EACH
    {
        if (a[i] > 1.9f)
            return i;
        c[i] = a[i];
    }
    return -1;
}

MAP(early_store, float, float) /* something else is written, too */
{
    EACH
    {
        b[0] = a[i];
        c[i] = a[i] * 2.0f;
    }
    return 0;
}

MAP(last_value, int, int) /* what is stored last is used behind the loop */
{
    int x = 0;
    EACH
    {
        x = a[i] * 3;
        c[i] = x;
    }
    return x;
}

MAP(whole, int, int) /* ends in a trap */
{
    EACH c[i] = a[i & 1023] + 1;
    return 0;
}
