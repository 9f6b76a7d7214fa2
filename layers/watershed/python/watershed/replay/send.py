"""Sends what a plan holds: parts to silver's queue, whole files to bronze's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from watershed import names
from watershed.bronze.announce import SilverQueue
from watershed.bronze.event import again
from watershed.names import Stage

if TYPE_CHECKING:
    from watershed.replay.plan import Plan


def send(plan: Plan, sqs: Any) -> None:
    """Send all messages. After a crash in between, a new replay sends what is still held.

    Args:
        plan: From `plan.plan`.
        sqs: boto3's SQS client of the region.

    Raises:
        Transient: if a queue did not take a message.
    """
    url = sqs.get_queue_url(QueueName=names.queue(Stage.BRONZE))["QueueUrl"]
    for arrival in plan.files:
        sqs.send_message(QueueUrl=url, MessageBody=again(arrival))
    silver = sqs.get_queue_url(QueueName=names.queue(Stage.SILVER))["QueueUrl"]
    SilverQueue(sqs, silver).announce(plan.parts)
