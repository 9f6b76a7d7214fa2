"""Publish: one batch of messages about refreshed gold tables is one publication of each table's newest run.

It runs beside the database, from where nothing but the gold bucket can be reached: so it says which messages failed,
and SQS itself repeats them and gives them up.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any, Protocol

import boto3
from watershed import catalog, names
from watershed.clock import system_clock
from watershed.errors import WatershedError
from watershed.log import log_failure
from watershed.publish.batch import combine
from watershed.publish.database import Database
from watershed.publish.rows import GoldRows
from watershed.publish.run import Publisher
from watershed.settings import Settings

if TYPE_CHECKING:
    from watershed.messages import GoldRun

_RESERVE = 30  # seconds to undo what takes too long, before Lambda ends the function


class Context(Protocol):
    """What is used of Lambda's."""

    aws_request_id: str

    def get_remaining_time_in_millis(self) -> int:
        """Until Lambda ends the function."""


@functools.cache
def _publisher() -> Publisher:
    """This region's publisher, made once a sandbox."""
    settings = Settings.from_environment()
    return Publisher(
        models=catalog.load().shown_models,
        rows=GoldRows(boto3.client("s3"), settings.bucket(names.Layer.GOLD)),
        clock=system_clock,
    )


@functools.cache
def _database() -> Database:
    """This region's database."""
    host, port = Settings.from_environment().database
    rds = boto3.client("rds")

    def token() -> str:
        """The role's own signature, made here without a call. A Unix socket asks for none."""
        socket = host.startswith("/")
        return "" if socket else str(rds.generate_db_auth_token(host, port, names.DATABASE_PUBLISHER))

    return Database(host, port, token)


def handler(event: dict[str, Any], context: Context) -> dict[str, Any]:
    """Publish what the batch tells of.

    Returns:
        The messages whose tables could not all be published, for the queue to repeat.
    """
    batch = combine(event["Records"])
    for record, refusal in batch.refused:
        log_failure(refusal, record["messageId"])
    failed = {record["messageId"] for record, _ in batch.refused}
    failed |= {message for run in _unpublished(batch.runs, context) for message in batch.messages(run.model)}
    return {"batchItemFailures": [{"itemIdentifier": message} for message in sorted(failed)]}


def _unpublished(runs: tuple[GoldRun, ...], context: Context) -> list[GoldRun]:
    """Those of the runs that could not be published; each failure is logged."""
    left = list(runs)
    if not left:
        return []
    publisher = _publisher()
    try:
        with _database().connect() as connection:
            publisher.prepare(connection, _left(context))
            for run in runs:
                try:
                    publisher.publish(connection, run, _left(context))
                except Exception as error:  # noqa: BLE001  the other tables are published
                    log_failure(error, run.run)
                else:
                    left.remove(run)
    except WatershedError as error:  # no table of this batch can be published now
        log_failure(error, context.aws_request_id)
    return left


def _left(context: Context) -> float:
    """Seconds in which what is begun now must have ended."""
    return context.get_remaining_time_in_millis() / 1000 - _RESERVE
