"""How much memory this process holds."""

from __future__ import annotations

import os
import resource
from pathlib import Path

MEGABYTE = 1_000_000
_STATM = Path("/proc/self/statm")


def resident() -> float:
    """Megabytes held now; where the system does not say, the most that were ever held."""
    if _STATM.exists():
        return int(_STATM.read_text(encoding="ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE") / MEGABYTE
    return peak()


def peak() -> float:
    """The most megabytes this process has held."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / MEGABYTE
