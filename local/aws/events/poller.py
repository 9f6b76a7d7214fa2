"""One event source mapping: takes batches from its queue, hands them to its function, settles every message."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from local.aws.events import queue_contents

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from local.aws.clients import Clients
    from local.aws.events.deliveries import Deliveries
    from local.aws.events.report import PumpReport
    from local.aws.runtime.lambda_runtime import Invocation

Message = dict[str, Any]
_RECEIVE_AT_MOST = 10  # messages, SQS's limit for one call
_LOOK_AHEAD = 10  # batches from which a shuffled delivery picks


@dataclass(frozen=True)
class Mapping:
    """An enabled event source mapping of a queue.

    Args:
        window: its batching window in seconds. The laptop does not wait; it serves mappings with a window last.
    """

    account: str
    region: str
    queue: str
    function_arn: str
    batch_size: int
    window: int
    partial: bool

    @property
    def fifo(self) -> bool:
        """Whether its queue keeps the order of each group."""
        return self.queue.endswith(".fifo")

    @property
    def name(self) -> str:
        """`region/function`, the key of reports."""
        return f"{self.region}/{self.function_arn.rsplit(':', 1)[-1]}"


class Poller:
    """Serves one mapping until its queue is quiet.

    Args:
        invoke: runs a function by ARN.
        report: where counts go.
    """

    def __init__(
        self,
        mapping: Mapping,
        clients: Clients,
        deliveries: Deliveries,
        invoke: Callable[[str, Any], Invocation],
        report: PumpReport,
    ) -> None:
        self.mapping = mapping
        self._sqs = clients.client("sqs", mapping.region)
        self._url = self._sqs.get_queue_url(QueueName=mapping.queue)["QueueUrl"]
        self._deliveries = deliveries
        self._invoke = invoke
        self._report = report
        self._in_flight: dict[str, str] = {}  # message id -> receipt handle
        self._repeated: set[str] = set()

    def poll(self) -> bool:
        """Deliver what is visible. Whether there was anything.

        The queue is emptied before the next one's turn, so that what one function sends reaches the next in full
        batches, as under load. Shuffling takes turns after some batches, as under a trickle.
        """
        polled = False
        while batches := list(self._batches()):
            polled = True
            for batch in batches:
                self._deliver(batch)
            if self._deliveries.shuffle:
                break
        return polled

    def elapse(self) -> bool:
        """Let the visibility timeouts of failed messages, and the delays of new ones, pass. Whether there were any."""
        waiting = bool(self._in_flight)
        for receipt in self._in_flight.values():
            self._sqs.change_message_visibility(QueueUrl=self._url, ReceiptHandle=receipt, VisibilityTimeout=0)
        self._in_flight.clear()
        mapping = self.mapping
        return queue_contents.end_delays(mapping.account, mapping.region, mapping.queue) or waiting

    def _batches(self) -> Iterator[list[Message]]:
        size = self.mapping.batch_size
        shuffle = self._deliveries.shuffle and not self.mapping.fifo
        messages = self._receive(size * _LOOK_AHEAD if shuffle else size)
        if shuffle:
            self._deliveries.random.shuffle(messages)
        for start in range(0, len(messages), size):
            yield messages[start : start + size]

    def _receive(self, count: int) -> list[Message]:
        messages: list[Message] = []
        while len(messages) < count:
            answer = self._sqs.receive_message(
                QueueUrl=self._url,
                MaxNumberOfMessages=min(_RECEIVE_AT_MOST, count - len(messages)),
                AttributeNames=["All"],
                MessageAttributeNames=["All"],
                WaitTimeSeconds=0,
            )
            if not (found := answer.get("Messages", [])):
                break
            messages += found
        self._in_flight |= {message["MessageId"]: message["ReceiptHandle"] for message in messages}
        return messages

    def _deliver(self, batch: list[Message]) -> None:
        name = self.mapping.name
        self._report.messages[name] += len(batch)
        invocation = self._invoke(self.mapping.function_arn, {"Records": [self._record(message) for message in batch]})
        failed = self._failed(invocation, [message["MessageId"] for message in batch])
        if failed and invocation.error is None:
            self._report.partial_failures[name] += len(failed)
        done = [message for message in batch if message["MessageId"] not in failed and not self._is_repeated(message)]
        for start in range(0, len(done), _RECEIVE_AT_MOST):
            entries = [
                {"Id": str(number), "ReceiptHandle": message["ReceiptHandle"]}
                for number, message in enumerate(done[start : start + _RECEIVE_AT_MOST])
            ]
            self._sqs.delete_message_batch(QueueUrl=self._url, Entries=entries)
        for message in done:
            self._in_flight.pop(message["MessageId"], None)

    def _is_repeated(self, message: Message) -> bool:
        """Whether a handled message is to be delivered again, as SQS may; each at most once more."""
        if self.mapping.fifo or message["MessageId"] in self._repeated or not self._deliveries.repeats():
            return False
        self._repeated.add(message["MessageId"])
        return True

    def _failed(self, invocation: Invocation, ids: list[str]) -> set[str]:
        """The messages of a batch that stay in the queue: all after an error, else those that the function names.

        An answer that Lambda cannot read, or that names a message outside the batch, fails the whole batch.
        """
        if invocation.error is not None:
            return set(ids)
        if not self.mapping.partial:
            return set()
        try:
            failures = (json.loads(invocation.payload) or {}).get("batchItemFailures") or []
            named = {str(failure["itemIdentifier"]) for failure in failures}
        except (AttributeError, KeyError, TypeError):
            return set(ids)
        return named if named <= set(ids) else set(ids)

    def _record(self, message: Message) -> dict[str, Any]:
        """One of the records of Lambda's SQS event."""
        mapping = self.mapping
        return {
            "messageId": message["MessageId"],
            "receiptHandle": message["ReceiptHandle"],
            "body": message["Body"],
            "attributes": message["Attributes"],
            "messageAttributes": {
                key: _attribute(value) for key, value in message.get("MessageAttributes", {}).items()
            },
            "md5OfBody": message["MD5OfBody"],
            "eventSource": "aws:sqs",
            "eventSourceARN": f"arn:aws:sqs:{mapping.region}:{mapping.account}:{mapping.queue}",
            "awsRegion": mapping.region,
        }


def _attribute(value: Message) -> dict[str, Any]:
    found: dict[str, Any] = {"dataType": value["DataType"], "stringListValues": [], "binaryListValues": []}
    if "StringValue" in value:
        found["stringValue"] = value["StringValue"]
    if "BinaryValue" in value:
        found["binaryValue"] = base64.b64encode(value["BinaryValue"]).decode()
    return found
