"""Maintenance: each message is a list of statements on silver's tables, for Athena to run one after the other."""

from __future__ import annotations

import functools
from typing import Any, Protocol

import boto3
from watershed import catalog, names
from watershed.athena import Athena
from watershed.errors import Terminal
from watershed.log import logger
from watershed.maintenance.message import Upkeep
from watershed.maintenance.upkeep import Maintainer
from watershed.settings import Settings

ENOUGH_MILLISECONDS = 60_000  # with less, what is left goes into a new message


class Context(Protocol):
    """The part of Lambda's context used here."""

    def get_remaining_time_in_millis(self) -> int:
        """Milliseconds until this function is stopped."""


@functools.cache
def _maintainer() -> Maintainer:
    """This region's maintenance, made once a sandbox."""
    url, sqs = Settings.from_environment().queue_url(names.Stage.MAINTENANCE), boto3.client("sqs")
    return Maintainer(
        athena=Athena(boto3.client("athena"), names.WORKGROUP),
        glue=boto3.client("glue"),
        tables={table.name for contract in catalog.load().contracts.values() for table in contract.tables},
        send=lambda message: sqs.send_message(QueueUrl=url, MessageBody=message.to_json()),
    )


def handler(event: dict[str, Any], context: Context) -> dict[str, Any]:
    """Do what the messages ask, and put back what there is no time for.

    Returns:
        The messages that are none of ours, for the queue to give up on one by one.

    Raises:
        MaintenanceFailed: naming what failed: the message comes again.
    """
    refused = []
    for record in event["Records"]:
        try:
            message = Upkeep.from_json(record["body"])
        except Terminal as error:
            logger.error(str(error), extra={"message_id": record["messageId"]})
            refused.append(record["messageId"])
            continue
        _maintainer().work(message, lambda: context.get_remaining_time_in_millis() > ENOUGH_MILLISECONDS)
    return {"batchItemFailures": [{"itemIdentifier": message_id} for message_id in refused]}
