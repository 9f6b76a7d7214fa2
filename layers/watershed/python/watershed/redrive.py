"""Messages that were given up, on their way back: from a stage's dead-letter queue to its queue."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from watershed import dead_letters, names
from watershed.dead_letters import Letter

if TYPE_CHECKING:
    from datetime import datetime

    from watershed.names import Stage

_AT_ONCE = 10  # the most that SQS gives
_WAIT_SECONDS = 1  # without waiting, SQS asks only some of its servers, and may say that there is nothing
_HIDDEN_SECONDS = 600  # while a message is being moved, or held back because it stays
_CLOCKS_DIFFER = timedelta(minutes=5)  # at most: AWS refuses requests that are dated further off

Message = dict[str, Any]
Choose = Callable[[Letter], bool]


def everything(_: Letter) -> bool:
    """Chooses each message."""
    return True


def redrive(sqs: Any, stage: Stage, started: datetime, choose: Choose = everything) -> list[Letter]:
    """Move the chosen messages back, each once: what fails again comes back here, and is left alone.

    A message is deleted only when its queue has it. After a crash in between it is in both, which is harmless: every
    stage takes a message as often as it comes. Why it was given up is not carried along.

    Args:
        sqs: boto3's SQS client of the region.
        stage: Whose dead-letter queue.
        started: Now. What is given up later by a stage that goes on failing is left for the next time.
        choose: Which messages. The others stay; in a FIFO queue they are put behind those that are still to be seen,
            as SQS shows no message of a group while one before it is held.

    Returns:
        What was moved.
    """
    dead, alive = _url(sqs, names.dead_letter_queue(stage)), _url(sqs, names.queue(stage))
    latest = (started + _CLOCKS_DIFFER).timestamp() * 1000
    sent: set[str] = set()  # ids of our own making
    moved: list[Letter] = []

    def move(message: Message) -> bool:
        letter = dead_letters.read(stage, message)
        if sent & {message["MessageId"], letter.message_id} or int(message["Attributes"]["SentTimestamp"]) > latest:
            return False
        chosen, group = choose(letter), message["Attributes"].get("MessageGroupId")
        if not (chosen or group):
            return False
        told = {} if chosen else dead_letters.attributes(message)
        sent.add(_send(sqs, alive if chosen else dead, message, told))
        sqs.delete_message(QueueUrl=dead, ReceiptHandle=message["ReceiptHandle"])
        moved.extend([letter] if chosen else [])
        return True

    _visit(sqs, dead, move)
    return moved


def look(sqs: Any, stage: Stage) -> tuple[list[Letter], int]:
    """What was given up, moving nothing.

    Messages are out of sight for as long as this looks. SQS shows of each group of a FIFO queue the first ten or so.

    Returns:
        The messages seen, and about how many there are besides.
    """
    queue, seen = names.dead_letter_queue(stage), list[Letter]()

    def see(message: Message) -> bool:
        seen.append(dead_letters.read(stage, message))
        return False

    there = waiting(sqs, queue)
    if there:
        _visit(sqs, _url(sqs, queue), see)
    return seen, max(0, there - len(seen))


def waiting(sqs: Any, queue: str) -> int:
    """About how many messages a queue holds, in flight or not."""
    counts = ("ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible")
    found = sqs.get_queue_attributes(QueueUrl=_url(sqs, queue), AttributeNames=list(counts))["Attributes"]
    return sum(int(found[each]) for each in counts)


def _visit(sqs: Any, url: str, take: Callable[[Message], bool]) -> None:
    """Give every message that SQS shows to `take`, once. It says whether it deleted it; if not, it is shown again."""
    held: dict[str, str] = {}  # message id -> receipt handle
    try:
        while messages := _receive(sqs, url):
            new = [message for message in messages if message["MessageId"] not in held]
            held |= {message["MessageId"]: message["ReceiptHandle"] for message in messages}
            for message in new:
                if take(message):
                    del held[message["MessageId"]]
            if not new:  # all that are left were seen so long ago that SQS shows them again
                return
    finally:
        _show(sqs, url, list(held.values()))


def _receive(sqs: Any, url: str) -> list[Message]:
    found: list[Message] = sqs.receive_message(
        QueueUrl=url,
        MaxNumberOfMessages=_AT_ONCE,
        WaitTimeSeconds=_WAIT_SECONDS,
        VisibilityTimeout=_HIDDEN_SECONDS,
        MessageSystemAttributeNames=["SentTimestamp", "MessageGroupId"],
        MessageAttributeNames=["All"],
    ).get("Messages", [])
    return found


def _show(sqs: Any, url: str, handles: list[str]) -> None:
    for start in range(0, len(handles), _AT_ONCE):
        entries = [
            {"Id": str(number), "ReceiptHandle": handle, "VisibilityTimeout": 0}
            for number, handle in enumerate(handles[start : start + _AT_ONCE])
        ]
        sqs.change_message_visibility_batch(QueueUrl=url, Entries=entries)


def _send(sqs: Any, url: str, message: Message, attributes: dict[str, dict[str, Any]]) -> str:
    """Send a message again; its new id. On a FIFO queue, sending it twice within minutes is sending it once."""
    group = message["Attributes"].get("MessageGroupId")
    ordering = {"MessageGroupId": group, "MessageDeduplicationId": f"redrive-{message['MessageId']}"} if group else {}
    body = dead_letters.body(message)
    answer = sqs.send_message(QueueUrl=url, MessageBody=body, MessageAttributes=attributes, **ordering)
    return str(answer["MessageId"])


def _url(sqs: Any, queue: str) -> str:
    return str(sqs.get_queue_url(QueueName=queue)["QueueUrl"])
