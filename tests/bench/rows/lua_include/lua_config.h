/* Included ahead of Lua's sources. */
#define LUAI_THROW(L, c)   __builtin_trap()
#define LUAI_TRY(L, c, a)  {a}
#define luai_jmpbuf        int
#define luai_makeseed(L)   12345u
#define l_randomizePivot() 0u
#define l_signalT          int
