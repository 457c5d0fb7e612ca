#!/usr/bin/env python3
"""Writes a real text of at least BYTES bytes: the licences and copyright files that every Debian system has.

usage: make_text.py OUT BYTES
"""
import glob
import os
import sys


def sources():
    """Regular files only: the licence folder also has links from one name to another."""
    paths = sorted(glob.glob("/usr/share/common-licenses/*")) + sorted(glob.glob("/usr/share/doc/*/copyright"))
    return [p for p in paths if os.path.isfile(p) and not os.path.islink(p)]


def main():
    out, wanted = sys.argv[1], int(sys.argv[2])
    text = bytearray()
    paths = sources()
    if not paths:
        sys.exit("make_text: no licence texts below /usr/share")
    while len(text) < wanted:
        for path in paths:
            with open(path, "rb") as f:
                text += f.read()
            if len(text) >= wanted:
                break
    with open(out, "wb") as f:
        f.write(text)


main()
