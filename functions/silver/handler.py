"""Silver: each message is a bronze part; parts of one dataset are merged into its tables in their order."""

from __future__ import annotations

import functools
from typing import Any

import boto3
from watershed import catalog
from watershed.names import Layer, Stage
from watershed.s3 import S3
from watershed.settings import Settings
from watershed.silver.accounts import Accounts
from watershed.silver.announce import GoldQueue
from watershed.silver.consume import consume
from watershed.silver.lakehouse import Lakehouse
from watershed.silver.service import Silver


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
        refresh=GoldQueue(boto3.client("sqs"), settings.queue_url(Stage.GOLD)).refresh,
    )


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Take the batch's parts into silver.

    Returns:
        The messages that failed, and those behind them in their group, for the queue to give again.
    """
    failed = consume(event["Records"], _silver().take)
    return {"batchItemFailures": [{"itemIdentifier": message} for message in failed]}
