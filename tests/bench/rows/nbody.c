/* n steps of five bodies under gravity. */
#include "row.h"

enum { BODIES = 5 };
struct body {
    double at[3], speed[3], mass;
};
static const double year = 365.24, sun = 4 * 3.141592653589793 * 3.141592653589793;
static struct body start[BODIES], bodies[BODIES];
static int steps;

static NOINLINE void advance(struct body *b, double dt)
{
    for (int i = 0; i < BODIES; i++) {
        for (int j = i + 1; j < BODIES; j++) {
            double d[3], square = 0;
            for (int k = 0; k < 3; k++) {
                d[k] = b[i].at[k] - b[j].at[k];
                square += d[k] * d[k];
            }
            double force = dt / (square * __builtin_sqrt(square));
            for (int k = 0; k < 3; k++) {
                b[i].speed[k] -= d[k] * b[j].mass * force;
                b[j].speed[k] += d[k] * b[i].mass * force;
            }
        }
    }
    for (int i = 0; i < BODIES; i++)
        for (int k = 0; k < 3; k++)
            b[i].at[k] += dt * b[i].speed[k];
}

static double energy(const struct body *b)
{
    double e = 0;
    for (int i = 0; i < BODIES; i++) {
        for (int k = 0; k < 3; k++)
            e += 0.5 * b[i].mass * b[i].speed[k] * b[i].speed[k];
        for (int j = i + 1; j < BODIES; j++) {
            double square = 0;
            for (int k = 0; k < 3; k++)
                square += (b[i].at[k] - b[j].at[k]) * (b[i].at[k] - b[j].at[k]);
            e -= b[i].mass * b[j].mass / __builtin_sqrt(square);
        }
    }
    return e;
}

SETUP(n)
{
    static const double orbit[BODIES] = {0, 5.2, 9.6, 19.2, 30.1}; /* radii, AU */
    static const double mass[BODIES] = {1, 9.5e-4, 2.9e-4, 4.4e-5, 5.2e-5};
    steps = n;
    for (int i = 0; i < BODIES; i++) {
        double r = orbit[i], v = r > 0 ? __builtin_sqrt(sun / r) : 0;
        start[i] = (struct body){{r * 0.8, r * 0.6, r * 0.01 * i}, {-0.6 * v, 0.8 * v, 0}, mass[i] * sun};
    }
}

RUN(iters)
{
    double e = 0;
    REPEAT(iters)
    {
        for (int i = 0; i < BODIES; i++)
            bodies[i] = start[i];
        for (int i = 0; i < steps; i++)
            advance(bodies, 3.65 / year);
        row_sink = e = energy(bodies);
    }
    return e;
}
