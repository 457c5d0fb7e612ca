"""What tools/mkiso and tools/mkdisk have in common: words as GRUB2 and the image read them, modules, GRUB's serial line."""
import os

WORK_MIN_MIB = 19  # boot/entry.asm, WORK_MIN_KIB, and what lies below the image
# Where there is no serial port nothing waits for it.
SERIAL = """if serial --unit=0 --speed=115200; then
    terminal_output --append serial
fi
"""


def grub_quote(text):
    """One line of words for GRUB's own reader: each word in single quotes, so that it arrives as it is."""
    return " ".join("'" + w.replace("'", "'\\''") + "'" for w in split(text))


def split(text):
    """Words as kernel_lib/include/cmdline.h reads them: GRUB quotes them again for the kernel."""
    words, word, quoted, i = [], None, False, 0
    while i < len(text):
        c = text[i]
        if c == '"':
            quoted, word = not quoted, word or ""
        elif c == " " and not quoted:
            if word is not None:
                words.append(word)
            word = None
        else:
            if c == "\\" and i + 1 < len(text):
                i += 1
                c = text[i]
            word = (word or "") + c
        i += 1
    return words + ([word] if word is not None else [])


def parse_module(text):
    path, eq, args = text.partition("=")
    if eq and not os.path.isfile(path) and os.path.isfile(text):
        path, args = text, ""
    name = os.path.basename(path)
    if not os.path.isfile(path) and ":" in path:
        path, _, name = path.rpartition(":")
    return path, name, args
