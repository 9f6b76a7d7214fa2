"""Names of time zones: which ones Trino knows, and which of them are UTC to it."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from zoneinfo import ZoneInfo, available_timezones

# Java's list lacks the first ones; the others are fixed offsets, or not in Trino's own list.
NAMES = frozenset(available_timezones()) - {"EST", "Factory", "HST", "MST", "ROC", "localtime"}
_UTC = frozenset(
    ["UTC", "Z", "UT", "UCT", "GMT", "GMT0", "GMT+0", "GMT-0", "Greenwich", "Universal", "Zulu", "+00:00", "-00:00"]
    + [f"Etc/{name}" for name in ("UTC", "UCT", "GMT", "GMT0", "GMT+0", "GMT-0", "Universal")]
)
_FIXED = re.compile(r"(?:UTC|GMT|UT)?[+-].*|Etc/.*")


def canonical(name: str) -> str | None:
    """The name that Trino shows; None for a name that is none."""
    if name in _UTC:
        return "UTC"
    return name if name in NAMES else None


def is_fixed_offset(name: str) -> bool:
    """Whether the name is an offset, such as `+02:00`, which is not run here."""
    return name not in _UTC and bool(_FIXED.fullmatch(name))


def shows(local: datetime, name: str) -> bool:
    """Whether clocks in the zone ever show `local`: not in the hour that is skipped when they are put forward."""
    zone = canonical(name)
    if zone is None:
        return False
    naive = local.replace(tzinfo=None)
    instant = naive.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
    return instant.astimezone(ZoneInfo(zone)).replace(tzinfo=None) == naive
