"""Collect: the deliveries of a batch become one raw object for each dataset and source."""

from __future__ import annotations

import functools
from typing import Any

import boto3
from watershed.door.batch import Batch
from watershed.door.collect import Collected, gather, write
from watershed.given_up import DeadLetters, Record
from watershed.log import logger
from watershed.names import Layer, Stage
from watershed.s3 import S3
from watershed.settings import Settings


@functools.cache
def _s3() -> S3:
    """S3, made once a sandbox."""
    return S3(boto3.client("s3"))


@functools.cache
def _dead_letters() -> DeadLetters:
    """Where messages go that no further attempt would help."""
    return DeadLetters.of(Stage.COLLECT, boto3.client("sqs"))


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Write what the batch holds.

    Returns:
        The messages whose object could not be written, for the queue to repeat; those that are given up are not among
        them. One that comes again after it was written becomes rows that silver finds to be there already.
    """
    taken: list[tuple[Record, Batch]] = []
    failures: list[tuple[Record, Exception]] = []
    for record in event["Records"]:
        try:
            taken.append((record, Batch.from_body(record["body"])))
        except Exception as error:  # noqa: BLE001  one poisoned message must not hold up the others
            failures.append((record, error))
    for collected in gather(taken):
        failures += _written(collected)
    failed = [record["messageId"] for record, error in failures if not _dead_letters().settle(record, error)]
    return {"batchItemFailures": [{"itemIdentifier": message} for message in failed]}


def _written(collected: Collected) -> list[tuple[Record, Exception]]:
    """Write one object; its messages with the error, if that fails."""
    try:
        is_new = write(collected, _s3(), Settings.from_environment().bucket(Layer.RAW))
    except Exception as error:  # noqa: BLE001  the queue repeats them, or they are given up with the cause
        return [(record, error) for record in collected.messages]
    counts = {"messages": len(collected.messages), "rows": sum(len(each.lines) for each in collected.batches)}
    about = {"dataset": collected.dataset, "source": collected.source, "key": collected.key, "new": is_new}
    logger.info("collected", extra={**about, **counts})
    return []
