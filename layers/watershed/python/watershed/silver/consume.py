"""A batch of SQS records from the FIFO queue: what succeeded, and what comes again, with each group's order kept."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING

from watershed.messages import BronzePart

if TYPE_CHECKING:
    from watershed.given_up import Record, Settle

Take = Callable[[str, Iterable[BronzePart]], Iterator[BronzePart]]


def consume(records: Iterable[Record], take: Take, settle: Settle) -> list[str]:
    """Hand the records to `take`, group by group.

    A group is a dataset. When a message is to come again, those behind it in its group come again with it, in their
    order; when it is given up, they go on without it. Other groups are not affected.

    Args:
        records: As the event source mapping delivers them.
        take: `service.Silver.take`.
        settle: `given_up.DeadLetters.settle`.

    Returns:
        The ids of the messages that are to come again.
    """
    groups: dict[str, list[Record]] = {}
    for record in records:
        groups.setdefault(record["attributes"]["MessageGroupId"], []).append(record)
    failed: list[str] = []
    for group, members in groups.items():
        failed += _consume_group(group, members, take, settle)
    return failed


def _consume_group(group: str, records: list[Record], take: Take, settle: Settle) -> list[str]:
    while records:
        done, failure = _take_some(group, records, take)
        records = records[done:]
        if failure is None or not records or not settle(records[0], failure):
            break
        records = records[1:]  # that one is given up: those behind it go on
    return [record["messageId"] for record in records]


def _take_some(group: str, records: list[Record], take: Take) -> tuple[int, Exception | None]:
    """How many of the records were taken, and what befell the next one."""
    done = 0
    try:
        for _ in take(group, (BronzePart.from_json(record["body"]) for record in records)):
            done += 1
    except Exception as error:  # noqa: BLE001  # one group's failure must not undo what the others achieved
        return done, error
    return done, None
