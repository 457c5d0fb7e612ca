local t = {}
for i = 0, 1999 do t[#t + 1] = i * 7919 % 1009 end
table.sort(t)
local s = 0
for i, v in ipairs(t) do s = (s * 31 + v) % 1000000007 end
print(#t, s, _VERSION, string.format("%.10f %q", math.sqrt(2), "a\nb"))
print(("12 34 56"):gsub("(%d)(%d)", "%2%1"), 2 ^ 53, 7 // 2, 7 // 2.0, -7 % 3)
local words = {}
for w in ("the quick brown fox jumps over the lazy dog the end"):gmatch("%a+") do words[w] = (words[w] or 0) + 1 end
print(words.the, utf8.char(233, 8364), string.pack(">I4", 7919):byte(1, 4))
local meta = setmetatable({}, { __index = function(_, k) return k .. "!" end, __call = function(_, x) return x * 2 end })
print(meta.name, meta(21), select("#", table.unpack(t, 1, 10)), load("return 1 + ...")(41))
-- Errors and coroutines: jumps of C, where they are compiled in.
if ... == "jumps" then
    print(pcall(error, "thrown"), select(2, pcall(function() local x = nil; return x.y end)))
    local co = coroutine.wrap(function(a) for i = 1, 3 do a = a + coroutine.yield(a) end error("end") end)
    print(co(1), co(2), co(3), pcall(co, 4))
    print(xpcall(string.rep, function(m) return "handled: " .. m end), os.execute())
    os.exit(3)
end
