"""A source's API, polled through the deployed lake: the schedule's message, the real function and TLS, silver."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from watershed import catalog, names
from watershed.names import Layer, Stage
from watershed.s3 import S3

from local.aws import LocalAWS
from local.cli import main
from local.commands import sources
from local.demo import polled
from local.paths import LAKE
from local.region import Region
from local.sample import asked
from tests.local.stages import switch

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from watershed.connectors.model import Connector

    from local.shop.server import Shop

REGION, ROWS = "eu-central-1", 20


@pytest.fixture(scope="module")
def aws(shipped: Path) -> Iterator[LocalAWS]:
    with LocalAWS() as running:
        running.deploy(shipped, [REGION])
        yield running


@pytest.fixture(scope="module")
def lake(aws: LocalAWS) -> Region:
    region = Region.on(aws, REGION)
    switch(region, Stage.GOLD, on=False)
    return region


@pytest.fixture(scope="module")
def connector() -> Connector:
    return catalog.build(LAKE).connectors["csv_api"]


@pytest.fixture
def shop(aws: LocalAWS, lake: Region, connector: Connector) -> Iterator[Shop]:
    """The source's shop; it has been polled once."""
    with polled.opened(connector, {REGION: lake}, ROWS) as opened:
        assert aws.pump().clean
        opened.urls.clear()
        yield opened


def keys(lake: Region) -> list[str]:
    bucket = names.bucket(Layer.RAW, lake.account, REGION)
    return [each["Key"] for each in lake.client("s3").list_objects_v2(Bucket=bucket).get("Contents", [])]


def rows(lake: Region, sql: str) -> list[tuple[object, ...]]:
    return [tuple(row) for row in lake.athena.rows(sql)[1]]


def test_a_row_that_comes_by_file_and_by_poll_is_one_row(
    aws: LocalAWS, lake: Region, shop: Shop, tmp_path: Path
) -> None:
    known = [record for _, record in asked.answers(REGION, ROWS)["transactions"]][: asked.KNOWN]
    file = tmp_path / "known.jsonl"
    file.write_text("".join(json.dumps(record, default=str) + "\n" for record in known), encoding="utf-8")
    lake.drop("transactions/known.jsonl", file)
    assert aws.pump().clean
    (found,) = rows(lake, "SELECT COUNT(*), COUNT(DISTINCT transaction_id) FROM silver.transactions")
    assert found == (str(asked.KNOWN + asked.NEW),) * 2
    (counts,) = rows(
        lake,
        "SELECT SUM(inserted), SUM(duplicate), SUM(updated), SUM(quarantined) FROM ops.ledger "
        "WHERE table_name = 'transactions' AND stage = 'silver'",
    )
    assert counts == (str(asked.KNOWN + asked.NEW), str(asked.KNOWN), "0", "0")
    for dataset in ("customers", "products"):
        assert rows(lake, f"SELECT COUNT(*) FROM silver.{dataset}") == [(str(asked.KNOWN + asked.NEW),)]


def test_the_schedule_asks_for_its_source(aws: LocalAWS, lake: Region, connector: Connector, shop: Shop) -> None:
    scheduler = lake.client("scheduler")
    name = names.poll_schedule("csv_api")
    schedule = scheduler.get_schedule(Name=name)
    assert (schedule["State"], schedule["ScheduleExpression"]) == ("DISABLED", "rate(360 minutes)")
    scheduler.update_schedule(
        Name=name,
        State="ENABLED",
        **{key: schedule[key] for key in ("ScheduleExpression", "FlexibleTimeWindow", "Target")},
    )
    # The schedule's time is in whole seconds, and the shop was polled within this one.
    notes = [names.poll_state_key("csv_api", stream) for stream in connector.pull.streams] if connector.pull else []
    S3(lake.client("s3")).delete(names.bucket(Layer.LEDGER, lake.account, REGION), notes)
    aws.fire_schedule(REGION, name)
    report = aws.pump()
    assert report.clean
    assert report.invocations[f"{REGION}/{names.function(Stage.POLL)}"] == 1
    assert shop.urls


def test_a_source_that_fails_is_told_by_the_command_and_harms_nothing(
    aws: LocalAWS, lake: Region, shop: Shop, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sources, "reached", lambda _name, **_: lake)
    shop.token = "no longer known"
    lake.client("secretsmanager").put_secret_value(SecretId=names.pull_secret("csv_api"), SecretString="{}")
    before = keys(lake)
    sources.ask(lake, "csv_api")
    report = aws.pump()
    assert report.clean, "the failure is the source's, and no message's"
    assert keys(lake) == before
    assert main(["sources", REGION]) == 1
    told = capsys.readouterr().out
    assert "no_secret" in told
    assert "Put the secret" in told
    log = "".join(invocation.log for invocation in aws.invocations if invocation.function == names.function(Stage.POLL))
    assert shop.secret not in log


def test_the_command_has_a_source_polled(
    aws: LocalAWS, lake: Region, shop: Shop, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sources, "reached", lambda _name, **_: lake)
    assert main(["sources", REGION, "--poll", "csv_api"]) == 0
    aws.pump()
    assert shop.urls
    assert main(["sources", REGION]) == 0
    told = capsys.readouterr().out
    assert "shopify" in told
    assert "paused" in told


def test_only_sources_of_the_region_are_polled(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sources", "us-east-1", "--poll", "csv_api"]) == 1
    assert "polls no source csv_api" in capsys.readouterr().err


def test_a_message_about_no_source_is_given_up(aws: LocalAWS, lake: Region) -> None:
    sources.ask(lake, "payments")
    (letter,) = aws.pump().dead_letters
    assert letter.queue == names.dead_letter_queue(Stage.POLL)
