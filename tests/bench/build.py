"""Fetches and builds the modules of rows.py into build/bench. What fails is a Skip with the reason: its rows are left out."""
import glob
import hashlib
import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "programs"))
from packages import Skip, call  # noqa: E402
from rows import MODULES  # noqa: E402

OUT = "build/bench"
SRC = OUT + "/src"
ROWS = "tests/bench/rows"
DRIVERS = "tests/bench/drivers"
WASM2C = "/usr/share/wabt/wasm2c"
CC = "clang-19"
NATIVE = {"native": ["-O3", "-march=native"], "native-O2": ["-O2"], "native-nogather": ["-O3", "-march=native", "-mno-gather"]}
C_FLAGS = ["-std=gnu11", "-w", "-fno-strict-aliasing", "-I" + ROWS]


# --- Source packages: apt with lists of its own, so that nothing of the machine's set-up changes. ---

def apt(*words):
    here = os.path.abspath(SRC)
    options = {"Dir::Etc::SourceList": here + "/apt/sources.list", "Dir::Etc::SourceParts": "/dev/null",
               "Dir::State::Lists": here + "/apt/lists", "Dir::Cache": here + "/apt/cache"}
    call(["apt-get", "-q"] + [w for k, v in options.items() for w in ("-o", k + "=" + v)] + list(words), cwd=SRC)


def source_lists():
    """The machine's own Debian archives, for sources."""
    if glob.glob(SRC + "/apt/lists/*Sources*"):
        return
    for folder in ("lists/partial", "cache/archives/partial"):
        os.makedirs(SRC + "/apt/" + folder, exist_ok=True)
    text = call(["apt-get", "indextargets", "--format", "$(SITE) $(RELEASE) $(COMPONENT)", "Origin: Debian", "Created-By: Packages"])
    lines = sorted({"deb-src " + l for l in text.splitlines() if "security" not in l})
    if not lines:
        raise Skip("apt-get: this machine has no Debian archive")
    with open(SRC + "/apt/sources.list", "w") as f:
        f.write("\n".join(lines) + "\n")
    apt("update")


def unpacked(package):
    folders = [d for d in glob.glob("%s/%s-[0-9]*" % (SRC, glob.escape(package))) if os.path.isdir(d)]
    return folders[0] if folders else None


def source(package):
    """The folder of a source package."""
    if not unpacked(package):
        source_lists()
        apt("source", package)
    if not unpacked(package):
        raise Skip("apt-get source %s: no folder of that name" % package)
    return unpacked(package)


def prepare_sqlite(folder):
    """The one file that SQLite is made into, by its own makefile (needs tclsh)."""
    work = folder + "/bench"
    if not os.path.exists(work + "/sqlite3.c"):
        os.makedirs(work, exist_ok=True)
        call(["../configure", "--disable-tcl", "--disable-readline", "--disable-shared"], cwd=work)
        call(["make", "sqlite3.c"], cwd=work)


# --- Compiling. ---

def stamp(command, sources):
    """Changes when the command or one of our files in it does; packages come with their version."""
    own = [w for w in command if w.startswith("tests/")] + glob.glob(ROWS + "/*.h") + glob.glob(DRIVERS + "/*.h") + list(sources)
    text = {path: open(path, "rb").read() for path in own + ["apps/coremix/coremix.c"]}
    mentioned = b"row.h drive.h " + b" ".join(t for p, t in text.items() if p.endswith(".c"))
    digest = hashlib.sha256()
    for path, t in text.items():
        if not path.endswith(".h") or os.path.basename(path).encode() in mentioned:
            digest.update(t)
    return " ".join(command) + "\n" + digest.hexdigest()


def make(out, command, sources=()):
    want = stamp(command, sources)
    have = ""
    if os.path.exists(out) and os.path.exists(out + ".made"):
        with open(out + ".made") as f:
            have = f.read()
    if have != want:
        os.makedirs(os.path.dirname(out), exist_ok=True)
        call(command)
        with open(out + ".made", "w") as f:
            f.write(want)
    return out


def parts(name):
    """Sources and flags of a module."""
    m = MODULES[name]
    folder = {}
    if "package" in m:
        folder[m["package"]] = source(m["package"])
    if m.get("prepare") == "sqlite":
        prepare_sqlite(folder["sqlite3"])

    def fill(text):
        return re.sub(r"\{(.*?)\}", lambda g: folder[g.group(1)], text)

    sources = [f for pattern in m.get("sources", []) for f in sorted(glob.glob(fill(pattern)))]
    return ["%s/%s.c" % (ROWS, name)] + sources, C_FLAGS + [fill(f) for f in m.get("flags", [])]


TO_WASM = [CC, "--target=wasm32-wasi", "--sysroot=/usr", "-O2"]


def wasm(name, simd=False):
    sources, flags = parts(name)
    out = "%s/wasm/%s%s.wasm" % (OUT, name, ".simd" if simd else "")
    return make(out, TO_WASM + ["-msimd128"] * simd + flags + sources +
                [ROWS + "/wasi_none.c", "-mexec-model=reactor", "-Wl,-z,stack-size=1048576", "-Wl,--strip-all"] +
                ["-Wl,--allow-undefined"] * (name == "calls") + ["-o", out])


def command(name):
    """The module as a WASI command, which the image can run."""
    sources, flags = parts(name)
    out = "%s/command/%s.wasm" % (OUT, name)
    return make(out, TO_WASM + flags + sources + [DRIVERS + "/command.c", "-Wl,-z,stack-size=1048576", "-o", out])


def native(name, variant):
    sources, flags = parts(name)
    out = "%s/%s/%s" % (OUT, variant, name)
    return make(out, [CC] + NATIVE[variant] + flags + ["-DROW_CALLS"] * (name == "calls") + sources +
                [DRIVERS + "/native.c", "-lm", "-o", out])


def wasm2c(name):
    module = wasm(name)
    if not os.path.isdir(WASM2C):
        raise Skip("wasm2c is not installed")
    out = "%s/wasm2c/%s" % (OUT, name)
    flags = ["-O3", "-march=native", "-w", "-I" + WASM2C]
    make(out + ".c", ["wasm2c", "-n", "row", module, "-o", out + ".c"], [module])
    make(out + ".o", [CC] + flags + ["-c", out + ".c", "-o", out + ".o"], [out + ".c"])
    flags += ["-DROW_HEADER=\"%s.h\"" % name, "-I%s/wasm2c" % OUT] + ["-DROW_CALLS"] * (name == "calls")
    return make(out, [CC] + flags + [out + ".o", DRIVERS + "/wasm2c.c", WASM2C + "/wasm-rt-impl.c", "-lm", "-o", out], [out + ".o"])
