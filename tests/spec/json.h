/* json.h: a small reader for JSON texts: the whole text becomes a tree in an arena.
 *
 * Source: RFC 8259. Strings are decoded to UTF-8 (and may hold NUL, so they have a length); numbers stay
 * text. Nothing above kernel_lib, so that the image can read vectors too. */
#ifndef TESTS_SPEC_JSON_H
#define TESTS_SPEC_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "heap.h"
#include "status.h"

enum json_kind { JSON_NULL, JSON_FALSE, JSON_TRUE, JSON_NUMBER, JSON_STRING, JSON_ARRAY, JSON_OBJECT };

struct json_text {
    const char *s; /* NUL-ended besides `len` */
    size_t len;
};
struct json {
    enum json_kind kind;
    struct json_text key;     /* of a member of an object */
    struct json_text text;    /* STRING: decoded; NUMBER: as written */
    const struct json *first; /* ARRAY, OBJECT: first child, or NULL */
    const struct json *next;  /* sibling */
};

/* Reads one value that fills `text`. `e` holds the byte offset of what is wrong. The tree lives in `a`. */
MUST_CHECK status json_parse(const char *text, size_t len, struct arena *a, const struct json **out,
                             struct err *e);
/* Member `key` of an object; NULL: there is none, or `object` is NULL. */
const struct json *json_member(const struct json *object, const char *key);
/* The text of member `key`; {NULL, 0}: there is none. */
struct json_text json_member_text(const struct json *object, const char *key);
/* Whether `t` is exactly `s`; false for no text. */
bool json_text_is(struct json_text t, const char *s);
bool json_text_equal(struct json_text a, struct json_text b);
/* Reads an unsigned decimal number that fits 64 bits. */
bool json_text_u64(struct json_text t, uint64_t *out);

#endif
