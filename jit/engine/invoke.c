/* invoke.c: calls asked for by name: --invoke, one; --invoke-list, one a line, all in one instance.
 *
 * A line of a list is `NAME ARG...`, words with spaces between them; "..." keeps spaces, and in it a
 * backslash escapes as in WebAssembly's text format (\n \t \r \" \\ and two hex digits: a byte). A line whose
 * first character is # says nothing. What is printed is the line, then ` = ` and the results, or the trap; a
 * global's name gives its value. */
#include <string.h>

#include "engine.h"
#include "engine_priv.h"
#include "fmt.h"
#include "heap.h"

enum { WORDS_MAX = 1001, TEXT_STEP = 65536 };

/* --- Values in and out. --- */

static status parse_args(const struct rt_sig *s, int n, const char *const *args, const char *name,
                         rt_cell *cells, struct err *e)
{
    if (n != s->nparams)
        return err_set(e, E_INVAL, ERR_NO_OFFSET, "%s takes %u arguments, %d given", name, s->nparams, n);
    for (u32 k = 0, at = 0; k < s->nparams; at += rt_type_cells(s->types[k++]))
        TRY(engine_value_parse(args[k], s->types[k], &cells[at], e));
    return ST_OK;
}

static rt_cell *new_cells(const struct rt_sig *s, struct err *e)
{
    rt_cell *cells = heap_calloc(rt_sig_cells(s) + 1u, sizeof *cells);
    if (!cells)
        (void)!err_set(e, E_NOMEM, ERR_NO_OFFSET, "out of memory");
    return cells;
}

status engine_invoke(const struct engine_calls *c, struct rt_func *f, const char *name, int n,
                     const char *const *args, struct err *e)
{
    const struct rt_sig *s = f->sig;
    rt_cell *cells = new_cells(s, e);
    if (!cells)
        return E_NOMEM;
    status st = parse_args(s, n, args, name, cells, e);
    if (st == ST_OK && c->call(c->env, f, cells) == TRAP_NONE) {
        const rt_type *types = s->types + s->nparams;
        for (u32 k = 0, at = 0; k < s->nresults; at += rt_type_cells(types[k++])) {
            char text[64];
            engine_value_print(&cells[at], types[k], text, sizeof text);
            fmt_out(PLAT_OUT, "%s\n", text);
        }
    }
    heap_free(cells);
    return st;
}

/* --- A line as words. --- */

struct line {
    const char *at, *end;
    char *text; /* words, NUL behind each, as long as the line */
    const char *word[WORDS_MAX];
    size_t len[WORDS_MAX]; /* a name may have any byte in it */
    int n;
};

static int hex(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : (c | 32) >= 'a' && (c | 32) <= 'f' ? (c | 32) - 'a' + 10 : -1;
}

/* What a backslash before `at` means; false: nothing. */
static bool escape(const char **at, const char *end, char *out)
{
    static const char names[] = "ntr\"\\'", bytes[] = "\n\t\r\"\\'";
    const char *p = *at, *found = p < end && *p ? strchr(names, *p) : NULL;
    if (found) {
        *out = bytes[found - names];
        *at = p + 1;
        return true;
    }
    if (end - p < 2 || hex(p[0]) < 0 || hex(p[1]) < 0)
        return false;
    *out = (char)(hex(p[0]) << 4 | hex(p[1]));
    *at = p + 2;
    return true;
}

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

/* False: the word is not one. */
static bool next_word(struct line *l, char **to)
{
    bool quoted = false;
    l->word[l->n] = *to;
    for (; l->at < l->end && (quoted || !is_space(*l->at));) {
        char c = *l->at++;
        if (c == '"') {
            quoted = !quoted;
            continue;
        }
        if (quoted && c == '\\' && !escape(&l->at, l->end, &c))
            return false;
        *(*to)++ = c;
    }
    l->len[l->n] = (size_t)(*to - l->word[l->n]);
    *(*to)++ = 0;
    l->n++;
    return !quoted;
}

static bool split(struct line *l)
{
    char *to = l->text;
    l->n = 0;
    for (;;) {
        while (l->at < l->end && is_space(*l->at))
            l->at++;
        if (l->at == l->end)
            return true;
        if (l->n == WORDS_MAX || !next_word(l, &to))
            return false;
    }
}

/* --- A list. --- */

struct list {
    const struct engine_calls *calls;
    struct line line;
    const char *start; /* of the line that is echoed */
    size_t len;
    u32 number;
    char *out; /* one line, then one write */
    size_t out_len, out_size;
    struct err *e;
};

static status bad_line(struct list *l, const char *why)
{
    return err_set(l->e, E_INVAL, ERR_NO_OFFSET, "--invoke-list: line %u: %s", l->number, why);
}

static void put(struct list *l, const char *text, size_t len)
{
    size_t room = l->out_size - l->out_len;
    memcpy(l->out + l->out_len, text, len < room ? len : room);
    l->out_len += len < room ? len : room;
}

static void put_values(struct list *l, const rt_type *types, u32 n, const rt_cell *cells)
{
    char text[64];
    for (u32 k = 0; k < n; cells += rt_type_cells(types[k++])) {
        put(l, " ", 1);
        size_t len = engine_value_print_exact(cells, types[k], text, sizeof text);
        put(l, text, len);
    }
}

/* Whether nothing can be called any more: the app ended itself, or used up what it was given. */
static bool ends(enum rt_trap t)
{
    return t == TRAP_EXIT || t == TRAP_FUEL || t == TRAP_TIMEOUT;
}

static status call_line(struct list *l, struct rt_func *f, enum rt_trap *trap)
{
    const struct rt_sig *s = f->sig;
    struct err why = {0};
    rt_cell *cells = new_cells(s, l->e);
    if (!cells)
        return E_NOMEM;
    status st = parse_args(s, l->line.n - 1, l->line.word + 1, l->line.word[0], cells, &why);
    if (st != ST_OK) {
        st = bad_line(l, why.text);
    } else if ((*trap = l->calls->call(l->calls->env, f, cells)) == TRAP_NONE) {
        put_values(l, s->types + s->nparams, s->nresults, cells);
    } else {
        char text[ENGINE_TRAP_TEXT_MAX];
        engine_trap_text(*trap, text, sizeof text);
        put(l, " ", 1);
        put(l, text, strlen(text));
    }
    heap_free(cells);
    return st;
}

static status run_line(struct list *l, enum rt_trap *trap)
{
    const struct engine_calls *c = l->calls;
    struct wasm_extern_value v;
    const struct wasm_export *x = wasm_export_find(c->module, l->line.word[0], l->line.len[0]);
    if (!x || (x->kind != WASM_FUNC && x->kind != WASM_GLOBAL))
        return bad_line(l, "the module exports no function or global of that name");
    wasm_instance_export(c->inst, x, &v);
    l->out_len = 0;
    put(l, l->start, l->len);
    put(l, " =", 2);
    if (x->kind == WASM_FUNC)
        TRY(call_line(l, v.u.func, trap));
    else if (l->line.n > 1)
        return bad_line(l, "a global takes no arguments");
    else
        put_values(l, &v.u.global->type, 1, v.u.global->value);
    put(l, "\n", 1);
    if (*trap != TRAP_EXIT)
        plat_write(PLAT_OUT, l->out, l->out_len);
    return ST_OK;
}

static status run_lines(struct list *l, const char *at, const char *end, enum rt_trap *trap)
{
    while (at < end && !ends(*trap)) {
        const char *stop = memchr(at, '\n', (size_t)(end - at));
        stop = stop ? stop : end;
        l->number++;
        l->start = l->line.at = at;
        l->line.end = stop;
        l->len = (size_t)(stop - at);
        while (l->len && is_space(at[l->len - 1]))
            l->len--;
        if (at < stop && *at != '#') {
            if (!split(&l->line))
                return bad_line(l, "words, \"...\" and its escapes, and not too many");
            *trap = TRAP_NONE;
            if (l->line.n > 0)
                TRY(run_line(l, trap));
        }
        at = stop + (stop < end);
    }
    return ST_OK;
}

/* All of standard input. */
static status read_input(char **text, size_t *len, struct err *e)
{
    size_t cap = 0, n;
    *text = NULL;
    *len = 0;
    do {
        if (cap - *len < TEXT_STEP) {
            char *more = heap_realloc(*text, cap = 2 * cap + TEXT_STEP);
            if (!more) {
                heap_free(*text);
                return err_set(e, E_NOMEM, ERR_NO_OFFSET, "out of memory");
            }
            *text = more;
        }
        n = plat_read(*text + *len, cap - *len);
        *len += n;
    } while (n > 0);
    return ST_OK;
}

static size_t longest_line(const char *text, size_t len)
{
    size_t most = 0, from = 0;
    for (size_t k = 0; k <= len; k++) {
        if (k < len && text[k] != '\n')
            continue;
        most = k - from > most ? k - from : most;
        from = k + 1;
    }
    return most;
}

static status run_text(const struct engine_calls *c, const char *text, size_t len, enum rt_trap *trap,
                       struct err *e)
{
    enum { RESULTS_BYTES = RT_RESULTS_MAX * 40 + ENGINE_TRAP_TEXT_MAX };
    struct list *l = heap_calloc(1, sizeof *l);
    size_t longest = longest_line(text, len);
    status st = E_NOMEM;
    if (l) {
        l->calls = c;
        l->e = e;
        l->line.text = heap_alloc(longest + 2);
        l->out_size = longest + RESULTS_BYTES;
        l->out = heap_alloc(l->out_size);
        if (l->line.text && l->out)
            st = run_lines(l, text, text + len, trap);
        heap_free(l->line.text);
        heap_free(l->out);
    }
    heap_free(l);
    return st == E_NOMEM ? err_set(e, st, ERR_NO_OFFSET, "out of memory") : st;
}

static status run_file(const struct engine_calls *c, const char *file, enum rt_trap *trap, struct err *e)
{
    struct plat_blob b;
    if (strcmp(file, "-") == 0) {
        char *text;
        size_t len;
        TRY(read_input(&text, &len, e));
        status st = run_text(c, text, len, trap, e);
        heap_free(text);
        return st;
    }
    if (plat_blob_find(file, &b) != ST_OK)
        return err_set(e, E_NOTFOUND, ERR_NO_OFFSET, "--invoke-list=%s: cannot read the file", file);
    status st = run_text(c, (const char *)b.data, b.len, trap, e);
    plat_blob_release(&b);
    return st;
}

status engine_invoke_list(const struct engine_calls *c, const char *file, enum rt_trap *ended, struct err *e)
{
    enum rt_trap trap = TRAP_NONE;
    status st = run_file(c, file, &trap, e);
    *ended = ends(trap) ? trap : TRAP_NONE;
    return st;
}
