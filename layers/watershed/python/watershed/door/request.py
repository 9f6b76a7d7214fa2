"""A request as API Gateway hands it over (HTTP API, payload format 2.0), and what is answered."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

_PATH = re.compile(r"/v1/([a-z][a-z0-9_]{0,62})/([a-z][a-z0-9_]{0,62})")


@dataclass(frozen=True)
class Request:
    """One request.

    Attributes:
        source: From the path; empty if the path is none of the door's.
        dataset: As `source`.
        headers: By lower-case name; what came several times is joined by commas.
        body: The bytes that were sent, which is what is signed.
    """

    source: str
    dataset: str
    headers: Mapping[str, str]
    body: bytes

    @classmethod
    def of(cls, event: Mapping[str, Any]) -> Request:
        """The request in an event."""
        found = _PATH.fullmatch(event.get("rawPath") or "")
        text = event.get("body") or ""
        body = base64.b64decode(text) if event.get("isBase64Encoded") else text.encode("utf-8", "surrogatepass")
        headers = {name.lower(): value for name, value in (event.get("headers") or {}).items()}
        return cls(found[1] if found else "", found[2] if found else "", headers, body)

    @property
    def media_type(self) -> str:
        """What the body is said to be, without parameters, in lower case."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()


@dataclass(frozen=True)
class Answer:
    """What is answered.

    Attributes:
        status: HTTP's.
        document: The body, as JSON.
        reason: Why, for the log: a code without anything of the request.
        headers: Beside the content type.
    """

    status: int
    document: Mapping[str, str]
    reason: str
    headers: Mapping[str, str] = field(default_factory=dict)

    def to_event(self) -> dict[str, Any]:
        """As API Gateway takes it."""
        headers = {"content-type": "application/json", "cache-control": "no-store", **self.headers}
        return {"statusCode": self.status, "headers": headers, "body": json.dumps(self.document)}


class Refused(Exception):
    """The request is not taken.

    Args:
        answer: What is answered instead.
    """

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.reason)
        self.answer = answer


def refusal(status: int, message: str, reason: str, **more: str) -> Refused:
    """A refusal whose `message` tells the caller no more than it may know."""
    return Refused(Answer(status, {"message": message, **more}, reason))
