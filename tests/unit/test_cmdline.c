#include "cmdline.h"

#include <string.h>

#include "unit.h"

/* The words of a line, joined by '|'. */
static const char *split(const char *line)
{
    static char text[256], joined[256];
    const char *argv[16];
    size_t n = cmdline_split(line, text, argv, 16);
    joined[0] = 0;
    for (size_t i = 0; i < n && i < 16; i++) {
        if (i)
            strcat(joined, "|");
        strcat(joined, argv[i]);
    }
    return joined;
}

TEST(cmdline_splits_words)
{
    CHECK_STR(split(""), "");
    CHECK_STR(split("   "), "");
    CHECK_STR(split("one"), "one");
    CHECK_STR(split("  one two   three "), "one|two|three");
}

TEST(cmdline_quotes)
{
    CHECK_STR(split("\"a b\" c"), "a b|c");
    CHECK_STR(split("x=\"a b\"y"), "x=a by");
    CHECK_STR(split("a\\ b \\\"c\\\" \\\\"), "a b|\"c\"|\\");
    CHECK_STR(split("\"\" x \"\""), "|x|");
    CHECK_STR(split("it's"), "it's");
    CHECK_STR(split("\"open ended"), "open ended");
    CHECK_STR(split("end\\"), "end\\");
    CHECK_STR(split("line\nfeed a\tb"), "line\nfeed|a\tb"); /* GRUB2 does not quote these */
}

TEST(cmdline_counts_more_than_it_stores)
{
    char text[16];
    const char *argv[2] = {NULL, NULL};
    CHECK_EQ(cmdline_split("a b c d", text, argv, 2), 4);
    CHECK_STR(argv[1], "b");
}

TEST(cmdline_every_byte_passes)
{
    for (int c = 1; c < 256; c++) {
        char line[8] = {'"', '\\', (char)c, '"', 0}, text[8];
        const char *argv[2];
        CHECK_EQ(cmdline_split(line, text, argv, 2), 1);
        CHECK_EQ((unsigned char)argv[0][0], c);
        CHECK_EQ(argv[0][1], 0);
    }
}

TEST(cmdline_finds_options)
{
    char value[8] = "old";
    CHECK(!cmdline_option("", "exit", value, sizeof value));
    CHECK_STR(value, "old");
    CHECK(cmdline_option("a exit=halt", "exit", value, sizeof value));
    CHECK_STR(value, "halt");
    CHECK(cmdline_option("--exit=\"a b\"", "exit", value, sizeof value));
    CHECK_STR(value, "a b");
    CHECK(cmdline_option("exit=1 exit=2", "exit", value, sizeof value));
    CHECK_STR(value, "2");
    CHECK(cmdline_option("exit", "exit", value, sizeof value));
    CHECK_STR(value, "");
    CHECK(cmdline_option("exit=123456789", "exit", value, sizeof value));
    CHECK_STR(value, "1234567");
    CHECK(!cmdline_option("exits=1 -- exit=2", "exit", value, sizeof value));
}
