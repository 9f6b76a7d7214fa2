"""Looks into moto's queues without receiving, which would count as a delivery, and makes waiting times pass."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from moto.sqs.models import sqs_backends


@dataclass(frozen=True)
class Held:
    """A message as the queue holds it."""

    queue: str
    message_id: str
    body: str
    receives: int


def dead_letters(account: str, region: str) -> list[Held]:
    """The messages in all queues of a region that are some queue's dead-letter queue."""
    queues = sqs_backends[account][region].queues.values()
    names = sorted({queue.dead_letter_queue.name for queue in queues if queue.dead_letter_queue})
    return [held for name in names for held in contents(account, region, name)]


def contents(account: str, region: str, name: str) -> list[Held]:
    """All messages of a queue, visible or not.

    Raises:
        KeyError: if the region has no such queue.
    """
    return [
        Held(name, message.id, message.body, message.approximate_receive_count)
        for message in list(_messages(account, region, name))
    ]


def end_delays(account: str, region: str, name: str) -> bool:
    """Let the delays of a queue's messages pass. Whether there were any."""
    delayed = [message for message in list(_messages(account, region, name)) if message.delayed]
    for message in delayed:
        message.delayed_until = 0.0
    return bool(delayed)


def forget_deduplication(account: str, region: str) -> None:
    """Let the five minutes pass in which FIFO queues drop repeated deduplication ids."""
    for queue in sqs_backends[account][region].queues.values():
        vars(queue).pop("deduplication_ids", None)


def _messages(account: str, region: str, name: str) -> list[Any]:
    found: list[Any] = sqs_backends[account][region].queues[name]._messages  # noqa: SLF001 - moto's store
    return found
