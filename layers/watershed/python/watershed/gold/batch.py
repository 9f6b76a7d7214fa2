"""A batch of refresh messages taken together: what changed, as of when, and which messages are none of ours."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from watershed.errors import Terminal
from watershed.messages import Refresh

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(frozen=True)
class Batch:
    """What a batch asks for.

    Attributes:
        messages: How many messages ask for it.
        changed: The tables that changed, sorted; none means every model.
        as_of: The latest as-of date that a message asks for; None if none does.
        refused: Ids of the messages that could not be read.
    """

    messages: int
    changed: tuple[str, ...]
    as_of: date | None
    refused: tuple[str, ...]


def combine(records: Iterable[dict[str, Any]]) -> Batch:
    """Combine SQS records, in any order, into one request."""
    read: list[tuple[Refresh, date | None]] = []
    refused: list[str] = []
    for record in records:
        try:
            message = Refresh.from_json(record["body"])
            read.append((message, date.fromisoformat(message.as_of) if message.as_of else None))
        except (Terminal, ValueError, TypeError):
            refused.append(record["messageId"])
    everything = any(not message.tables for message, _ in read)
    changed = set() if everything else {table for message, _ in read for table in message.tables}
    return Batch(
        messages=len(read),
        changed=tuple(sorted(changed)),
        as_of=max((as_of for _, as_of in read if as_of), default=None),
        refused=tuple(refused),
    )
