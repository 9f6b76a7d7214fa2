"""Runs a tool to its end."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

_LONGEST = 600  # seconds


def run(command: Sequence[str | Path], *, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Run a command made of fixed words and our own paths, without a shell, and return its code and output.

    Raises:
        subprocess.TimeoutExpired: if it takes ten minutes.
    """
    words = [str(word) for word in command]
    return subprocess.run(words, cwd=cwd, timeout=_LONGEST, capture_output=True, text=True, check=False)  # noqa: S603  # no shell
