"""The one clock. Functions take a `Clock`, so tests can set the time."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]


def system_clock() -> datetime:
    """The current time, UTC, with its zone."""
    return datetime.now(UTC)
