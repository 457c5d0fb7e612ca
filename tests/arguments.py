"""What stands on the command line of a test: a word that is not expected is one line that says so."""
import sys


def bad(why):
    sys.exit("%s: %s" % (sys.argv[0], why))


def number(word, what, least=0):
    if not word.isdecimal() or int(word) < least:
        bad("%s: %s is a number from %d on" % (word, what, least))
    return int(word)


def numbers(*expected):
    """The words as numbers: `expected` is what each is called and what it is if it is missing."""
    words = sys.argv[1:]
    if len(words) > len(expected):
        bad("%s: there are only %s" % (" ".join(words), ", ".join(what for what, _ in expected)))
    return [number(words[k], what) if k < len(words) else default for k, (what, default) in enumerate(expected)]


def options(**expected):
    """The values of --NAME=VALUE, by name, and all other words; `expected` has what each is if it is missing: a number if that is one."""
    values, names = dict(expected), []
    for word in sys.argv[1:]:
        name, equals, value = word[2:].partition("=")
        if not word.startswith("-"):
            names.append(word)
        elif not word.startswith("--") or name not in expected or not equals:
            bad("%s: no such option; there are %s" % (word, " ".join("--%s=..." % n for n in expected)))
        else:
            values[name] = number(value, "--" + name) if isinstance(expected[name], int) else value
    return values, names
