"""How each region writes its files: separators, numbers, dates, clocks, and its own names for the columns."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from types import NoneType
from typing import Any
from zoneinfo import ZoneInfo

from local.sample.columns import FRANKFURT_COLUMNS, SINGAPORE_COLUMNS, VIRGINIA_COLUMNS
from local.sample.people import FRANKFURT, SINGAPORE, VIRGINIA, People

_SWAPPED = str.maketrans(",.", ".,")


@dataclass(frozen=True)
class Habits:
    """One region's ways. Timestamps it is given are what the clocks of `zone` show."""

    region: str
    people: People
    zone: ZoneInfo
    columns: dict[str, dict[str, str]]  # dataset -> our column -> the header it writes
    delimiter: str
    line_end: str
    timestamp: Callable[[datetime], str]
    date: Callable[[date], str]
    number: Callable[[Decimal | float], str]
    words: tuple[str, str]  # for false and true
    clock_changes: tuple[datetime, ...] = ()  # local times that do not exist, or exist twice
    writers: dict[type, Callable[[Any], str]] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        writers: dict[type, Callable[[Any], str]] = {
            str: str,
            int: str,
            bool: lambda value: self.words[value],
            float: self.number,
            Decimal: self.number,
            datetime: self.timestamp,
            date: self.date,
            list: lambda value: json.dumps(value, default=self.timestamp, ensure_ascii=False),
            NoneType: lambda _: "",
        }
        object.__setattr__(self, "writers", writers)

    def text(self, value: Any) -> str:
        """A value as this region writes it in a CSV field."""
        return self.writers[type(value)](value)

    def utc(self, local: datetime) -> datetime:
        """The instant a local time means: of two the first; one that is skipped moves forward by the gap."""
        return local.replace(tzinfo=self.zone).astimezone(UTC)


def _german_timestamp(it: datetime) -> str:
    return f"{it.day:02}.{it.month:02}.{it.year} {it.hour:02}:{it.minute:02}:{it.second:02}"


def _american_timestamp(it: datetime) -> str:
    """Two systems feed these files: one keeps 12 hours, the other 24."""
    day = f"{it.month:02}/{it.day:02}/{it.year}"
    if it.minute % 2:
        return f"{day} {it.hour:02}:{it.minute:02}:{it.second:02}"
    return f"{day} {it.hour % 12 or 12}:{it.minute:02}:{it.second:02} {'PM' if it.hour >= 12 else 'AM'}"  # noqa: PLR2004


def _iso_timestamp(it: datetime) -> str:
    return f"{it.year}-{it.month:02}-{it.day:02}T{it.hour:02}:{it.minute:02}:{it.second:02}+07:00"


def standard_timestamp(instant: datetime) -> str:
    """How machines write an instant, in every region."""
    return f"{instant:%Y-%m-%dT%H:%M:%SZ}"


HABITS = (
    Habits(
        region="eu-central-1",
        people=FRANKFURT,
        zone=ZoneInfo("Europe/Berlin"),
        columns=FRANKFURT_COLUMNS,
        delimiter=";",
        line_end="\r\n",
        timestamp=_german_timestamp,
        date=lambda it: f"{it.day:02}.{it.month:02}.{it.year}",
        number=lambda it: f"{it:,.2f}".translate(_SWAPPED),
        words=("nein", "ja"),
        clock_changes=(datetime.fromisoformat("2024-03-31 02:30"), datetime.fromisoformat("2024-10-27 02:30")),
    ),
    Habits(
        region="us-east-1",
        people=VIRGINIA,
        zone=ZoneInfo("America/New_York"),
        columns=VIRGINIA_COLUMNS,
        delimiter=",",
        line_end="\r\n",
        timestamp=_american_timestamp,
        date=lambda it: f"{it.month:02}/{it.day:02}/{it.year}",
        number=lambda it: f"{it:,.2f}",
        words=("N", "Y"),
        clock_changes=(datetime.fromisoformat("2024-03-10 02:30"), datetime.fromisoformat("2024-11-03 01:30")),
    ),
    Habits(
        region="ap-southeast-1",
        people=SINGAPORE,
        zone=ZoneInfo("Asia/Ho_Chi_Minh"),  # the office that exports the files
        columns=SINGAPORE_COLUMNS,
        delimiter=",",
        line_end="\n",
        timestamp=_iso_timestamp,
        date=lambda it: it.isoformat(),
        number=lambda it: f"{it:.2f}",
        words=("false", "true"),
    ),
)
