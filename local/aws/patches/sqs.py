"""Patches of moto's SQS."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Any

from moto.sqs import models

if TYPE_CHECKING:
    from local.aws.patches.patcher import Hooks, Patcher


def lock_queues(patcher: Patcher, _hooks: Hooks) -> None:
    """Moto rebuilds a queue's list of messages while deleting, without a lock: a message sent meanwhile is lost.

    Queues are shared by the server's threads, the pump and threads inside handlers.
    """
    lock = threading.RLock()

    def locked(name: str) -> None:
        original = getattr(models.Queue, name)

        def method(queue: Any, *arguments: Any, **named: Any) -> Any:
            with lock:
                return original(queue, *arguments, **named)

        patcher.replace(models.Queue, name, method)

    locked("add_message")
    locked("delete_message")
    receive = models.SQSBackend.receive_message

    def receive_message(backend: Any, queue_name: str, count: int, wait: int, *rest: Any, **named: Any) -> Any:
        end = time.monotonic() + wait
        while True:
            with lock:
                found = receive(backend, queue_name, count, 0, *rest, **named)
            if found or time.monotonic() >= end:
                return found
            backend.get_queue(queue_name).wait_for_messages(min(1.0, end - time.monotonic()))

    patcher.replace(models.SQSBackend, "receive_message", receive_message)


def remember_deduplication_ids(patcher: Patcher, _hooks: Hooks) -> None:
    """Moto forgets a FIFO message's deduplication id when the message is deleted; AWS remembers it for five minutes."""
    original = models.Queue.add_message

    def add_message(queue: Any, message: Any) -> None:
        if message.approximate_receive_count > 0:  # on its way to a dead-letter queue, and never dropped
            queue._messages.append(message)  # noqa: SLF001 - what moto's method does in the end
            return
        if queue.fifo_queue and message.deduplication_id:
            seen: dict[str, int] = vars(queue).setdefault("deduplication_ids", {})
            last = seen.get(message.deduplication_id)
            if last is not None and message.sent_timestamp - last < models.DEDUPLICATION_TIME_IN_SECONDS * 1000:
                return
            seen[message.deduplication_id] = message.sent_timestamp
        original(queue, message)

    patcher.replace(models.Queue, "add_message", add_message)


def read_the_clock_cheaply(patcher: Patcher, _hooks: Hooks) -> None:
    """Moto makes a date for each message whenever it looks which are visible: seconds for one call on a long queue."""
    patcher.replace(models, "unix_time_millis", lambda: time.time() * 1000)


def show_at_once(patcher: Patcher, _hooks: Hooks) -> None:
    """Moto shows a message that is given back only after its clock's next tick, and until then holds back its group.

    What was sent later is then received first.
    """
    patcher.replace(
        models.Message, "visible", property(lambda message: models.unix_time_millis() >= message.visible_at)
    )


def poll_instead_of_push(patcher: Patcher, _hooks: Hooks) -> None:
    """Moto invokes a mapped function inside SendMessage, one message at a time, without partial failures.

    The pump polls instead (local/aws/events/pump.py), so queues must not know of mappings.
    """
    patcher.add(models.Queue, "lambda_event_source_mappings", property(lambda _queue: {}, lambda _queue, _value: None))


def prefer_one_group(patcher: Patcher, _hooks: Hooks) -> None:
    """Moto gives a FIFO queue's messages in the order of sending, whatever their groups.

    AWS first tries to give as many messages of one group as possible: under a backlog, batches are of one group.
    """
    original = models.Queue.messages.fget

    def messages(queue: Any) -> list[Any]:
        found: list[Any] = original(queue)
        if not queue.fifo_queue:
            return found
        first: dict[str, int] = {}
        for message in found:
            first.setdefault(message.group_id, len(first))
        return sorted(found, key=lambda message: first[message.group_id])

    patcher.replace(models.Queue, "messages", property(messages))
