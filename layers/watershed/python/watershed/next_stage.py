"""Word to the next stage, for queues without an order."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from botocore.exceptions import BotoCoreError, ClientError

from watershed.errors import Transient

if TYPE_CHECKING:
    from watershed.names import Stage


class SQSClient(Protocol):
    """The part of boto3's SQS client used here."""

    def send_message(self, **request: Any) -> dict[str, Any]:
        """SendMessage."""


class Message(Protocol):
    """One of `watershed.messages`."""

    def to_json(self) -> str:
        """The message body."""


class NextStage:
    """A stage's queue, as the stage before it sees it."""

    def __init__(self, client: SQSClient, url: str, stage: Stage) -> None:
        self._client = client
        self._url = url
        self._stage = stage

    def tell(self, message: Message) -> None:
        """Send a message. Sending it twice does no harm.

        Raises:
            Transient: if the queue did not take the message.
        """
        try:
            self._client.send_message(QueueUrl=self._url, MessageBody=message.to_json())
        except (BotoCoreError, ClientError) as error:
            raise Transient(
                f"The queue of {self._stage} did not answer ({type(error).__name__}).",
                remedy="The queue repeats the message.",
            ) from error
