"""A day in one region of the shipped lake, with everything in it that makes a role do what it may."""

from __future__ import annotations

import gzip
import json
import random
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from http import HTTPStatus
from itertools import islice
from typing import TYPE_CHECKING

from watershed import names, redrive
from watershed.backfill.bronze import Window
from watershed.backfill.raw import RawBucket
from watershed.backfill.replay import Replay
from watershed.bronze.event import Arrival, again
from watershed.bronze.parts import PART_BAD_ROWS
from watershed.catalog import build
from watershed.door.batch import LARGEST
from watershed.messages import BronzePart
from watershed.names import Layer, Stage
from watershed.poll.state import State

from infra.polls import polled
from local import sample
from local.aws import LocalAWS
from local.aws.http_apis import HttpRequest
from local.paths import LAKE
from local.region import Region
from local.sample.webhooks import SHOPS, webhooks
from local.shop.internet import Internet
from local.shop.server import Open, Row, Shop
from tests.policies import access
from tests.policies.iam.policy import Principal
from tests.policies.recorder import Recorder
from tests.policies.template import Template

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from local.aws.runtime.lambda_runtime import Invocation
    from tests.policies.access import Access
    from tests.policies.recorder import Call

REGION, ACCOUNT = "eu-central-1", "123456789012"
OPERATOR = Principal(ACCOUNT, f"arn:aws:iam::{ACCOUNT}:role/operator")  # who may do everything
_ROWS = 20
_WEBHOOKS = 3
_HOUR = timedelta(hours=1)
_SMALL_FILES = 4  # of one table: with the whole file five, which is enough for Athena to compact them
_OLD_RUNS = ("20200101T000000000000Z-00000000", "20200102T000000000000Z-00000000")


def said_by(assembly: Path, region: str = REGION) -> Access:
    """What a region's template in a cloud assembly says about access."""
    text = (assembly / f"{names.stack(region)}.template.json").read_text(encoding="utf-8")
    return access.read(Template(json.loads(text), ACCOUNT, region))


class Day:
    """Runs it; `calls` are those of the day, deployment excluded."""

    def __init__(self, assembly: Path, folder: Path) -> None:
        self._ahead = timedelta()
        with LocalAWS(ACCOUNT, clock=lambda: datetime.now(UTC) + self._ahead) as aws:
            aws.deploy(assembly, [REGION])
            self._aws, self._region = aws, Region.on(aws, REGION)
            with Recorder(said_by(assembly)) as self._recorder:
                self._gold_waits(True)
                self._files_come(folder)
                self._webhooks_come()
                self._sources_are_polled()
                self._some_are_refused(folder)
                self._gold_waits(False)
                self._night_falls()
                self._raw_is_read_again()
                self._what_was_given_up_comes_back()
            self.strays = self._recorder.strays
            self.calls: list[Call] = self._recorder.calls

    def _rests(self, on_event: Callable[[Invocation], None] | None = None) -> None:
        """Everything that waits is done."""
        with self._recorder.machinery():
            self._aws.pump([REGION], on_event)

    def _gold_waits(self, on: bool) -> None:
        """Whether gold's messages stay in the queue: a refresh is the longest part of the day."""
        client, function = self._region.client("lambda"), names.function(Stage.GOLD)
        with self._recorder.machinery():
            (mapping,) = client.list_event_source_mappings(FunctionName=function)["EventSourceMappings"]
            client.update_event_source_mapping(UUID=mapping["UUID"], Enabled=not on)

    def _put(self, layer: Layer, key: str, body: bytes) -> None:
        with self._recorder.acting(OPERATOR):
            self._region.client("s3").put_object(Bucket=names.bucket(layer, ACCOUNT, REGION), Key=key, Body=body)

    def _send(self, stage: Stage, body: str) -> None:
        sqs, order = self._region.client("sqs"), {"MessageGroupId": "products", "MessageDeduplicationId": body[:9]}
        with self._recorder.acting(OPERATOR):
            url = sqs.get_queue_url(QueueName=names.queue(stage))["QueueUrl"]
            sqs.send_message(QueueUrl=url, MessageBody=body, **(order if stage.keeps_order else {}))

    def _files_come(self, folder: Path) -> None:
        """CSV, compressed CSV, JSON and Parquet; some one after the other, so that a table has many files."""
        files = [file for file in sample.write(folder, _ROWS) if file.region == REGION]
        (products,) = (file.path.read_bytes() for file in files if file.dataset == "products")
        header, *lines = products.splitlines(keepends=True)
        for number in range(_SMALL_FILES):
            self._put(Layer.RAW, f"products/{number}.csv", header + b"".join(lines[number::_SMALL_FILES]))
            self._rests()
        for file in files:
            self._put(Layer.RAW, f"{file.dataset}/{file.path.name}", file.path.read_bytes())
        self._rests()

    def _sources_are_polled(self) -> None:
        """Each of the region's by its schedule; one was polled an hour ago, the other never."""
        with self._recorder.machinery(), Internet() as internet, ExitStack() as shops:
            opened = []
            for source, pull in polled(build(LAKE).connectors.values(), REGION).items():
                shop = Shop(pull, {name: [Row(datetime.now(UTC) - _HOUR, {"id": 1})] for name in pull.streams})
                shops.enter_context(Open(shop, internet))
                opened.append(shop)
                secrets = self._region.client("secretsmanager")
                secrets.put_secret_value(SecretId=names.pull_secret(source), SecretString=shop.secret)
                for name in pull.streams if source == "shopify" else ():
                    noted = State(cursor=datetime.now(UTC) - _HOUR).to_json().encode()
                    bucket = names.bucket(Layer.LEDGER, ACCOUNT, REGION)
                    self._region.client("s3").put_object(
                        Bucket=bucket, Key=names.poll_state_key(source, name), Body=noted
                    )
                self._enable(names.poll_schedule(source))
                self._aws.fire_schedule(REGION, names.poll_schedule(source))
            self._rests()
            assert all(shop.urls for shop in opened)

    def _enable(self, schedule: str) -> None:
        """The connectors that ship are paused."""
        client = self._region.client("scheduler")
        found = client.get_schedule(Name=schedule)
        kept = {key: found[key] for key in ("ScheduleExpression", "FlexibleTimeWindow", "Target")}
        client.update_schedule(Name=schedule, State="ENABLED", **kept)

    def _webhooks_come(self) -> None:
        """Some small ones, one of them twice, and one that is too big for the queue."""
        (shop,) = (each for name, each in build(LAKE).connectors.items() if each.region == REGION and name in SHOPS)
        with self._recorder.machinery():
            secrets = self._region.client("secretsmanager")
            secret = json.loads(secrets.get_secret_value(SecretId=names.push_secret(shop.name))["SecretString"])[
                "current"
            ]
            sent = [*islice(webhooks(shop), _WEBHOOKS)]
            big = json.dumps({"id": 1, "note": "x" * LARGEST}).encode()
            for each in (*sent, sent[0], replace(sent[0], body=big)):
                headers = each.signed(shop, secret.encode(), datetime.now(UTC))
                path = f"/v1/{each.source}/{each.dataset}"
                answer = self._aws.ask(REGION, HttpRequest("POST", path, [*headers.items()], each.body))
                assert answer.status == HTTPStatus.ACCEPTED
        self._rests()

    def _some_are_refused(self, folder: Path) -> None:
        """One for its name, one for its format, one when two parts of it were written already."""
        self._put(Layer.RAW, "holidays/a.csv", b"a\n1\n")
        self._put(Layer.RAW, "products/table.xlsx", b"PK")
        (products,) = folder.rglob("artikel.csv")
        dice = random.Random(1)  # what hardly compresses is read piece by piece
        short = b"".join(b"%032x\n" % dice.getrandbits(128) for _ in range(2 * PART_BAD_ROWS))
        cut_off = gzip.compress(products.read_bytes() + short, compresslevel=1)[:-9]
        self._put(Layer.RAW, "products/cut-off.csv.gz", cut_off)
        self._rests()

    def _night_falls(self) -> None:
        """Long after, so that there is something to clear away; maintenance has time for nothing at first."""
        for run in _OLD_RUNS:
            self._put(Layer.GOLD, f"{names.gold_run_prefix('product_sales', run)}x.parquet", b"x")
        self._ahead = timedelta(days=16)
        with self._recorder.machinery():
            self._has_seconds(1)
            for name in (names.NIGHTLY_MAINTENANCE, names.DAILY_REFRESH):
                self._aws.fire_schedule(REGION, name)
        self._rests(lambda _: self._has_seconds(900))
        self._ahead = timedelta()

    def _has_seconds(self, seconds: int) -> None:
        client = self._region.client("lambda")
        client.update_function_configuration(FunctionName=names.function(Stage.MAINTENANCE), Timeout=seconds)

    def _raw_is_read_again(self) -> None:
        client, window = self._region.client, Window(date(2025, 1, 1), date(9999, 12, 31))
        bucket = names.bucket(Layer.RAW, ACCOUNT, REGION)
        with self._recorder.acting(OPERATOR):
            found = RawBucket(client("s3"), bucket, REGION, build(LAKE).contracts).objects("products", window)
            replay = Replay(
                id=names.new_replay(datetime.now(UTC)),
                dataset="products",
                window=window,
                account=ACCOUNT,
                region=REGION,
                client=client,
                athena=self._region.athena,
                sleep=lambda _: self._rests(),
            )
            result = replay.run(found[:2], patience=60)
        assert result.status == "SUCCEEDED"
        assert not result.missing

    def _what_was_given_up_comes_back(self) -> None:
        """Each stage is sent what it cannot understand, or what is not there."""
        gone = BronzePart("products", "frankfurt", "f" * 32, 0, "gone", 1, "s", "v", "2025-01-01T00:00:00+00:00")
        for stage in (each for each in Stage if not each.needs_database):
            self._send(stage, gone.to_json() if stage is Stage.SILVER else "poison")
        raw = names.bucket(Layer.RAW, ACCOUNT, REGION)
        self._send(Stage.BRONZE, again(Arrival(raw, "products/gone.csv", None, 1)))
        self._rests()
        with self._recorder.acting(OPERATOR):
            assert redrive.redrive(self._region.client("sqs"), Stage.SILVER, datetime.now(UTC))
