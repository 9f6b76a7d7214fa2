"""Gold: one batch of refresh messages is one refresh of the models that they reach."""

from __future__ import annotations

import functools
from typing import Any

import boto3
from watershed import catalog, names
from watershed.athena import Athena
from watershed.clock import system_clock
from watershed.gold.batch import combine
from watershed.gold.refresh import Refresher
from watershed.gold.runs import GoldFiles
from watershed.gold.tables import GoldTables
from watershed.log import logger
from watershed.settings import Settings


@functools.cache
def _refresher() -> Refresher:
    """This region's refresher, made once a sandbox."""
    settings = Settings.from_environment()
    return Refresher(
        models=catalog.load().models,
        athena=Athena(boto3.client("athena"), names.WORKGROUP),
        tables=GoldTables(boto3.client("glue")),
        files=GoldFiles(boto3.client("s3"), settings.bucket(names.Layer.GOLD)),
        clock=system_clock,
    )


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Refresh what the batch asks for.

    Returns:
        The messages that are none of ours, for the queue to give up on one by one.

    Raises:
        RefreshFailed: if a model could not be refreshed: the whole batch comes again.
    """
    batch = combine(event["Records"])
    if batch.refused:
        logger.error("not refresh messages", extra={"messages": batch.refused})
    if batch.messages:
        refresher = _refresher()
        refresher.refresh(batch.changed, batch.as_of or refresher.clock().date())
    return {"batchItemFailures": [{"itemIdentifier": message} for message in batch.refused]}
