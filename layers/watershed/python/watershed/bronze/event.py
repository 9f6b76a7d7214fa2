"""What arrived: the raw objects that one message of the bronze queue announces."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote_plus, unquote_plus

from watershed.errors import Terminal

_TEST = "s3:TestEvent"  # what S3 sends once, when the notification is configured
_CREATED = "ObjectCreated:"
REPLAY = "watershedReplay"  # beside S3's own members, in a notification that a replay makes


@dataclass(frozen=True)
class Arrival:
    """One object that was put into a raw bucket."""

    bucket: str
    key: str  # decoded
    version: str | None  # None: the event does not say, so the latest is meant
    size: int  # bytes
    replay: str = ""  # id of the replay that asks for it again; S3 itself says nothing of the kind

    @property
    def is_folder_marker(self) -> bool:
        """Whether this is the empty object by which consoles show an empty folder: it holds no data."""
        return self.key.endswith("/") and self.size == 0


def arrivals(body: str) -> list[Arrival]:
    """The objects announced by `body`, the S3 notification in one SQS message; none for S3's test event.

    Raises:
        Terminal: if it is anything else.
    """
    try:
        notification = json.loads(body)
        if notification.get("Event") == _TEST:
            return []
        return [_arrival(record) for record in notification["Records"]]
    except (AttributeError, KeyError, TypeError, ValueError, RecursionError) as error:
        raise Terminal(
            "This message is not a notification of created objects from S3.",
            remedy="Delete it, or let the raw bucket send it.",
        ) from error


def _arrival(record: dict[str, Any]) -> Arrival:
    if not record["eventName"].removeprefix("s3:").startswith(_CREATED):
        raise ValueError(record["eventName"])
    found = record["s3"]["object"]
    return Arrival(
        bucket=record["s3"]["bucket"]["name"],
        key=unquote_plus(found["key"], errors="strict"),
        version=found.get("versionId"),
        size=int(found.get("size", 0)),
        replay=str(record.get(REPLAY, "")),
    )


def again(arrival: Arrival) -> str:
    """A message body by which bronze lands an object version once more; the inverse of `arrivals`."""
    found = {"key": quote_plus(arrival.key), "versionId": arrival.version, "size": arrival.size}
    place = {"bucket": {"name": arrival.bucket}, "object": {k: v for k, v in found.items() if v is not None}}
    return json.dumps({"Records": [{"eventName": f"{_CREATED}Replay", "s3": place, REPLAY: arrival.replay}]})
