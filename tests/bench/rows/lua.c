/* Lua: one of its programs. n: 0 calls, 1 strings, 2 tables. */
#include "row.h"

#include "lauxlib.h"
#include "lua.h"
#include "lualib.h"

static const char *const programs[] = {
    "local function fib(n) if n < 2 then return n end return fib(n - 1) + fib(n - 2) end return fib(24)",
    "local t = {} for i = 1, 3000 do t[#t + 1] = string.format('%d=%s', i, string.rep('xy', i % 9)) end "
    "local s, c = table.concat(t, ';'), 0 for w in string.gmatch(s, '%d+') do c = c + #w end "
    "return c + #string.gsub(s, 'xy', 'abc') + #string.upper(s)",
    "local n, s, c = 20000, {}, 0 for i = 2, n do s[i] = true end "
    "for i = 2, n do if s[i] then c = c + 1 for k = i * i, n, i do s[k] = false end end end "
    "local t = {} for i = 1, 4000 do t[i] = i * 7919 % 10007 end table.sort(t) return c + t[100] + t[3999]"};
static lua_State *state;
static int program;

SETUP(n)
{
    static const luaL_Reg libraries[] = {
        {"_G", luaopen_base}, {"string", luaopen_string}, {"table", luaopen_table}, {"math", luaopen_math}};
    state = luaL_newstate();
    for (unsigned k = 0; k < sizeof libraries / sizeof *libraries; k++) {
        luaL_requiref(state, libraries[k].name, libraries[k].func, 1);
        lua_pop(state, 1);
    }
    luaL_loadstring(state, programs[n]);
    program = luaL_ref(state, LUA_REGISTRYINDEX);
}

RUN(iters)
{
    double result = 0;
    REPEAT(iters)
    {
        lua_rawgeti(state, LUA_REGISTRYINDEX, program);
        lua_call(state, 0, 1);
        row_sink = result = lua_tonumber(state, -1);
        lua_pop(state, 1);
    }
    return result;
}
