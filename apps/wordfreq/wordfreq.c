/* wordfreq.c: the most frequent words of a text file.
 *
 *     wordfreq FILE [COUNT]      COUNT: how many words to print (default 25)
 *
 * A word is a run of ASCII letters; case does not matter. Words of equal frequency are in alphabetical order.
 */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BUCKETS = 1 << 14, CHUNK = 1 << 16, WORD_MAX = 255 };

struct word {
    struct word *next; /* in its bucket */
    uint32_t hash, count, len;
    char text[];
};

static struct word *buckets[BUCKETS];
static uint32_t nwords, ntokens;

static uint32_t hash(const char *s, uint32_t len)
{
    uint32_t h = 2166136261u;
    for (uint32_t i = 0; i < len; i++)
        h = (h ^ (uint8_t)s[i]) * 16777619u;
    return h;
}

static void count_word(const char *s, uint32_t len)
{
    uint32_t h = hash(s, len);
    struct word **bucket = &buckets[h % BUCKETS];
    ntokens++;
    for (struct word *w = *bucket; w; w = w->next) {
        if (w->hash == h && w->len == len && memcmp(w->text, s, len) == 0) {
            w->count++;
            return;
        }
    }
    struct word *w = malloc(sizeof *w + len + 1);
    if (!w) {
        fprintf(stderr, "wordfreq: out of memory\n");
        exit(1);
    }
    *w = (struct word){.next = *bucket, .hash = h, .count = 1, .len = len};
    memcpy(w->text, s, len);
    w->text[len] = 0;
    *bucket = w;
    nwords++;
}

/* Feeds a chunk; a word may go on in the next one. Letters beyond WORD_MAX start a new word. */
static void count_chunk(const char *p, size_t n)
{
    static char word[WORD_MAX];
    static uint32_t len;
    for (size_t i = 0; i < n; i++) {
        char c = p[i] >= 'A' && p[i] <= 'Z' ? (char)(p[i] + 32) : p[i];
        int letter = c >= 'a' && c <= 'z';
        if (len && (!letter || len == WORD_MAX)) {
            count_word(word, len);
            len = 0;
        }
        if (letter)
            word[len++] = c;
    }
}

static int by_count(const void *a, const void *b)
{
    const struct word *x = *(struct word *const *)a, *y = *(struct word *const *)b;
    if (x->count != y->count)
        return x->count > y->count ? -1 : 1;
    return strcmp(x->text, y->text);
}

static size_t count_file(const char *path)
{
    static char chunk[CHUNK];
    size_t n, total = 0;
    FILE *f = fopen(path, "rb");
    if (!f) {
        fprintf(stderr, "wordfreq: cannot open %s: %s\n", path, strerror(errno));
        exit(1);
    }
    while ((n = fread(chunk, 1, sizeof chunk, f)) > 0) {
        count_chunk(chunk, n);
        total += n;
    }
    fclose(f);
    count_chunk("\n", 1);
    return total;
}

static void print_words(uint32_t limit)
{
    struct word **all = malloc((nwords + 1) * sizeof *all);
    uint32_t n = 0;
    if (!all)
        exit(1);
    for (uint32_t b = 0; b < BUCKETS; b++)
        for (struct word *w = buckets[b]; w; w = w->next)
            all[n++] = w;
    qsort(all, n, sizeof *all, by_count);
    for (uint32_t i = 0; i < n && i < limit; i++)
        printf("%7u %s\n", all[i]->count, all[i]->text);
}

int main(int argc, char **argv)
{
    if (argc < 2) {
        fprintf(stderr, "usage: wordfreq FILE [COUNT]\n");
        return 2;
    }
    size_t bytes = count_file(argv[1]);
    printf("%zu bytes, %u words, %u different\n", bytes, ntokens, nwords);
    print_words(argc > 2 ? (uint32_t)strtoul(argv[2], NULL, 10) : 25);
    return 0;
}
