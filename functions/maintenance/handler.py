"""Maintenance: each message is a list of statements on silver's tables, for Athena to run one after the other."""

from __future__ import annotations

import functools
from typing import Any, Protocol

import boto3
from watershed import catalog, names
from watershed.athena import Athena
from watershed.given_up import DeadLetters, Record
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


@functools.cache
def _dead_letters() -> DeadLetters:
    """Where messages go that no further attempt would help."""
    return DeadLetters.of(names.Stage.MAINTENANCE, boto3.client("sqs"))


def handler(event: dict[str, Any], context: Context) -> dict[str, Any]:
    """Do what the messages ask, and put back what there is no time for.

    Returns:
        The messages of which something failed, for the queue to repeat; those that are given up are not among them.
    """
    failed = [record["messageId"] for record in event["Records"] if not _settled(record, context)]
    return {"batchItemFailures": [{"itemIdentifier": message} for message in failed]}


def _settled(record: Record, context: Context) -> bool:
    """Whether one message is done with, or its rest is in a new one."""
    try:
        message = Upkeep.from_json(record["body"])
        _maintainer().work(message, lambda: context.get_remaining_time_in_millis() > ENOUGH_MILLISECONDS)
    except Exception as error:  # noqa: BLE001  the queue repeats it, or it is given up with its cause
        return _dead_letters().settle(record, error)
    return True
