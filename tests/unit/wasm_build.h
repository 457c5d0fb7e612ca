/* wasm_build.h: modules written as bytes in tests. Sizes count themselves as long as they are below 128. */
#ifndef TESTS_UNIT_WASM_BUILD_H
#define TESTS_UNIT_WASM_BUILD_H

#include <string.h>

#include "unit.h"
#include "wasm.h"

#define BYTES(...)   ((const u8[]){__VA_ARGS__}), sizeof((const u8[]){__VA_ARGS__})
#define HEADER       0x00, 'a', 's', 'm', 1, 0, 0, 0
#define SIZED(...)   (u8)sizeof((const u8[]){__VA_ARGS__}), __VA_ARGS__
#define SEC(id, ...) id, SIZED(__VA_ARGS__)
#define MODULE(...)  BYTES(HEADER, __VA_ARGS__)
/* One function () -> () and its body (without locals, with the final `end`). */
#define TYPE_V_V  SEC(1, 1, 0x60, 0, 0)
#define ONE_FUNC  SEC(3, 1, 0)
#define CODE(...) SEC(10, 1, SIZED(0, __VA_ARGS__, 0x0b))
#define BODY(...) MODULE(TYPE_V_V, ONE_FUNC, CODE(__VA_ARGS__))

/* Decodes; the caller destroys. NULL (and a failed check) if it is refused. */
static inline struct wasm_module *module_of(const u8 *bytes, size_t len, const char *file, int line)
{
    struct wasm_module *m = NULL;
    struct err e = {0};
    status s = wasm_module_decode(bytes, len, &m, &e);
    unit_check_eq(s, ST_OK, file, line, e.text[0] ? e.text : "status");
    return s == ST_OK ? m : NULL;
}

static inline void check_ok(const char *file, int line, const u8 *bytes, size_t len)
{
    wasm_module_destroy(module_of(bytes, len, file, line));
}

/* The module is refused with a text that begins with `text`, at `offset`. */
static inline void check_bad(const char *file, int line, const char *text, u64 offset, const u8 *bytes,
                             size_t len)
{
    struct wasm_module *m = NULL;
    struct err e = {0};
    status s = wasm_module_decode(bytes, len, &m, &e);
    unit_check(s != ST_OK && s == e.code, file, line, text);
    if (s == ST_OK) {
        wasm_module_destroy(m);
        return;
    }
    if (strncmp(e.text, text, strlen(text)) != 0)
        unit_check_str(e.text, text, file, line, "error text");
    unit_check_eq((int64_t)e.offset, (int64_t)offset, file, line, e.text);
}

#define GET_MODULE(...)              module_of(__VA_ARGS__, __FILE__, __LINE__)
#define CHECK_OK(...)                check_ok(__FILE__, __LINE__, __VA_ARGS__)
#define CHECK_BAD(text, offset, ...) check_bad(__FILE__, __LINE__, text, offset, __VA_ARGS__)

#endif
