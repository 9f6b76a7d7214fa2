"""What a region's shop answers when it is asked: rows that its files have too, and rows that no file has."""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING, Any

from local.sample.habits import HABITS
from local.sample.shop import FIRST, Shop
from local.sample.writers import standard

if TYPE_CHECKING:
    from datetime import datetime

KNOWN, NEW = 5, 20  # rows of each dataset
DATASETS = ("customers", "products", "transactions")
_BEYOND = 10  # times as many as the files have: new rows' numbers begin there, where no faulty row's does


def answers(region: str, rows: int, seed: int = 7) -> dict[str, list[tuple[datetime, dict[str, Any]]]]:
    """By dataset: each row under the standard's names, and when it was last changed, UTC.

    Args:
        region: The AWS region.
        rows: As for the files, so that the known rows are theirs.
        seed: As for the files.
    """
    (habits,) = (each for each in HABITS if each.region == region)
    shop = Shop(habits, seed, rows)
    found: dict[str, list[tuple[datetime, dict[str, Any]]]] = {}
    for dataset in DATASETS:
        count, make = shop.records[dataset]
        numbers = [*range(1, KNOWN + 1), *range(_BEYOND * count + 1, _BEYOND * count + NEW + 1)]
        records = [make(number, FIRST) for number in numbers]
        found[dataset] = [
            (habits.utc(record["updated_at"]).astimezone(UTC), standard(dataset, habits, record)) for record in records
        ]
    return found
