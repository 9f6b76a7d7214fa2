"""Windows leave out no moment, whatever the source's format, zone and clock, and whichever of two hours it means."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from watershed.poll import windows
from watershed.poll.model import EPOCH, EPOCH_MILLIS, ISO, Incremental
from watershed.poll.windows import Window

START = datetime(2026, 10, 23, tzinfo=UTC)  # two days before Berlin's clocks go back, nine before New York's
FORMATS = (ISO, EPOCH, EPOCH_MILLIS, "%Y-%m-%d", "%Y-%m-%d %H:%M", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S%z")
ZONES = ("UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Ho_Chi_Minh")
NAIVE = {"%Y-%m-%d", "%Y-%m-%d %H:%M", "%Y-%m-%d %H:%M:%S"}


def meant(incremental: Incremental, text: str, fold: int) -> datetime:
    """What a source understands; of two hours alike, the one that it always takes."""
    if incremental.format == ISO:
        return datetime.fromisoformat(text)
    if incremental.format in {EPOCH, EPOCH_MILLIS}:
        return datetime.fromtimestamp(int(text) / (1 if incremental.format == EPOCH else 1000), UTC)
    read = datetime.strptime(text, incremental.format)  # noqa: DTZ007  the zone is the source's
    return read if read.tzinfo else read.replace(tzinfo=ZoneInfo(incremental.time_zone), fold=fold)


@given(
    form=st.sampled_from(FORMATS),
    zone=st.sampled_from(ZONES),
    fold=st.sampled_from([0, 1]),
    window=st.sampled_from([None, 1800, 7200, 86400, 300000]),
    overlap=st.sampled_from([0, 60, 3600, 90000]),
    polls=st.lists(st.integers(1, 40 * 3600), min_size=1, max_size=8),
)
def test_windows_follow_each_other_without_a_gap(  # noqa: PLR0917  hypothesis gives them by name
    form: str, zone: str, fold: int, window: int | None, overlap: int, polls: list[int]
) -> None:
    asked = Incremental(START.isoformat(), "a", "b", form, zone, overlap, window)
    now, cursor = START, None
    covered: datetime | None = None  # as the source understands it
    for seconds in polls:
        now += timedelta(seconds=seconds)
        for _ in range(2000):
            found = windows.following(asked, cursor, now)
            if found is None:
                break
            told = windows.parameters(asked, found)
            since, until = (meant(asked, told[name], fold) for name in ("a", "b"))
            assert since <= (covered or START)
            assert until <= now, "what is not over yet may still change"
            assert cursor is None or found.until > cursor
            covered, cursor = max(until, covered or until), found.until
        else:
            pytest.fail("this never ends")
    if form not in NAIVE:
        assert cursor == now.replace(microsecond=0)


@given(seconds=st.integers(0, 10 * 366 * 86400), zone=st.sampled_from(ZONES))
def test_what_is_written_is_what_was_meant(seconds: int, zone: str) -> None:
    moment = datetime(2020, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
    asked = Incremental(START.isoformat(), "a", "b", "%Y-%m-%d %H:%M:%S", zone)
    clear = windows.clear(asked, moment)
    assert clear <= moment
    for fold in (0, 1):
        assert meant(asked, windows.said(asked, clear), fold) == clear
    assert windows.clear(asked, clear) == clear


def test_an_hour_that_comes_twice_is_not_asked_for_in_part() -> None:
    asked = Incremental("2026-10-24T00:00:00+00:00", "a", "b", "%Y-%m-%d %H:%M", "Europe/Berlin")
    within = windows.following(asked, None, datetime(2026, 10, 25, 1, 30, tzinfo=UTC))  # 02:30, for the second time
    assert within == Window(asked.first, datetime(2026, 10, 24, 23, 59, tzinfo=UTC))  # 01:59
    after = windows.following(asked, within.until if within else None, datetime(2026, 10, 25, 2, 5, tzinfo=UTC))
    assert after is not None
    assert windows.parameters(asked, after) == {"a": "2026-10-25 01:59", "b": "2026-10-25 03:05"}


def test_nothing_is_asked_for_before_the_start_or_while_no_time_has_passed() -> None:
    asked = Incremental(START.isoformat(), "a", "b", overlap=3600)
    assert windows.following(asked, None, START) is None
    assert windows.following(asked, None, START - timedelta(days=1)) is None
    found = windows.following(asked, None, START + timedelta(minutes=5))
    assert found == Window(START, START + timedelta(minutes=5))
    assert windows.following(asked, START + timedelta(minutes=5), START + timedelta(minutes=5)) is None


def test_a_start_that_is_set_to_later_is_where_reading_goes_on() -> None:
    asked = Incremental(START.isoformat(), "a", "b", overlap=3600, window=86400)
    cursor = START - timedelta(days=20)
    found = windows.following(asked, cursor, START + timedelta(days=9))
    assert found == Window(START, START + timedelta(days=1))
    assert windows.following(asked, cursor, START - timedelta(days=1)) is None


def test_a_narrower_window_is_one_only_if_windows_end() -> None:
    now = START + timedelta(days=1)
    ends = Incremental(START.isoformat(), "a", "b", window=7200)
    assert windows.following(ends, None, now, 600) == Window(START, START + timedelta(minutes=10))
    endless = Incremental(START.isoformat(), "a")
    assert windows.following(endless, None, now, 600) == Window(START, now)
