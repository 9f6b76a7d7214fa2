"""Which time is asked for next: half-open windows that leave out no moment, whatever the source's clock looks like."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from watershed.poll.model import EPOCH, EPOCH_MILLIS, ISO, Incremental

SHORTEST = 60  # seconds: a window is not made narrower than this
_STEP = timedelta(minutes=1)


@dataclass(frozen=True)
class Window:
    """From `since`, which is asked for, to `until`, which is not."""

    since: datetime
    until: datetime


def following(
    incremental: Incremental, cursor: datetime | None, now: datetime, span: int | None = None
) -> Window | None:
    """The next window, or None if no time has passed that the source's format can tell.

    Args:
        incremental: How the stream is asked.
        cursor: Up to where it has been read; None: nothing was.
        now: The time.
        span: The most seconds, if fewer than the stream's own.
    """
    begin = beginning(incremental, cursor)
    spans = [seconds for seconds in (incremental.window, span if incremental.until else None) if seconds]
    end = min([now, *(begin + timedelta(seconds=seconds) for seconds in spans)])
    until = clear(incremental, end)
    if until <= begin and end < now:  # the window is shorter than what the format tells apart, or an hour shown twice
        until = clear(incremental, min(now, begin + timedelta(days=1, hours=2)))
    if until <= begin:
        return None
    since = max(incremental.first, begin - timedelta(seconds=incremental.overlap))
    return Window(clear(incremental, since), until)


def beginning(incremental: Incremental, cursor: datetime | None) -> datetime:
    """Where to read on: at the cursor, or at the stream's start, should the connector by now name a later one."""
    return max(cursor or incremental.first, incremental.first)


def parameters(incremental: Incremental, window: Window) -> dict[str, str]:
    """The query parameters that ask for a window."""
    found = {incremental.since: said(incremental, window.since)}
    if incremental.until:
        found[incremental.until] = said(incremental, window.until)
    return found


def said(incremental: Incremental, moment: datetime) -> str:
    """A moment as the source writes it."""
    utc = moment.astimezone(UTC)
    if incremental.format == ISO:
        return utc.strftime("%Y-%m-%dT%H:%M:%SZ")
    if incremental.format == EPOCH:
        return str(int(utc.timestamp()))
    if incremental.format == EPOCH_MILLIS:
        return str(int(utc.timestamp()) * 1000)
    return utc.astimezone(ZoneInfo(incremental.time_zone)).strftime(incremental.format)


def clear(incremental: Incremental, moment: datetime) -> datetime:
    """The last moment up to `moment` that the source's format tells exactly, and that its clock shows only once.

    A clock that goes back shows an hour twice, and which of the two a source means nobody can know: a window that began
    or ended there could leave an hour out.
    """
    whole = moment.astimezone(UTC).replace(microsecond=0)
    if incremental.format in {ISO, EPOCH, EPOCH_MILLIS}:
        return whole
    zone = ZoneInfo(incremental.time_zone)
    if "%z" in incremental.format:
        return _told(incremental.format, whole.astimezone(zone))
    found = _told(incremental.format, whole.astimezone(zone))
    while _shown_twice(found.astimezone(zone)):
        found = _told(incremental.format, (found - _STEP).astimezone(zone))
    return found


def _told(form: str, local: datetime) -> datetime:
    """What is left of a local time once it has been written down."""
    read = datetime.strptime(local.strftime(form), form)  # noqa: DTZ007  the zone is the source's
    if read.tzinfo is None:
        read = read.replace(tzinfo=local.tzinfo, fold=local.fold)
    return min(read.astimezone(UTC), local.astimezone(UTC))


def _shown_twice(local: datetime) -> bool:
    return local.replace(fold=0).utcoffset() != local.replace(fold=1).utcoffset()
