"""What two file-name patterns have in common. Case is ignored, as when files are matched."""

from __future__ import annotations

import re
from fnmatch import fnmatchcase
from functools import cache

_PART = re.compile(r"\*+|\[.[^\]]*\]|.", re.DOTALL)
_ANY = "\x00"  # a character that no pattern names


def overlap(first: str, second: str) -> bool:
    """Whether some file name matches both patterns. A set like `[ab]` counts as any character."""
    left, right = (_PART.findall(pattern.lower()) for pattern in (first, second))

    @cache
    def meet(i: int, j: int) -> bool:
        if i == len(left) and j == len(right):
            return True
        if i < len(left) and left[i].startswith("*"):
            return meet(i + 1, j) or (j < len(right) and meet(i, j + 1))
        if j < len(right) and right[j].startswith("*"):
            return meet(i, j + 1) or (i < len(left) and meet(i + 1, j))
        if i == len(left) or j == len(right):
            return False
        wild = any(part == "?" or len(part) > 1 for part in (left[i], right[j]))
        return (wild or left[i] == right[j]) and meet(i + 1, j + 1)

    return meet(0, 0)


def within(inner: str, outer: str) -> bool:
    """Whether every file name that matches `inner` matches `outer`; false when that is not plain to see."""
    inner, outer = inner.lower(), outer.lower()
    if inner == outer:
        return True
    if "[" in inner:
        return False
    samples = (inner.replace("?", _ANY).replace("*", _ANY * length) for length in (0, 1, len(outer) + 1))
    return all(fnmatchcase(sample, outer) for sample in samples)
