"""Which datasets are told of, and which of them are late."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from local import freshness
from tests.unit.bronze_lake import REGION, contract

if TYPE_CHECKING:
    from watershed.contracts.model import Contract

NOW = datetime(2025, 1, 2, 12, 0, tzinfo=UTC).replace(tzinfo=None)
HOUR = timedelta(hours=1)


def read(last: dict[str, datetime], *contracts: Contract) -> dict[str, tuple[str, str, str]]:
    """What is told of each dataset, in order."""
    athena = SimpleNamespace(
        typed_rows=lambda _sql: (["dataset", "last_arrival"], [list(each) for each in last.items()])
    )
    region: Any = SimpleNamespace(name=REGION, athena=athena)
    seen = freshness.read(region, contracts, NOW)
    return {each.dataset: (each.came, freshness.in_words(each.age), each.state) for each in seen}


def test_every_dataset_that_comes_to_the_region_is_told_by_name() -> None:
    here, anywhere = contract("b", regions=(REGION, "us-east-1")), contract("a")
    elsewhere = replace(contract("c", regions=("us-east-1",)), freshness_hours=1)
    last = {"b": NOW - 3 * HOUR, "unknown": NOW}
    told = read(last, here, elsewhere, anywhere)
    assert list(told.items()) == [
        ("a", ("none yet", "-", "no promise")),
        ("b", ("2025-01-02 09:00", "3 hours", "no promise")),
    ]


@pytest.mark.parametrize(
    ("age", "state"),
    [(timedelta(0), "in time"), (6 * HOUR, "in time"), (6 * HOUR + timedelta(seconds=1), "overdue"), (None, "overdue")],
)
def test_a_promise_holds_until_it_is_over(age: timedelta | None, state: str) -> None:
    promising = replace(contract("a"), freshness_hours=6)
    assert read({} if age is None else {"a": NOW - age}, promising)["a"][2] == state
