"""The small files of an hour, each made from its number alone, and what must be in the lake afterwards.

A file holds a few rows of one dataset: new records, newer and older versions of records that earlier files brought,
repeats of them, and here and there a row, or a whole file, that is wrong.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from local.sample.deliveries import Delivery, Part
from local.sample.dice import Dice
from local.sample.faults import FAULTS, Fault, Spoiled, Torn
from local.sample.habits import HABITS
from local.sample.shop import FIRST, NEW, OLD, Shop
from local.sample.writers import Row, write_file

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


MINUTES = 60
DATASETS = ("transactions", "customers", "transactions", "conversations", "transactions",
            "products", "customers", "transactions", "conversations", "stores")  # fmt: skip
CHILDREN = {"store_installs": "installs", "store_subscriptions": "subscriptions"}  # child table -> the record's list
_KEYS = {"transactions": "transaction_id", "customers": "customer_id", "products": "product_id",
         "conversations": "conversation_id", "stores": "store_id"}  # fmt: skip
_FEWEST_ROWS, _MORE_ROWS = 3, 4  # a file has 3 to 6 sound rows
_NEW_RECORDS = 6  # of ten rows; the others are versions of records that are there
_BURST_EVERY, _BURST = 15, 5  # each quarter of an hour begins with five times the files of other minutes
_FAULT_EVERY, _REPEAT_EVERY, _REFUSED_EVERY = 5, 37, 499  # files; the last two reach every dataset
_WRONG_FROM = 10_000_000  # numbers of records that must never reach silver
_NOT_TEXT = b"PK\x03\x04 a spreadsheet under a text file's name"
_HABITS = HABITS[0]


@dataclass(frozen=True)
class SmallFile:
    """One file, and what must become of its rows.

    Attributes:
        key: In the raw bucket.
        rows: Its records, sound or not.
        malformed: How many bronze must hold back.
        quarantined: How many silver must hold back.
        rejected: Whether bronze must refuse the whole file.
    """

    key: str
    rows: tuple[Row, ...]
    malformed: int = 0
    quarantined: int = 0
    rejected: bool = False

    @property
    def dataset(self) -> str:
        """The contract's name."""
        return self.key.partition("/")[0]

    def write(self, folder: Path) -> Path:
        """Write it; the same bytes each time."""
        path = folder / self.key.partition("/")[2]
        if self.rejected:
            path.write_bytes(_NOT_TEXT)
        else:
            write_file(path, Delivery(self.dataset, path.name, Part.WHOLE), _HABITS, self.rows)
        return path


@dataclass
class Hour:
    """The files of one hour in one region, in the order of their numbers.

    Args:
        count: How many files the whole hour has.
        seed: Another seed, other rows.
        until: Stop after so many minutes, at the same rate.

    Attributes:
        region: Where they belong.
        files: All of them.
        standing: Table -> key -> what must stand there: the newest version's time of change, UTC; None in a child.
    """

    count: int
    seed: int = 7
    until: int = MINUTES
    region: str = _HABITS.region
    files: list[SmallFile] = field(init=False, default_factory=list)
    standing: dict[str, dict[tuple[Any, ...], Any]] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        self._dice = Dice(self.seed, "hour")
        self._shop = Shop(_HABITS, self.seed, max(self.count * 2, 100))  # so that orders spread over the year
        self._newest: dict[str, dict[int, int]] = {dataset: {} for dataset in _KEYS}  # record's number -> version
        last: dict[str, SmallFile] = {}
        for number in range(self._ends()[-1]):
            dataset = DATASETS[number % len(DATASETS)]
            made = self._file(number, dataset, last.get(dataset))
            self.files.append(made)
            if not made.rejected:
                last[dataset] = made
        self._stand()

    def minutes(self) -> Iterator[list[SmallFile]]:
        """The files by minute of arrival: an even stream, with a burst each quarter of an hour."""
        ends = self._ends()
        yield from (self.files[start:end] for start, end in itertools.pairwise([0, *ends]))

    def _ends(self) -> list[int]:
        """How many files have arrived at the end of each minute."""
        weights = [1 if minute % _BURST_EVERY else _BURST for minute in range(MINUTES)]
        return [self.count * so_far // sum(weights) for so_far in itertools.accumulate(weights)][: self.until]

    def _file(self, number: int, dataset: str, before: SmallFile | None) -> SmallFile:
        kind = ".csv.gz" if number % 7 == 0 else ".csv"
        if dataset == "conversations" and number % 3 == 0:
            kind = ".jsonl"
        key = f"{dataset}/{dataset}-{number:06d}{kind}"
        if number % _REFUSED_EVERY == _REFUSED_EVERY - 1:
            return SmallFile(f"{dataset}/{dataset}-{number:06d}.csv", (), rejected=True)
        if before and number % _REPEAT_EVERY == _REPEAT_EVERY - 1:  # an earlier file once more, under another name
            return SmallFile(key, before.rows, before.malformed, before.quarantined)
        rows = list(self._sound(number, dataset))
        fault = (
            self._fault(number, dataset) if number % _FAULT_EVERY == number // len(DATASETS) % _FAULT_EVERY else None
        )
        if fault:
            rows.insert(1, (self._shop.records[dataset][1](_WRONG_FROM + number, FIRST), fault))
        return SmallFile(key, tuple(rows), int(isinstance(fault, Torn)), int(isinstance(fault, Spoiled)))

    def _sound(self, number: int, dataset: str) -> Iterator[Row]:
        newest, make = self._newest[dataset], self._shop.records[dataset][1]
        for place in range(_FEWEST_ROWS + self._dice.roll(number) % _MORE_ROWS):
            word, chance = divmod(self._dice.roll(number, 1 + place), 10)
            if chance < _NEW_RECORDS or not newest:
                record, version = len(newest) + 1, FIRST
            else:
                record, version = word % len(newest) + 1, (NEW, NEW, OLD, FIRST)[chance - _NEW_RECORDS]
            newest[record] = max(newest.get(record, OLD), version)
            yield make(record, version), None

    def _fault(self, number: int, dataset: str) -> Fault:
        whole_row = [each for each in FAULTS[dataset] if isinstance(each, Torn) or not each.keeps_row]
        return whole_row[self._dice.roll(number, 99) % len(whole_row)]

    def _stand(self) -> None:
        self.standing = {table: {} for table in (*_KEYS, *CHILDREN)}
        for dataset, newest in self._newest.items():
            make = self._shop.records[dataset][1]
            for number, version in newest.items():
                record = make(number, version)
                key = record[_KEYS[dataset]]
                self.standing[dataset][(key,)] = _HABITS.utc(record["updated_at"]).replace(tzinfo=None)
                if dataset == "stores":
                    for child, column in CHILDREN.items():
                        places = range(1, len(record[column]) + 1)
                        self.standing[child] |= dict.fromkeys((key, place) for place in places)
