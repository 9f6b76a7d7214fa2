"""Gold: one batch of refresh messages is one refresh of the models that they reach."""

from __future__ import annotations

import functools
from typing import Any

import boto3
from watershed import catalog, names
from watershed.athena import Athena
from watershed.clock import system_clock
from watershed.given_up import DeadLetters, Record
from watershed.gold.batch import combine
from watershed.gold.masking_key import MaskingKey
from watershed.gold.refresh import Refresher
from watershed.gold.runs import GoldFiles
from watershed.gold.tables import GoldTables
from watershed.next_stage import NextStage
from watershed.s3 import S3
from watershed.settings import Settings
from watershed.zones.publish import Views


@functools.cache
def _refresher() -> Refresher:
    """This region's refresher, made once a sandbox."""
    settings, lake = Settings.from_environment(), catalog.load()
    s3, glue = boto3.client("s3"), boto3.client("glue")
    publish = names.Stage.PUBLISH
    return Refresher(
        models=lake.models,
        athena=Athena(boto3.client("athena"), names.WORKGROUP),
        tables=GoldTables(glue),
        files=GoldFiles(s3, settings.bucket(names.Layer.GOLD)),
        masking_key=MaskingKey(S3(s3), settings.bucket(names.Layer.SILVER)),
        clock=system_clock,
        views=Views(glue, lake.views, settings.time_zones),
        announce=(
            NextStage(boto3.client("sqs"), settings.queue_url(publish), publish).tell if settings.publishes else None
        ),
    )


@functools.cache
def _dead_letters() -> DeadLetters:
    """Where messages go that no further attempt would help."""
    return DeadLetters.of(names.Stage.GOLD, boto3.client("sqs"))


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Refresh what the batch asks for.

    Returns:
        If a model could not be refreshed, the whole batch, for the queue to repeat. Messages that are none of ours,
        and those that have come often enough, are given up and not among them.
    """
    batch = combine(event["Records"])
    failures: list[tuple[Record, Exception]] = [*batch.refused]
    try:
        if batch.records:
            refresher = _refresher()
            refresher.refresh(batch.changed, batch.as_of or refresher.clock().date())
    except Exception as error:  # noqa: BLE001  each message has its own number of attempts
        failures += [(record, error) for record in batch.records]
    failed = [record["messageId"] for record, error in failures if not _dead_letters().settle(record, error)]
    return {"batchItemFailures": [{"itemIdentifier": message} for message in failed]}
