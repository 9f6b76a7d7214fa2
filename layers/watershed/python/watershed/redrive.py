"""Messages that were given up, on their way back: from a stage's dead-letter queue to its queue."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from watershed import names
from watershed.bronze.event import arrivals
from watershed.errors import Terminal
from watershed.messages import BronzePart, Refresh
from watershed.names import Stage

if TYPE_CHECKING:
    from datetime import datetime

_AT_ONCE = 10  # the most that SQS gives
_WAIT_SECONDS = 1  # without waiting, SQS asks only some of its servers, and may say that there is nothing
_HIDDEN_SECONDS = 120  # while a message is being moved
UNKNOWN, NO_FOLDER = "not one of ours", "no dataset's folder"


def redrive(sqs: Any, stage: Stage, started: datetime) -> Counter[str]:
    """Move every message back, oldest first; what fails again comes back here, and is left alone.

    A message is deleted only when its queue has it. After a crash in between it is in both, which is harmless: every
    stage takes a message as often as it comes.

    Args:
        sqs: boto3's SQS client of the region.
        stage: Whose dead-letter queue.
        started: Now. Messages sent later have been through here.

    Returns:
        How many messages were about what; see `subject`.
    """
    dead = sqs.get_queue_url(QueueName=names.dead_letter_queue(stage))["QueueUrl"]
    alive = sqs.get_queue_url(QueueName=names.queue(stage))["QueueUrl"]
    moved: Counter[str] = Counter()
    while True:
        messages = sqs.receive_message(
            QueueUrl=dead,
            MaxNumberOfMessages=_AT_ONCE,
            WaitTimeSeconds=_WAIT_SECONDS,
            VisibilityTimeout=_HIDDEN_SECONDS,
            MessageSystemAttributeNames=["SentTimestamp", "MessageGroupId"],
        ).get("Messages", [])
        new = [each for each in messages if int(each["Attributes"]["SentTimestamp"]) >= started.timestamp() * 1000]
        for message in messages:
            if message not in new:
                sqs.send_message(QueueUrl=alive, MessageBody=message["Body"], **_ordering(message))
                sqs.delete_message(QueueUrl=dead, ReceiptHandle=message["ReceiptHandle"])
                moved[subject(stage, message["Body"])] += 1
        if not messages or new:
            return moved


def waiting(sqs: Any, queue: str) -> int:
    """About how many messages a queue holds, in flight or not."""
    url = sqs.get_queue_url(QueueName=queue)["QueueUrl"]
    counts = ("ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible")
    found = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=list(counts))["Attributes"]
    return sum(int(found[each]) for each in counts)


def subject(stage: Stage, body: str) -> str:
    """What a message is about, without naming a row or a file: a dataset, or why gold is refreshed."""
    try:
        match stage:
            case Stage.BRONZE:
                folders = {each.key.partition("/")[0] for each in arrivals(body) if "/" in each.key}
                return ", ".join(sorted(folders)) or NO_FOLDER
            case Stage.SILVER:
                return BronzePart.from_json(body).dataset
            case Stage.GOLD:
                return f"refresh: {Refresh.from_json(body).reason}"
            case Stage.MAINTENANCE:
                return "upkeep of silver"
    except Terminal:
        return UNKNOWN


def _ordering(message: dict[str, Any]) -> dict[str, str]:
    """What a FIFO queue wants. The message's own id, so that moving it twice within minutes is moving it once."""
    group = message["Attributes"].get("MessageGroupId")
    return {"MessageGroupId": group, "MessageDeduplicationId": f"redrive-{message['MessageId']}"} if group else {}
