"""Word to silver: one message for each part on its queue."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from botocore.exceptions import BotoCoreError, ClientError

from watershed.errors import Transient

if TYPE_CHECKING:
    from collections.abc import Sequence

    from watershed.messages import BronzePart

_MESSAGES_PER_CALL = 10


class SQSClient(Protocol):
    """The part of boto3's SQS client used here."""

    def send_message_batch(self, **request: Any) -> dict[str, Any]:
        """SendMessageBatch."""


class SilverQueue:
    """Silver's FIFO queue."""

    def __init__(self, client: SQSClient, url: str) -> None:
        self._client = client
        self._url = url

    def announce(self, parts: Sequence[BronzePart]) -> None:
        """Send the parts in order; of one dataset, silver takes them one after another.

        Raises:
            Transient: if the queue did not take every one; those it took are known by their deduplication id.
        """
        for start in range(0, len(parts), _MESSAGES_PER_CALL):
            self._send(parts[start : start + _MESSAGES_PER_CALL])

    def _send(self, parts: Sequence[BronzePart]) -> None:
        entries = [
            {
                "Id": str(place),  # in this call; parts of several objects may have the same number
                "MessageBody": part.to_json(),
                "MessageGroupId": part.dataset,
                "MessageDeduplicationId": part.id,
            }
            for place, part in enumerate(parts)
        ]
        try:
            refused = self._client.send_message_batch(QueueUrl=self._url, Entries=entries).get("Failed", [])
        except (BotoCoreError, ClientError) as error:
            raise Transient(
                f"Silver's queue did not answer ({type(error).__name__}).", remedy="The queue repeats the message."
            ) from error
        if refused:
            raise Transient(
                f"Silver's queue refused {len(refused)} of {len(entries)} messages ({refused[0]['Code']}).",
                remedy="The queue repeats the message.",
            )
