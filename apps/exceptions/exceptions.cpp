// C++ exceptions: types and their bases, destructors on the way, throwing again, handlers in handlers,
// through pointers to functions and deep calls, in loops.
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>
#include <memory>

static int alive;
struct Guard {
    const char *name;
    explicit Guard(const char *n) : name(n)
    {
        alive++;
    }
    ~Guard()
    {
        alive--;
    }
};
struct Base {
    int code;
    explicit Base(int c) : code(c) {}
    virtual ~Base() {}
    virtual const char *what() const
    {
        return "base";
    }
};
struct Other {
    double x;
};
struct Derived : Other, Base {
    std::string text;
    Derived(int c, std::string t) : Other{c / 2.0}, Base(c), text(std::move(t)) {}
    const char *what() const override
    {
        return text.c_str();
    }
};

static void thrower(int kind)
{
    Guard g("thrower");
    switch (kind % 6) {
    case 0: throw kind;
    case 1: throw Base(kind);
    case 2: throw Derived(kind, "derived " + std::to_string(kind));
    case 3: throw std::string("a string");
    case 4: throw 2.5;
    default: return;
    }
}

static void deep(int depth, int kind)
{
    Guard g("deep");
    std::vector<int> some(depth + 1, depth);
    if (depth == 0)
        thrower(kind);
    else
        deep(depth - 1, kind);
    some[0]++;
}

static std::string tried(int kind, void (*f)(int, int))
{
    try {
        f(10, kind);
        return "nothing";
    } catch (int i) {
        return "int " + std::to_string(i);
    } catch (const Base &b) {
        return std::string(b.what()) + " " + std::to_string(b.code);
    } catch (const std::string &s) {
        return s;
    } catch (...) {
        return "something else";
    }
}

static void again(int depth, int kind)
{
    Guard g("again");
    try {
        deep(depth, kind);
    } catch (const Other &o) {
        std::printf("  %g on its way\n", o.x);
        try {
            throw;
        } catch (Derived &d) {
            d.code++;
        }
        throw;
    } catch (int &i) {
        i *= 2;
        throw;
    }
}

static long long many(int n)
{
    long long sum = 0;
    for (int i = 0; i < n; i++) {
        try {
            Guard g("many");
            if (i % 3 == 0)
                throw i;
            if (i % 7 == 0)
                deep(3, 1);
            sum += 1;
        } catch (int x) {
            sum += x;
        } catch (const Base &b) {
            sum -= b.code;
        }
    }
    return sum;
}

int main()
{
    for (int kind = 0; kind < 6; kind++) {
        std::printf("%s\n", tried(kind, deep).c_str());
        std::printf("%s\n", tried(kind, again).c_str());
    }
    std::printf("%lld\n", many(300000));
    std::printf("%d alive\n", alive);
    return 0;
}
