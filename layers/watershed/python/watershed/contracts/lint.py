"""Every fault of every contract, for people: what `watershed contracts lint` prints and what fails the synth."""

from __future__ import annotations

from typing import TYPE_CHECKING

from watershed.contracts.odcs import examine

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

    from watershed.finding import Finding


def lint(folder: Path, regions: Collection[str] = ()) -> list[Finding]:
    """The faults of all contracts in `folder`, by file and line; empty if there are none.

    With `regions`, the regions that exist, a source for any other region is a fault too.
    """
    return examine(folder, regions)[1]
