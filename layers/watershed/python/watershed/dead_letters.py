"""What a dead-letter queue's messages say: what each is about, and why it was given up (by `given_up`).

A schedule's message that could not be sent is here as the request that failed, as EventBridge Scheduler puts it:
https://docs.aws.amazon.com/scheduler/latest/UserGuide/configuring-schedule-dlq.html
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from watershed.bronze.event import arrivals
from watershed.door.batch import Batch
from watershed.errors import Terminal
from watershed.given_up import CAUSE, MESSAGE, WHY
from watershed.messages import BronzePart, Refresh, Refreshed
from watershed.names import Stage
from watershed.poll.message import Poll

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

UNKNOWN, NO_FOLDER = "not one of ours", "no dataset's folder"
KILLED, SEE_LOG = "killed", "killed or timed out: see the function's log"  # SQS moved it, and says nothing
_SCHEDULE, _CODE, _SAID = "SCHEDULE_ARN", "ERROR_CODE", "ERROR_MESSAGE"  # Scheduler's attributes


@dataclass(frozen=True)
class Letter:
    """A message that was given up.

    Args:
        about: See `subject`.
        cause: A short code; see `watershed.causes`.
        why: What happened, without a row's values.
        message_id: What its id was in the stage's queue.
    """

    about: str
    cause: str
    why: str
    message_id: str

    def concerns(self, dataset: str) -> bool:
        """Whether it is about the dataset."""
        return dataset in self.about.split(", ")


@dataclass(frozen=True)
class Line:
    """Messages about the same that were given up for the same cause, with the commonest of their reasons."""

    about: str
    cause: str
    messages: int
    example: str


def read(stage: Stage, message: dict[str, Any]) -> Letter:
    """A message as ReceiveMessage gives it, with all its attributes."""
    told = {name: each["StringValue"] for name, each in attributes(message).items() if "StringValue" in each}
    if _SCHEDULE in told:
        told |= {CAUSE: told.get(_CODE, ""), WHY: f"the schedule could not send it: {told.get(_SAID, '')}"}
    return Letter(
        about=subject(stage, body(message)),
        cause=told.get(CAUSE, KILLED),
        why=told.get(WHY, SEE_LOG),
        message_id=told.get(MESSAGE, message["MessageId"]),
    )


def body(message: dict[str, Any]) -> str:
    """What the stage's queue was to get."""
    found: str = message["Body"]
    return str(json.loads(found).get("MessageBody", found)) if _SCHEDULE in attributes(message) else found


def attributes(message: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """A received message's attributes, as SendMessage takes them."""
    found: dict[str, dict[str, Any]] = message.get("MessageAttributes", {})
    return found


def summary(letters: Iterable[Letter]) -> list[Line]:
    """Letters by what they are about and by cause, the commonest first."""
    reasons: dict[tuple[str, str], Counter[str]] = {}
    for letter in letters:
        reasons.setdefault((letter.about, letter.cause), Counter())[letter.why] += 1
    lines = [
        Line(about, cause, counted.total(), counted.most_common(1)[0][0]) for (about, cause), counted in reasons.items()
    ]
    return sorted(lines, key=lambda line: (-line.messages, line.about, line.cause))


def subject(stage: Stage, body: str) -> str:
    """What a message is about, naming no row or file: datasets, a source, gold tables, or why gold is refreshed."""
    try:
        return _SUBJECTS[stage](body)
    except Terminal:
        return UNKNOWN


def _folders(body: str) -> str:
    folders = {each.key.partition("/")[0] for each in arrivals(body) if "/" in each.key}
    return ", ".join(sorted(folders)) or NO_FOLDER


_SUBJECTS: dict[Stage, Callable[[str], str]] = {
    Stage.COLLECT: lambda body: Batch.from_body(body).dataset,
    Stage.BRONZE: _folders,
    Stage.SILVER: lambda body: BronzePart.from_json(body).dataset,
    Stage.GOLD: lambda body: f"refresh: {Refresh.from_json(body).reason}",
    Stage.MAINTENANCE: lambda _: "upkeep of silver",
    Stage.POLL: lambda body: Poll.from_json(body).source,
    Stage.PUBLISH: lambda body: ", ".join(run.model for run in Refreshed.from_json(body).runs),
}
