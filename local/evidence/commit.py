"""The commit that the evidence was made from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from layers.process import run

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True)
class Commit:
    """A commit, and whether the files differ from it; None where Git does not tell."""

    revision: str | None
    changed: bool | None

    def __str__(self) -> str:
        if self.revision is None:
            return "unknown: Git does not tell"
        return f"{self.revision}, with changes that are not committed" if self.changed else self.revision


def commit(root: Path) -> Commit:
    """The commit that is checked out in `root`."""
    try:
        head = run(["git", "-C", root, "rev-parse", "HEAD"])
        status = run(["git", "-C", root, "status", "--porcelain"])
    except FileNotFoundError:  # no Git on this machine
        return Commit(None, None)
    if head.returncode or status.returncode:
        return Commit(None, None)
    return Commit(head.stdout.strip(), bool(status.stdout.strip()))
