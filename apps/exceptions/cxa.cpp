// What a C++ program needs to throw and catch: Debian's C++ library for WebAssembly is built without. The
// Itanium C++ ABI's names, with clang's conventions for WebAssembly; one thread.
#include <stdint.h>
#include <stdlib.h>
#include <typeinfo>
#include <new>

namespace
{
struct matcher : std::type_info { // as libc++abi's __shim_type_info
    virtual void noop1() const;
    virtual void noop2() const;
    virtual bool can_catch(const matcher *thrown, void *&object) const = 0;
};
struct alignas(16) exception { // in front of the object
    const matcher *type;
    void *(*destroy)(void *);
    exception *next_caught;
    int handlers;   // that run; negative once it was thrown again
    void *adjusted; // the object as the handler has it
};
exception *caught;
exception *header(void *object)
{
    return (exception *)object - 1;
}

uint64_t uleb(const uint8_t *&p)
{
    uint64_t v = 0;
    for (unsigned shift = 0;; shift += 7) {
        v |= (uint64_t)(*p & 0x7f) << shift;
        if (!(*p++ & 0x80))
            return v;
    }
}
int64_t sleb(const uint8_t *&p)
{
    uint64_t v = 0;
    unsigned shift = 0;
    uint8_t byte;
    do {
        byte = *p++;
        v |= (uint64_t)(byte & 0x7f) << shift;
        shift += 7;
    } while (byte & 0x80);
    if (byte & 0x40 && shift < 64)
        v |= ~(uint64_t)0 << shift;
    return (int64_t)v;
}
} // namespace

extern "C" {
struct { // the compiler's name and layout
    uint32_t lpad_index;
    const uint8_t *lsda;
    uint32_t selector;
} __wasm_lpad_context;

void *__cxa_allocate_exception(size_t size) noexcept
{
    return (exception *)calloc(1, size + sizeof(exception)) + 1;
}
void __cxa_free_exception(void *object) noexcept
{
    free(header(object));
}
void __cxa_throw(void *object, std::type_info *type, void *(*destroy)(void *))
{
    exception *e = header(object);
    e->type = (const matcher *)type;
    e->destroy = destroy;
    __builtin_wasm_throw(0, e);
}
// Which handler of the landing pad takes it: 0 for none.
int _Unwind_CallPersonality(void *exception_ptr)
{
    exception *e = (exception *)exception_ptr;
    const uint8_t *p = __wasm_lpad_context.lsda;
    p++; // start of landing pads: omitted
    const uint8_t *types = nullptr;
    if (*p++ != 0xff) {
        uint64_t offset = uleb(p);
        types = p + offset;
    }
    p++; // encoding of call sites
    uint64_t bytes = uleb(p);
    const uint8_t *actions = p + bytes;
    uint64_t action = 0;
    for (uint32_t k = 0; k <= __wasm_lpad_context.lpad_index; k++) {
        uleb(p);
        action = uleb(p);
    }
    __wasm_lpad_context.selector = 0;
    if (action == 0)
        return 0;
    for (p = actions + action - 1;;) {
        int64_t filter = sleb(p);
        const uint8_t *here = p;
        int64_t next = sleb(p);
        if (filter > 0) {
            const matcher *want = ((const matcher *const *)types)[-filter];
            void *object = e + 1;
            if (!want || want->can_catch(e->type, object)) {
                e->adjusted = object;
                __wasm_lpad_context.selector = (uint32_t)filter;
                return 8;
            }
        }
        if (next == 0)
            return 8;
        p = here + next;
    }
}
void *__cxa_begin_catch(void *exception_ptr) noexcept
{
    exception *e = (exception *)exception_ptr;
    e->handlers = e->handlers < 0 ? -e->handlers + 1 : e->handlers + 1;
    if (caught != e) {
        e->next_caught = caught;
        caught = e;
    }
    return e->adjusted ? e->adjusted : e + 1;
}
void *__cxa_get_exception_ptr(void *exception_ptr) noexcept
{
    return ((exception *)exception_ptr)->adjusted;
}
void __cxa_end_catch()
{
    exception *e = caught;
    if (e->handlers < 0) { // was thrown again
        if (++e->handlers == 0)
            caught = e->next_caught;
    } else if (--e->handlers == 0) {
        caught = e->next_caught;
        if (e->destroy)
            e->destroy(e + 1);
        free(e);
    }
}
void __cxa_rethrow()
{
    caught->handlers = -caught->handlers;
    __builtin_wasm_throw(0, caught);
}
}
