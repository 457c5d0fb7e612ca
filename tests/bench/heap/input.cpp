// input.cpp: some 600 functions for llvm_compile.c, most of them the standard library's.
#include <algorithm>
#include <deque>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <unordered_map>
#include <vector>

int work(int n)
{
    std::map<int, std::string> names;
    for (int i = 0; i < n; i++)
        names[i * 7 % 13] += std::to_string(i);
    std::vector<double> values;
    for (auto &e : names)
        values.push_back(e.first * 1.5);
    std::sort(values.begin(), values.end());
    std::stable_sort(values.begin(), values.end());
    std::unordered_map<std::string, int> counts;
    for (auto &e : names)
        counts[e.second]++;
    std::set<long> set(values.begin(), values.end());
    std::deque<int> queue;
    for (auto x : set)
        queue.push_front(static_cast<int>(x));
    std::sort(queue.begin(), queue.end());
    std::ostringstream out;
    for (auto x : queue)
        out << x;
    return static_cast<int>(out.str().size() + counts.size());
}
