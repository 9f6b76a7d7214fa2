"""When QuickSight takes gold anew into SPICE: every day after gold's own refresh, by the region's clock."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from infra.schedules import REFRESH_TIME

MARGIN = timedelta(minutes=45)  # what gold's refresh takes at most, with room; a model that is later waits for a day
_STEP = 15  # minutes
_YEAR = 2026  # whose clocks are looked at: QuickSight keeps a local time, which moves against UTC with summer time
_DAY = 24 * 60


def time_of_day(zone: str) -> str:
    """The local time, as `HH:MM`, that is never before the margin after gold's refresh, whatever the season.

    Args:
        zone: The region's own time zone, an IANA name.
    """
    minute, hour = (int(part) for part in REFRESH_TIME.removeprefix("cron(").split()[:2])
    first = datetime(_YEAR, 1, 1, hour, minute, tzinfo=UTC)
    offsets = {(first + timedelta(days=day)).astimezone(ZoneInfo(zone)).utcoffset() for day in range(366)}
    latest = max(offset for offset in offsets if offset is not None)
    due = timedelta(hours=hour, minutes=minute) + MARGIN + latest
    minutes = -(-int(due.total_seconds() // 60) // _STEP) * _STEP % _DAY
    return f"{minutes // 60:02}:{minutes % 60:02}"


def daily(zone: str) -> dict[str, Any]:
    """A refresh schedule's `Schedule`. Gold's tables are written whole each time, so they are taken whole."""
    return {
        "ScheduleId": "daily",
        "RefreshType": "FULL_REFRESH",
        "ScheduleFrequency": {"Interval": "DAILY", "TimeOfTheDay": time_of_day(zone), "TimeZone": zone},
    }
