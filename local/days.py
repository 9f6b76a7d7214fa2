"""Days on the command line."""

from __future__ import annotations

import argparse
from datetime import date


def day(text: str) -> date:
    """A day as ISO 8601 writes it, e.g. 2025-01-31.

    Raises:
        argparse.ArgumentTypeError: if it is none, with what to write.
    """
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r} is no day of the calendar. Write one like 2025-01-31.") from error
