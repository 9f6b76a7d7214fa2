"""The figures of one large file, beside those of one a tenth of its size."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.bronze_memory import MEGABYTE
from benchmarks.load import large
from benchmarks.load.figures import Figure, at_most, exactly

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import Console

    from benchmarks.load.large import Outcome

BRONZE_MEGABYTES = 1000  # of memory, whatever the file
GROWTH = 1.2  # of memory, for ten times the file


def figures(console: Console, folder: Path, megabytes: int) -> list[Figure]:
    """Send a file of a tenth of `megabytes` and one of `megabytes`, and measure both.

    Raises:
        ConfigurationError: if the disk has no room.
    """
    small, big = (_run(console, folder, size) for size in (max(megabytes // 10, 1), megabytes))
    return [*_memory("bronze", big[0], small[0]), *_memory("silver", big[1], small[1]), *big[2]]


def _run(console: Console, folder: Path, megabytes: int) -> tuple[Outcome, Outcome, list[Figure]]:
    with tempfile.TemporaryDirectory(dir=folder) as name:
        place, said = Path(name), f"{megabytes:,} MB CSV"
        with console.status(f"{said}: write"):
            size = large.write(place, megabytes).stat().st_size
        console.print(f"  {said}: {size / MEGABYTE:,.1f} MB written")
        with console.status(f"{said}: bronze"):
            bronze = large.measured("bronze", place)
        console.print(f"  {said}, bronze: {_said(bronze)}")
        with console.status(f"{said}: silver"):
            silver = large.measured("silver", place)
            found = large.standing(place)
        console.print(f"  {said}, silver: {_said(silver)}")
        expected = large.expected(large.rows_of(megabytes))
        return bronze, silver, list(_accounts(said, expected, bronze.rows, silver.rows, found))


def _said(outcome: Outcome) -> str:
    times = f"{outcome.cpu:,.0f} s of CPU, {outcome.seconds:,.0f} s in all"
    return f"{outcome.parts} parts, peak {outcome.peak:,.0f} MB, {times}"


def _memory(stage: str, big: Outcome, small: Outcome) -> Iterator[Figure]:
    ratio = big.peak / small.peak
    if stage == "bronze":
        yield at_most("bronze, peak memory", big.peak, BRONZE_MEGABYTES, "MB")
        yield at_most("bronze, that beside a tenth of the file", ratio, GROWTH, "times", 2)
    else:
        yield Figure("silver, peak memory", f"{big.peak:,.0f} MB")
        yield Figure("silver, that beside a tenth of the file", f"{ratio:,.2f} times")


def _accounts(
    said: str, expected: dict[str, int], bronze: dict[str, int], silver: dict[str, int], found: tuple[int, int]
) -> Iterator[Figure]:
    for name in ("rows_read", "rows_out", "malformed"):
        yield exactly(f"{said}, bronze: {name}", bronze[name], expected[name])
    for name in ("rows_in", "quarantined", "inserted"):
        yield exactly(f"{said}, silver: {name}", silver[name], expected[name])
    outcomes = sum(silver[name] for name in ("inserted", "updated", "duplicate", "stale", "quarantined"))
    yield exactly(f"{said}, silver: rows with an outcome", outcomes, expected["rows_in"])
    yield exactly(f"{said}, rows that stand in silver", found[0], expected["inserted"])
    yield exactly(f"{said}, distinct keys in silver", found[1], expected["inserted"])
