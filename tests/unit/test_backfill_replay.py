"""A backfill's run against clients that say what they are told: how long it waits, and what it believes."""

from __future__ import annotations

import io
import json
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

import boto3
import pytest
from moto import mock_aws
from rich.console import Console
from watershed import names
from watershed.athena import Athena
from watershed.backfill import replay
from watershed.backfill.bronze import Window
from watershed.backfill.check import Entry, Missing
from watershed.backfill.raw import RawObject, manifest
from watershed.backfill.replay import Replay, Result
from watershed.errors import ConfigurationError
from watershed.names import Layer, Stage

from local.backfilling.functions import judged

ACCOUNT, REGION, ID = "123456789012", "eu-central-1", "20260301T000000000000Z-0"
ONE = RawObject(datetime(2026, 3, 1, tzinfo=UTC), "raw", "orders/1.csv", "v", 1)
LANDED: list[Any] = [ONE.batch_id, 0, "bronze", "orders", "1.0.0", 3, 0, False, 0, 0, 0, 0, 0, 0]
SETTLED: list[Any] = [ONE.batch_id, 0, "silver", "orders", "1.0.0", 0, 0, False, 3, 3, 0, 0, 0, 0]


class States:
    """Step Functions with one execution, which has `statuses` one after the other."""

    def __init__(self, *statuses: str) -> None:
        self.meta = boto3.client("stepfunctions", region_name=REGION).meta
        self.exceptions = boto3.client("stepfunctions", region_name=REGION).exceptions
        self.statuses = list(statuses)
        self.started: list[dict[str, str]] = []

    def start_execution(self, **request: str) -> dict[str, str]:
        self.started.append(request)
        return {"executionArn": "arn"}

    def describe_execution(self, **_: str) -> dict[str, str]:
        return {"status": self.statuses.pop(0)}


class Bucket:
    """S3 that keeps what is put."""

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], bytes] = {}

    def put_object(self, **request: Any) -> dict[str, Any]:
        self.kept[request["Bucket"], request["Key"]] = request["Body"]
        return {}


@dataclass(frozen=True)
class Ledger(Athena):
    """Athena that gives these answers one after the other, the last for ever."""

    answers: list[list[list[Any]]] = field(default_factory=list)

    def typed_rows(self, sql: str, *, database: str | None = None) -> tuple[list[str], list[list[Any]]]:
        assert (ID in sql, database) == (True, None)
        return [], self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


def made(states: Any, bucket: Bucket, *answers: list[list[Any]]) -> tuple[Replay, list[float]]:
    """A run, and how long it slept each time."""
    slept: list[float] = []
    clients = {"stepfunctions": states, "s3": bucket}
    window = Window(date(2026, 3, 1), date(2026, 3, 1))
    ledger = Ledger(None, "w", answers=list(answers))
    return Replay(ID, "orders", window, ACCOUNT, REGION, clients.__getitem__, ledger, slept.append), slept


def test_it_waits_for_the_execution_and_then_for_silver() -> None:
    states, bucket = States("RUNNING", "RUNNING", "SUCCEEDED"), Bucket()
    run, slept = made(states, bucket, [LANDED], [LANDED, SETTLED])
    result = run.run([ONE], 900)
    assert (result.missing, result.status, len(result.entries)) == ([], "SUCCEEDED", 2)
    assert len(slept) == 3
    key = names.backfill_key(ID)
    assert bucket.kept == {(names.bucket(Layer.LEDGER, ACCOUNT, REGION), key): manifest([ONE], ID).encode()}
    (started,) = states.started
    assert started["stateMachineArn"] == f"arn:aws:states:{REGION}:{ACCOUNT}:stateMachine:watershed-backfill"
    assert (started["name"], json.loads(started["input"])) == (ID, {"manifest": key})


def test_patience_ends() -> None:
    run, slept = made(States("SUCCEEDED"), Bucket(), [LANDED])
    assert run.run([ONE], 20).missing == [Missing(ONE, Stage.SILVER, (0,))]
    assert sum(slept) == 20


def test_what_bronze_did_not_land_is_not_waited_for() -> None:
    run, slept = made(States("SUCCEEDED"), Bucket(), [])
    assert run.run([ONE], 900).missing == [Missing(ONE, Stage.BRONZE)]
    assert slept == []


def test_more_than_one_run_can_take_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(replay, "MOST", 1)
    states = States()
    run, _ = made(states, Bucket(), [])
    with pytest.raises(ConfigurationError, match="--since and --until"):
        run.run([ONE, ONE], 0)
    assert states.started == []


def test_a_region_without_the_machine_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_CONFIG_FILE", "/dev/null")
    with mock_aws():
        run, _ = made(boto3.client("stepfunctions", region_name=REGION), Bucket(), [])
        with pytest.raises(ConfigurationError, match="Deploy the region's stack"):
            run.run([ONE], 0)


@pytest.mark.parametrize(
    ("result", "code", "told"),
    [
        (Result([Entry(ONE.batch_id, 0, "silver", "orders", "1.1.0")], [], "SUCCEEDED"), 0, ""),
        (
            Result([Entry(ONE.batch_id, 0, "silver", "orders", "1.0.0")], [], "SUCCEEDED"),
            1,
            "by the contract's version 1.0.0; here it is 1.1.0. Deploy the contract, then backfill again.",
        ),
        (Result([], [], "FAILED"), 1, "the execution ended FAILED"),
        (Result([], [Missing(ONE, Stage.BRONZE)], "SUCCEEDED"), 1, "missing in bronze: orders/1.csv version v\n"),
        (Result([], [Missing(ONE, Stage.SILVER, (0, 2))], "SUCCEEDED"), 1, "orders/1.csv version v, parts 0, 2\n"),
        (Result([], [Missing(ONE, Stage.BRONZE)] * 30, "FAILED"), 1, "and 10 more"),
    ],
)
def test_only_what_ledger_and_execution_agree_on_is_done(result: Result, code: int, told: str) -> None:
    out = io.StringIO()
    assert judged(Console(file=out, soft_wrap=True), REGION, result, "1.1.0") == code
    assert told in out.getvalue()
    assert bool(out.getvalue()) == bool(told)
