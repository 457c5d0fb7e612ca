#!/usr/bin/env python3
"""The same answer as wordfreq.c, computed another way.

usage: reference.py FILE [COUNT]
"""
import collections
import re
import sys


def main():
    with open(sys.argv[1], "rb") as f:
        data = f.read()
    limit = int(sys.argv[2]) if len(sys.argv) > 2 else 25
    runs = re.findall(rb"[a-z]+", data.lower())
    words = [run[i : i + 255] for run in runs for i in range(0, len(run), 255)]
    counts = collections.Counter(words)
    print(f"{len(data)} bytes, {len(words)} words, {len(counts)} different")
    for word, count in sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:limit]:
        print(f"{count:7} {word.decode()}")


main()
