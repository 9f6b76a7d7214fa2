"""A batch of refresh messages taken together: what changed, as of when, and which messages are none of ours."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from watershed.errors import Terminal
from watershed.given_up import Record
from watershed.messages import Refresh

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(frozen=True)
class Batch:
    """What a batch asks for.

    Attributes:
        records: The messages that ask for it.
        changed: The tables that changed, sorted; none means every model.
        as_of: The latest as-of date that a message asks for; None if none does.
        refused: The messages that could not be read, each with the reason.
    """

    records: tuple[Record, ...]
    changed: tuple[str, ...]
    as_of: date | None
    refused: tuple[tuple[Record, Terminal], ...]


def combine(records: Iterable[Record]) -> Batch:
    """Combine SQS records, in any order, into one request."""
    read: list[tuple[Record, Refresh, date | None]] = []
    refused: list[tuple[Record, Terminal]] = []
    for record in records:
        try:
            message = Refresh.from_json(record["body"])
            read.append((record, message, _as_of(message)))
        except Terminal as error:
            refused.append((record, error))
    everything = any(not message.tables for _, message, _ in read)
    changed = set() if everything else {table for _, message, _ in read for table in message.tables}
    return Batch(
        records=tuple(record for record, _, _ in read),
        changed=tuple(sorted(changed)),
        as_of=max((as_of for _, _, as_of in read if as_of), default=None),
        refused=tuple(refused),
    )


def _as_of(message: Refresh) -> date | None:
    try:
        return date.fromisoformat(message.as_of) if message.as_of else None
    except (TypeError, ValueError) as error:
        raise Terminal("The refresh message's as_of is not a date.", remedy="Send it as 2025-01-31.") from error
