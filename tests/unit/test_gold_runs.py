"""Run ids, and which runs' files may be deleted."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from watershed.gold.runs import GRACE, expired, new_run, started_at

if TYPE_CHECKING:
    from random import Random

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
instants = st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


@given(instants, instants)
def test_run_ids_sort_by_time_and_keep_it(first: datetime, second: datetime) -> None:
    a, b = new_run(first), new_run(second)
    assert a != b
    assert started_at(a) == first
    if first != second:
        assert (a < b) == (first < second)


def test_a_run_id_is_in_utc_whatever_the_clocks_zone() -> None:
    assert new_run(NOW.astimezone(timezone(timedelta(hours=9))))[:20] == new_run(NOW)[:20]


@pytest.mark.parametrize("foreign", ["", "latest", "2026-03-01", "20260301T120000-x"])
def test_a_foreign_name_is_no_run(foreign: str) -> None:
    assert started_at(foreign) is None
    assert expired([foreign, new_run(NOW - 9 * GRACE), new_run(NOW - 8 * GRACE)], (), NOW)[:1] != [foreign]


@given(st.lists(st.integers(0, 300), max_size=20, unique=True), st.randoms())
def test_what_may_still_be_read_or_written_is_kept(minutes: list[int], shuffle: Random) -> None:
    """For a history in which each run replaced the one before."""
    history = sorted(minutes, reverse=True)  # minutes ago
    runs = {ago: new_run(NOW - timedelta(minutes=ago)) for ago in history}
    mixed = list(runs.values())
    shuffle.shuffle(mixed)
    gone = expired(mixed, [runs[ago] for ago in history[-2:]], NOW)
    unused = [  # replaced more than the grace ago, and neither the current run nor the one before it
        ago for ago, replaced in pairwise(history) if timedelta(minutes=replaced) > GRACE and ago not in history[-2:]
    ]
    assert gone == [runs[ago] for ago in unused]
