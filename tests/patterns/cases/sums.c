/* Sums of floating point, which --fp=relaxed may reorder, and what is nearly one.
 *
 * reordered: positive_only of_greater total dot difference distance norm cosine total64 dot64 widened whole
 * backward strided behind relaxed: rows kernel dots_f32 ordered: prefix watched peak horner feedback turned
 * compensated until_enough rounded in_memory restarted either_way sum: NAME 0 262144 1000..3000 sum: NAME 0
 * 262144 1000..3000 sum: NAME 0 262144 1000..3000 sum: NAME 0 262144 1000..3000 sum: rows 0 262144 100 near:
 * NAME 0 262144 0..9 loop: prefix 0 262144 2000 loop: watched 0 262144 2000 loop: peak 0 262144 2000 loop:
 * horner 0 262144 2000 loop: feedback 0 262144 2000 loop: turned 0 262144 2000 loop: compensated 0 262144
 * 2000 loop: rounded 0 262144 2000 loop: in_memory 0 262144 2000 loop: restarted 0 262144 2000 loop:
 * either_way 0 262144 2000
 */
#include "case.h"

#define SUM(name, type)                                                                                      \
    static INLINE type name##_(type *a, const type *b, int n);                                               \
    type EXPORT(name)(int a, int b, int n)                                                                   \
    {                                                                                                        \
        return name##_((type *)U8(a), (const type *)U8(b), n);                                               \
    }                                                                                                        \
    static INLINE type name##_(type *a, const type *b, int n)
#define EACH for (int i = 0; i < n; i++)

SUM(total, float)
{
    float s = 0.5f;
    (void)b;
    EACH s += a[i];
    return s;
}

SUM(dot, float)
{
    float s = 0;
    EACH s += a[i] * b[i];
    return s;
}

SUM(difference, float)
{
    float s = 0;
    EACH s -= a[i] * b[i];
    return s;
}

SUM(distance, float)
{
    float s = 0;
    EACH s += (a[i] - b[i]) * (a[i] - b[i]);
    return s;
}

SUM(norm, float)
{
    float s = 0;
    (void)b;
    EACH s += a[i] * a[i];
    return __builtin_sqrtf(s);
}

SUM(cosine, float)
{
    float both = 0, first = 0, second = 0;
    EACH
    {
        both += a[i] * b[i];
        first += a[i] * a[i];
        second += b[i] * b[i];
    }
    return both / (__builtin_sqrtf(first) * __builtin_sqrtf(second));
}

SUM(total64, double)
{
    double s = 0;
    (void)b;
    EACH s += a[i];
    return s;
}

SUM(dot64, double)
{
    double s = 0;
    EACH s += a[i] * b[i];
    return s;
}

SUM(widened, float)
{
    double s = 0;
    EACH s += (double)a[i] * 1.7 + (double)b[i];
    *(double *)(a + 200000) = s == s ? s : 0; /* all its bits */
    return (float)s;
}

SUM(whole, float) /* pointers instead of indices */
{
    float s = 0;
    for (const float *p = a, *end = a + n; p != end; p++, b++)
        s += *p * *b;
    return s;
}

SUM(backward, float)
{
    float s = 0;
    for (int i = n; i-- > 0;)
        s += a[i] * b[n - 1 - i];
    return s;
}

SUM(strided, float)
{
    float s = 0;
    EACH s += a[3 * i] * b[5 * i];
    return s;
}

SUM(rows, float) /* one sum for each row, each looked at */
{
    int best = 0;
    for (int i = 0; i < 20; i++) {
        float s = 0;
        for (int j = 0; j < n; j++)
            s += (a[i * n + j] - b[j]) * (a[i * n + j] - b[j]);
        a[200000 + i] = s;
        if (s < a[200000 + best])
            best = i;
    }
    return a[200000 + best] + (float)best;
}

SUM(behind, float) /* something is written, too */
{
    float s = 0;
    EACH
    {
        a[100000 + i] = a[i] + b[i];
        s += a[i];
    }
    return s;
}

SUM(prefix, float) /* all sums on the way are stored */
{
    float s = 0;
    (void)b;
    EACH
    {
        s += a[i];
        a[i] = s;
    }
    return s;
}

SUM(watched, float) /* ends where the sum says so */
{
    float s = 0;
    for (int i = 0; i < n && s < 40; i++)
        s += a[i] * b[i];
    return s;
}

SUM(peak, float) /* the most of all sums on the way */
{
    float s = 0, most = 0;
    EACH
    {
        s += a[i] * b[i];
        most = s > most ? s : most;
    }
    return s + most;
}

SUM(horner, float)
{
    float s = 0;
    (void)b;
    EACH s = s * 0.75f + a[i];
    return s;
}

SUM(feedback, float)
{
    float s = 1;
    EACH s += (a[i] - s) * b[i] * 0.01f;
    return s;
}

SUM(turned, float) /* a term, less the sum */
{
    float s = 0;
    EACH s = a[i] * b[i] - s;
    return s;
}

SUM(compensated, float) /* Kahan: what rounding takes away is kept */
{
    float s = 0, lost = 0;
    EACH
    {
        float x = a[i] * b[i] - lost, t = s + x;
        lost = (t - s) - x;
        s = t;
    }
    return s;
}

SUM(rounded, float) /* to whole quarters after each addition */
{
    float s = 0;
    EACH s = __builtin_rintf((s + a[i] * b[i]) * 4.0f) * 0.25f;
    return s;
}

SUM(in_memory, float)
{
    volatile float *s = &a[200000];
    EACH *s += a[i] * b[i];
    return *s;
}

SUM(restarted, float)
{
    float s = 0;
    EACH s = i % 64 ? s + a[i] * b[i] : 0;
    return s;
}

SUM(either_way, float) /* the sum decides what is added */
{
    float s = 0;
    EACH s += s > 0 ? a[i] - 0.5f : b[i] + 0.5f;
    return s;
}

/* Terms under a condition, which is not the sum's. */
SUM(positive_only, float)
{
    float s = 0;
    (void)b;
    EACH
    {
        if (a[i] > 0)
            s += a[i];
    }
    return s;
}

SUM(of_greater, double)
{
    double s = 1;
    EACH s = a[i] <= b[i] ? s : s + a[i];
    return s;
}

SUM(until_enough, float)
{
    float s = 0;
    (void)b;
    EACH
    {
        if (s < 3)
            s += a[i];
    }
    return s;
}
