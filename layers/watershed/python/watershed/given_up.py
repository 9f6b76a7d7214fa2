"""Giving a message up on purpose: a stage puts it into its own dead-letter queue itself, and says why.

SQS would move it too, but only after its last attempt, for three visibility periods during which a FIFO group waits;
and SQS cannot say why. What a killed function leaves behind is still moved by SQS, and carries no cause.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from botocore.exceptions import BotoCoreError, ClientError

from watershed import causes
from watershed.errors import Terminal
from watershed.log import log_failure, logger
from watershed.settings import Settings

if TYPE_CHECKING:
    from watershed.names import Stage

Record = dict[str, Any]  # as the event source mapping delivers it
Settle = Callable[[Record, Exception], bool]  # see `DeadLetters.settle`

CAUSE, WHY, MESSAGE = "cause", "why", "message_id"  # the attributes: see `watershed.causes`, and the message's own id
_LONGEST = 1000  # characters of an attribute; a message and its attributes share SQS's limit
_REFUSED_BY_SQS = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class SQSClient(Protocol):
    """The part of boto3's SQS client used here."""

    def send_message(self, **request: Any) -> Any:
        """SendMessage."""


@dataclass(frozen=True)
class DeadLetters:
    """The dead-letter queue of the stage that this function is.

    Args:
        sqs: boto3's SQS client.
        url: The dead-letter queue's.
        attempts: After how many deliveries SQS itself moves a message there.
    """

    sqs: SQSClient
    url: str
    attempts: int

    @classmethod
    def of(cls, stage: Stage, sqs: SQSClient) -> DeadLetters:
        """That of `stage`, from the environment.

        Raises:
            ConfigurationError: naming the variable that is missing.
        """
        settings = Settings.from_environment()
        return cls(sqs, settings.dead_letter_url(stage), settings.attempts)

    def settle(self, record: Record, error: Exception) -> bool:
        """Log a failure, and give the message up if another attempt is pointless or there is none left.

        Repeating this is harmless: should the function die before SQS hears that the message is done, it comes again,
        fails again, and is in the dead-letter queue once more; every stage takes a message as often as it comes.

        Returns:
            Whether the message is dealt with. If not, report it as failed: it comes again, or SQS moves it.
        """
        log_failure(error, record["messageId"])
        if "attributes" not in record:  # a backfill hands it over, not the queue: that is told of the failure
            return False
        if not isinstance(error, Terminal) and self._attempt(record) < self.attempts:
            return False
        try:
            self._send(record, error)
        except (BotoCoreError, ClientError) as refused:
            log_failure(refused, record["messageId"])
            return False
        logger.warning("given up", extra={"message_id": record["messageId"], "cause": causes.cause(error)})
        return True

    @staticmethod
    def _attempt(record: Record) -> int:
        return int(record["attributes"]["ApproximateReceiveCount"])

    def _send(self, record: Record, error: Exception) -> None:
        told = {CAUSE: causes.cause(error), WHY: causes.why(error), MESSAGE: record["messageId"]}
        attributes = {name: {"DataType": "String", "StringValue": _fit(text)} for name, text in told.items()}
        group = record["attributes"].get("MessageGroupId")
        ordering = (
            {"MessageGroupId": group, "MessageDeduplicationId": f"given-up-{record['messageId']}"} if group else {}
        )
        self.sqs.send_message(QueueUrl=self.url, MessageBody=record["body"], MessageAttributes=attributes, **ordering)


def _fit(text: str) -> str:
    """The text as SQS takes it: file names may hold characters that it refuses, and be long."""
    return _REFUSED_BY_SQS.sub("\ufffd", text)[:_LONGEST]
