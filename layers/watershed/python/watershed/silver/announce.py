"""Word to gold: which tables changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from botocore.exceptions import BotoCoreError, ClientError

from watershed.errors import Transient

if TYPE_CHECKING:
    from watershed.messages import Refresh


class SQSClient(Protocol):
    """The part of boto3's SQS client used here."""

    def send_message(self, **request: Any) -> dict[str, Any]:
        """SendMessage."""


class GoldQueue:
    """Gold's queue."""

    def __init__(self, client: SQSClient, url: str) -> None:
        self._client = client
        self._url = url

    def refresh(self, message: Refresh) -> None:
        """Ask for a refresh. Asking twice does no harm.

        Raises:
            Transient: if the queue did not take the message.
        """
        try:
            self._client.send_message(QueueUrl=self._url, MessageBody=message.to_json())
        except (BotoCoreError, ClientError) as error:
            raise Transient(
                f"Gold's queue did not answer ({type(error).__name__}).", remedy="The queue repeats the message."
            ) from error
