/* cmdline.c: see cmdline.h for the grammar. */
#include "cmdline.h"

#include <string.h>

/* Reads one word at *at into `out`, at most `size` - 1 bytes of it; false at the end of the line. */
static bool next_word(const char **at, char *out, size_t size, size_t *len)
{
    const char *p = *at;
    bool quoted = false;
    size_t n = 0;
    while (*p == ' ')
        p++;
    if (!*p)
        return false;
    for (; *p && (quoted || *p != ' '); p++) {
        if (*p == '"') {
            quoted = !quoted;
            continue;
        }
        if (*p == '\\' && p[1])
            p++;
        if (n + 1 < size)
            out[n++] = *p;
    }
    out[n] = 0;
    *len = n;
    *at = p;
    return true;
}

size_t cmdline_split(const char *line, char *text, const char **argv, size_t max)
{
    size_t count = 0, len, room = strlen(line) + 1;
    while (next_word(&line, text, room, &len)) {
        if (count < max)
            argv[count] = text;
        count++;
        text += len + 1;
        room -= len + 1;
    }
    return count;
}

/* Whether the word is `name` or `name=...`; then *value is its value. */
static bool is_option(const char *word, const char *name, const char **value)
{
    size_t len = strlen(name);
    if (word[0] == '-' && word[1] == '-')
        word += 2;
    if (strncmp(word, name, len) != 0 || (word[len] != '=' && word[len] != 0))
        return false;
    *value = word[len] ? word + len + 1 : "";
    return true;
}

bool cmdline_option(const char *line, const char *name, char *value, size_t size)
{
    char word[512];
    size_t len;
    bool found = false;
    while (next_word(&line, word, sizeof word, &len) && strcmp(word, "--") != 0) {
        const char *v;
        if (!is_option(word, name, &v))
            continue;
        found = true;
        len = strlen(v) < size - 1 ? strlen(v) : size - 1;
        memcpy(value, v, len);
        value[len] = 0;
    }
    return found;
}
