"""A dead-letter queue that only remembers, and records as Lambda gets them."""

from __future__ import annotations

from typing import Any

from watershed.given_up import DeadLetters

ATTEMPTS = 3


def record(message_id: str, body: str, *, attempt: int = 1, group: str | None = None) -> dict[str, Any]:
    """A record of Lambda's SQS event, delivered for the `attempt`th time."""
    attributes = {"ApproximateReceiveCount": str(attempt), **({"MessageGroupId": group} if group else {})}
    return {"messageId": message_id, "body": body, "attributes": attributes}


class FakeQueue:
    """Remembers what was sent, or refuses it with `error`."""

    def __init__(self, error: Exception | None = None) -> None:
        self.sent: list[dict[str, Any]] = []
        self.error = error

    def send_message(self, **request: Any) -> None:
        if self.error:
            raise self.error
        self.sent.append(request)

    @property
    def told(self) -> list[dict[str, str]]:
        """The attributes of each message."""
        return [
            {name: each["StringValue"] for name, each in request["MessageAttributes"].items()} for request in self.sent
        ]

    @property
    def causes(self) -> dict[str, str]:
        """The cause of each message that was given up, by its id."""
        return {each["message_id"]: each["cause"] for each in self.told}

    def letters(self) -> DeadLetters:
        """The stage's view of it."""
        return DeadLetters(self, "https://dead", ATTEMPTS)
