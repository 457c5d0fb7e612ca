/* Lua is built without setjmp, natively as in WebAssembly: no program here raises an error (lua_config.h). */
