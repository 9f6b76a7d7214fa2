"""Writes the files of all regions and says what must become of their rows."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from watershed.errors import ConfigurationError

from local.sample.deliveries import DELIVERIES, Delivery, Part
from local.sample.faults import FAULTS, Fault, Torn
from local.sample.habits import HABITS, Habits
from local.sample.shop import FIRST, NEW, OLD, Shop
from local.sample.writers import Row, has_faults, write_file

if TYPE_CHECKING:
    from collections.abc import Iterator

FEWEST_ROWS = 10
_FAULTY_EVERY = 100  # one row in so many is faulty, but each fault is there at least once


@dataclass(frozen=True)
class Expected:
    """What must become of a file's rows, whatever else has been delivered before.

    Attributes:
        rows: Data records in the file, good or bad.
        malformed: Of these, held back by bronze.
        quarantined: Reason -> how many rows of the dataset's own table, or elements of its child tables, silver holds
            back.
        new_keys: Keys of the dataset's own table that this file is the first to deliver soundly, in delivery order.
    """

    rows: int
    malformed: int
    quarantined: Mapping[str, int]
    new_keys: int


@dataclass(frozen=True)
class SampleFile:
    """One file; its raw key is `<dataset>/<path.name>`."""

    region: str
    dataset: str
    path: Path
    expected: Expected


def write(folder: Path, rows: int, seed: int = 7) -> list[SampleFile]:
    """Write `<folder>/<region>/<dataset>/<file>` for every region; equal arguments give equal bytes.

    Args:
        folder: Made if absent; files in it are overwritten.
        rows: Orders per region; everything else scales with them.
        seed: Another seed, other people and orders.

    Returns:
        The files in the order in which they are to be dropped.

    Raises:
        ConfigurationError: if there are too few rows to show anything.
    """
    if rows < FEWEST_ROWS:
        raise ConfigurationError(f"{rows} rows are too few.", remedy=f"Ask for at least {FEWEST_ROWS}.")
    shops = [(habits, Shop(habits, seed, rows)) for habits in HABITS]
    return [file for habits, shop in shops for file in _write_region(folder / habits.region, habits, shop)]


def _write_region(folder: Path, habits: Habits, shop: Shop) -> Iterator[SampleFile]:
    tallies: dict[str, _Tally] = {}
    for delivery in DELIVERIES[habits.region]:
        path = folder / delivery.dataset / delivery.name
        path.parent.mkdir(parents=True, exist_ok=True)
        tally = tallies.setdefault(delivery.dataset, _Tally(shop.records[delivery.dataset][0]))
        if delivery.part is Part.EMPTY:
            path.write_bytes(b"")
        else:
            write_file(path, delivery, habits, tally.watch(_rows(delivery, shop)))
        yield SampleFile(habits.region, delivery.dataset, path, tally.take())


def _rows(delivery: Delivery, shop: Shop) -> Iterator[tuple[int, Row]]:
    """The records of a delivery with their numbers, faulty ones spread among them."""
    count, make = shop.records[delivery.dataset]
    sound = sum(1 for _ in _versions(delivery.part, count))
    faults: list[Fault] = []
    if sound and has_faults(delivery.name):
        kinds = FAULTS[delivery.dataset]
        faults = list(itertools.islice(itertools.cycle(kinds), max(len(kinds), sound // _FAULTY_EVERY)))
    every = max(sound // max(len(faults), 1), 1)
    faulty = ((count + place, (make(count + place, FIRST), fault)) for place, fault in enumerate(faults, start=1))
    for place, (number, version) in enumerate(_versions(delivery.part, count), start=1):
        yield number, (make(number, version), None)
        if place % every == 0:
            yield from itertools.islice(faulty, 1)
    yield from faulty


def _versions(part: Part, count: int) -> Iterator[tuple[int, int]]:
    """Which records a part holds, as (number, version)."""
    half = count // 2
    ranges = {Part.WHOLE: (1, count), Part.FIRST_HALF: (1, half), Part.SECOND_HALF: (half + 1, count)}
    if part in ranges:
        first, last = ranges[part]
        yield from ((number, FIRST) for number in range(first, last + 1))
    elif part is Part.CHANGES:
        for number in range(1, count + 1):
            if number % 10 == 0:
                yield number, NEW
            if number % 20 == 0:
                yield number, NEW  # the same once more, in the same file
            if number % 10 == 5:  # noqa: PLR2004 - others than the changed ones
                yield number, OLD
            if number % 25 == 1:
                yield number, FIRST  # the same as an earlier file's


class _Tally:
    """Counts the rows of one dataset while they pass by, file by file."""

    def __init__(self, count: int) -> None:
        self._seen = bytearray(count + 1)  # by number; what is beyond is in the set
        self._seen_beyond: set[int] = set()
        self._clear()

    def _clear(self) -> None:
        self._rows = self._malformed = self._new_keys = 0
        self._quarantined: Counter[str] = Counter()

    def watch(self, rows: Iterator[tuple[int, Row]]) -> Iterator[Row]:
        """The rows, counted."""
        for number, row in rows:
            fault = row[1]
            self._rows += 1
            if isinstance(fault, Torn):
                self._malformed += 1
            elif fault is not None:
                self._quarantined[fault.reason] += 1
            if fault is None or (not isinstance(fault, Torn) and fault.keeps_row):
                self._new_keys += self._is_new(number)
            yield row

    def take(self) -> Expected:
        """What was counted since the last time."""
        expected = Expected(self._rows, self._malformed, dict(self._quarantined), self._new_keys)
        self._clear()
        return expected

    def _is_new(self, number: int) -> bool:
        if number >= len(self._seen):
            is_new = number not in self._seen_beyond
            self._seen_beyond.add(number)
            return is_new
        is_new = not self._seen[number]
        self._seen[number] = 1
        return is_new
