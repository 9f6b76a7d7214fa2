"""Silver: each message is a bronze part; parts of one dataset are merged into its tables in their order."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

import boto3
from watershed import catalog
from watershed.given_up import DeadLetters
from watershed.names import Layer, Stage
from watershed.next_stage import NextStage
from watershed.s3 import S3
from watershed.settings import Settings
from watershed.silver.accounts import Accounts
from watershed.silver.consume import consume
from watershed.silver.lakehouse import Lakehouse
from watershed.silver.service import Silver

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from watershed.messages import BronzePart


@functools.cache
def _silver() -> Silver:
    """This region's silver, made once a sandbox; it makes the tables that are absent."""
    settings = Settings.from_environment()
    contracts = catalog.load().contracts
    client = boto3.client("s3")
    s3 = S3(client)
    lakehouse = Lakehouse(boto3.client("glue"), client, settings.bucket(Layer.SILVER))
    lakehouse.ensure(contracts.values())
    return Silver(
        settings=settings,
        contracts=contracts,
        s3=s3,
        lakehouse=lakehouse,
        accounts=Accounts(s3, settings),
        refresh=NextStage(boto3.client("sqs"), settings.queue_url(Stage.GOLD), Stage.GOLD).tell,
    )


@functools.cache
def _dead_letters() -> DeadLetters:
    """Where messages go that no further attempt would help."""
    return DeadLetters.of(Stage.SILVER, boto3.client("sqs"))


def _take(dataset: str, messages: Iterable[BronzePart]) -> Iterator[BronzePart]:
    """`Silver.take`; that silver could not be made is then a failure of the message, with its cause."""
    return _silver().take(dataset, messages)


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Take the batch's parts into silver.

    Returns:
        The messages that failed, and those behind them in their group, for the queue to give again; those that are
        given up are not among them.
    """
    failed = consume(event["Records"], _take, _dead_letters().settle)
    return {"batchItemFailures": [{"itemIdentifier": message} for message in failed]}
