// cxx_throw.cpp: C++ exceptions work where LLVM and libstdc++ run (in the image: frame tables, unwinder,
// personality).
#include <new>
#include <stdexcept>
#include <string>
#include <vector>

extern "C" int cxx_throw_and_catch(int how);

namespace
{
struct counted {
    int *count;
    ~counted()
    {
        ++*count;
    }
};

__attribute__((noinline)) int thrower(int how, int *destroyed)
{
    counted c{destroyed};
    std::vector<int> v(3);
    if (how == 1)
        return v.at(7); // thrown inside libstdc++
    if (how == 2)
        throw std::string("text");
    return 0;
}
} // namespace

// Returns how * 10 + the number of destructors that ran, when the right handler was reached.
extern "C" int cxx_throw_and_catch(int how)
{
    int destroyed = 0;
    try {
        thrower(how, &destroyed);
        return destroyed;
    } catch (const std::out_of_range &) {
        return 10 + destroyed;
    } catch (const std::string &s) {
        return s == "text" ? 20 + destroyed : -1;
    }
}
