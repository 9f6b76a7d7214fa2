"""Local time to UTC: gaps are skipped forward, of a time that comes twice the first is meant. As java.time does."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from watershed.contracts.model import Column, Contract, Kind, Residency, Source, Table
from watershed.errors import ConfigurationError
from watershed.silver.formats import parse
from watershed.silver.plan import plan_table
from watershed.silver.render import typed

from tests.unit.silver_lab import at, shared_engine

# Summer time; half an hour of it; an offset of 5:45; a country that once skipped a whole day.
ZONES = ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "Pacific/Apia"]


def to_utc(zone: str, moments: list[datetime]) -> list[datetime]:
    source = Source("s", time_zone=zone, timestamp_formats=("%Y-%m-%d %H:%M:%S.%f",))
    contract = Contract("t", "1", "", (Table("t", (Column("x", Kind.TIMESTAMP),), ()),), (source,), Residency(None))
    texts = pa.table({"x": [f"{moment:%Y-%m-%d %H:%M:%S.%f}" for moment in moments]})
    found: list[datetime] = typed(shared_engine(), texts, plan_table(contract, source, (), {"x": "x"}), [])[
        "x"
    ].to_pylist()
    return found


def java(zone: str, moment: datetime) -> datetime:
    """`moment.atZone(zone)` in java.time: with fold=0, Python takes the offset before the change, which is its rule."""
    offset = moment.replace(tzinfo=ZoneInfo(zone), fold=0).utcoffset()
    assert offset is not None
    return moment - offset


@pytest.mark.parametrize(
    ("zone", "local", "utc"),
    [
        ("Europe/Berlin", "2024-01-15 12:00", "2024-01-15 11:00"),
        ("Europe/Berlin", "2024-07-15 12:00", "2024-07-15 10:00"),
        ("Europe/Berlin", "2024-03-31 01:59", "2024-03-31 00:59"),
        ("Europe/Berlin", "2024-03-31 02:00", "2024-03-31 01:00"),  # gap: means 03:00
        ("Europe/Berlin", "2024-03-31 02:30", "2024-03-31 01:30"),  # gap: means 03:30
        ("Europe/Berlin", "2024-03-31 03:00", "2024-03-31 01:00"),
        ("Europe/Berlin", "2024-10-27 01:59", "2024-10-26 23:59"),
        ("Europe/Berlin", "2024-10-27 02:30", "2024-10-27 00:30"),  # twice: the first
        ("Europe/Berlin", "2024-10-27 03:00", "2024-10-27 02:00"),
        ("America/New_York", "2024-03-10 02:30", "2024-03-10 07:30"),
        ("America/New_York", "2024-11-03 01:30", "2024-11-03 05:30"),
        ("Australia/Lord_Howe", "2024-10-06 02:15", "2024-10-05 15:45"),  # a gap of half an hour
        ("Australia/Lord_Howe", "2024-04-07 01:45", "2024-04-06 14:45"),  # an overlap of half an hour
        ("Asia/Kathmandu", "2024-06-01 00:00", "2024-05-31 18:15"),
        ("Pacific/Apia", "2011-12-30 12:00", "2011-12-30 22:00"),  # a day that never was: means the next
        ("UTC", "2024-03-31 02:30", "2024-03-31 02:30"),
    ],
)
def test_local_time_becomes_utc(zone: str, local: str, utc: str) -> None:
    assert to_utc(zone, [at(local)]) == [at(utc)]
    assert java(zone, at(local)) == at(utc)


def changes(zone: str) -> list[datetime]:
    """Local times around each change of the clocks from 1970 to 2037, as shown just before it."""
    found: list[datetime] = []
    moment, before = at("1970-01-01"), java(zone, at("1970-01-01"))
    while moment < at("2037-01-01"):
        moment += timedelta(hours=12)
        after = java(zone, moment)
        if after - before != timedelta(hours=12):
            found.append(moment)
        before = after
    return found


CHANGES = {zone: changes(zone) for zone in ZONES}


@settings(max_examples=60)
@given(
    zone=st.sampled_from(ZONES),
    anywhere=st.lists(st.datetimes(at("1970-01-02"), at("2036-12-31")), min_size=1, max_size=50),
    near=st.lists(st.tuples(st.integers(0), st.integers(-36 * 60, 36 * 60)), max_size=200),
)
@example("Australia/Lord_Howe", [at("2024-01-01")], [(i, m) for i in range(130) for m in range(-1440, 1, 30)])
@example("Europe/Berlin", [at("2024-01-01")], [(i, m) for i in range(130) for m in range(-1440, 1, 30)])
def test_every_local_time_is_read_as_java_reads_it(
    zone: str, anywhere: list[datetime], near: list[tuple[int, int]]
) -> None:
    around = CHANGES[zone]
    moments = anywhere + [around[i % len(around)] + timedelta(minutes=m) for i, m in near if around]
    assert to_utc(zone, moments) == [java(zone, moment) for moment in moments]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("%d.%m.%y", "%y is not supported"),
        ("%d %b %Y", "%b is not supported"),
        ("%d.%m", "%Y is missing"),
        ("", "%Y, %m, %d is missing"),
        ("%Y-%m-%d %Y", "%Y is there twice"),
        ("%Y-%m-%d %I:%M", "an hour is %H, or %I together with %p"),
        ("%Y-%m-%d %H:%M %p", "an hour is %H, or %I together with %p"),
        ("%Y-%m-%d%", "it ends in a single %"),
    ],
)
def test_a_format_that_cannot_be_used_is_refused(text: str, why: str) -> None:
    with pytest.raises(ConfigurationError, match="cannot be used") as refused:
        parse(text)
    assert why in refused.value.message


def test_a_format_s_literals_are_literal() -> None:
    source = Source("s", timestamp_formats=("[%Y/%m/%d] (%H+%M) 100%%",))
    contract = Contract("t", "1", "", (Table("t", (Column("x", Kind.TIMESTAMP),), ()),), (source,), Residency(None))
    texts = pa.table({"x": ["[2024/01/02] (03+04) 100%", "x2024/01/02] (03+04) 100%", "[2024/01/02] (0304) 100%"]})
    found = typed(shared_engine(), texts, plan_table(contract, source, (), {"x": "x"}), [])["x"].to_pylist()
    assert found == [at("2024-01-02 03:04:00"), None, None]
