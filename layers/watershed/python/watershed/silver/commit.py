"""Merging into an Iceberg table until it succeeds: each attempt looks at the table as it is then, and decides anew."""

from __future__ import annotations

import random
import time
from typing import TYPE_CHECKING, TypeVar

from pyiceberg.exceptions import CommitFailedException, ValidationException

from watershed.errors import CommitConflict
from watershed.log import logger

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")

_ATTEMPTS = 10
_FIRST_WAIT, _LONGEST_WAIT = 0.1, 5.0  # seconds
_JITTER = random.SystemRandom()


def until_committed(attempt: Callable[[], T], sleep: Callable[[float], None] = time.sleep) -> T:
    """Repeat `attempt` while other writers get in between.

    Args:
        attempt: Loads the table, decides, and commits.
        sleep: Takes seconds; longer on average after each attempt, and random, so that two writers drift apart.

    Raises:
        CommitConflict: if they did every time.
    """
    for number in range(1, _ATTEMPTS + 1):
        try:
            return attempt()
        except (CommitFailedException, ValidationException) as conflict:
            logger.info(
                "another writer committed first", extra={"attempt": number, "conflict": type(conflict).__name__}
            )
            last = conflict
        sleep(_JITTER.uniform(0, min(_FIRST_WAIT * 2**number, _LONGEST_WAIT)))
    raise CommitConflict(
        f"Other writers committed first, {_ATTEMPTS} times.", remedy="The queue repeats the message."
    ) from last
