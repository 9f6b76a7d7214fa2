"""Bronze: each message announces raw objects, and each object becomes Parquet."""

from __future__ import annotations

import functools
from typing import Any

import boto3
from watershed import catalog
from watershed.alarms import LANDED
from watershed.bronze.announce import SilverQueue
from watershed.bronze.event import Arrival, arrivals
from watershed.bronze.land import Surroundings, land
from watershed.given_up import DeadLetters, Record
from watershed.log import logger
from watershed.names import Stage
from watershed.s3 import S3
from watershed.settings import Settings


@functools.cache
def _surroundings() -> Surroundings:
    """This region's surroundings, made once a sandbox."""
    settings = Settings.from_environment()
    return Surroundings(
        settings=settings,
        contracts=catalog.load().contracts,
        s3=S3(boto3.client("s3")),
        announce=SilverQueue(boto3.client("sqs"), settings.queue_url(Stage.SILVER)).announce,
    )


@functools.cache
def _dead_letters() -> DeadLetters:
    """Where messages go that no further attempt would help."""
    return DeadLetters.of(Stage.BRONZE, boto3.client("sqs"))


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Land the objects that the batch announces.

    Returns:
        The messages that failed, for the queue to repeat one by one; those that are given up are not among them.
    """
    failed = [record["messageId"] for record in event["Records"] if not _settled(record)]
    return {"batchItemFailures": [{"itemIdentifier": message} for message in failed]}


def _settled(record: Record) -> bool:
    """Whether one message is done with. Landing twice does no harm, so one failure repeats all of its objects."""
    try:
        for arrival in arrivals(record["body"]):
            _land(arrival)
    except Exception as error:  # noqa: BLE001  one poisoned message must not hold up the others
        return _dead_letters().settle(record, error)
    return True


def _land(arrival: Arrival) -> None:
    if arrival.is_folder_marker:
        logger.info("folder marker, no data", extra={"key": arrival.key})
        return
    landed = land(arrival, _surroundings())
    counts = {"rows_read": landed.rows_read, "rows_out": landed.rows_out, "malformed": landed.malformed}
    about = {"dataset": landed.dataset, "batch_id": landed.batch_id, "key": arrival.key, "parts": landed.parts}
    if landed.rejected is None:
        logger.info(LANDED, extra={**about, **counts, "again": bool(arrival.replay)})
    else:
        logger.warning(str(landed.rejected), extra={**about, "reason": landed.rejected.reason})
