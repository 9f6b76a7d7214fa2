"""A batch of SQS records from the FIFO queue: what succeeded, and what comes again, with each group's order kept."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from watershed.log import log_failure
from watershed.messages import BronzePart

Take = Callable[[str, Iterable[BronzePart]], Iterator[BronzePart]]


def consume(records: Iterable[dict[str, Any]], take: Take) -> list[str]:
    """Hand the records to `take`, group by group.

    A group is a dataset. When a message fails, those behind it in its group fail with it, so that the queue gives
    them again in their order; other groups are not affected.

    Args:
        records: As the event source mapping delivers them.
        take: `service.Silver.take`.

    Returns:
        The ids of the messages that failed.
    """
    groups: dict[str, list[dict[str, Any]]] = {}
    for record in records:
        groups.setdefault(record["attributes"]["MessageGroupId"], []).append(record)
    failed: list[str] = []
    for group, members in groups.items():
        failed += _consume_group(group, members, take)
    return failed


def _consume_group(group: str, records: list[dict[str, Any]], take: Take) -> list[str]:
    done = 0
    try:
        for _ in take(group, (BronzePart.from_json(record["body"]) for record in records)):
            done += 1
    except Exception as error:  # noqa: BLE001  # one group's failure must not undo what the others achieved
        log_failure(error, records[done]["messageId"])
    return [record["messageId"] for record in records[done:]]
