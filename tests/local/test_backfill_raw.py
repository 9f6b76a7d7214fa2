"""`watershed backfill` through the functions: raw objects land again, and the ledger judges."""

from __future__ import annotations

import shutil
import time
from typing import TYPE_CHECKING

import pytest
from watershed import names
from watershed.names import Layer

from local import cli, sample
from local.aws import LocalAWS
from local.backfilling import functions
from local.config import regions
from local.paths import LAKE
from local.region import Region
from local.synth import Synthesis

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.slow  # `make drills`

PLACE = regions()[0].region
SILVER = "SELECT * FROM silver.products ORDER BY product_id"
REPLAYS = (
    "SELECT replay, count(*), sum(inserted), sum(duplicate), sum(quarantined) FROM ops.ledger"
    " WHERE dataset = 'products' GROUP BY replay ORDER BY replay"
)
RIGHT, WRONG = 'timestampFormats: ["%d.%m.%Y %H:%M:%S", "%d.%m.%Y %H:%M", "%d.%m.%Y"]', 'timestampFormats: ["%d %m %Y"]'


def wrong_lake(folder: Path) -> Path:
    """The lake with a contract that reads no timestamp of this region's products."""
    shutil.copytree(LAKE, folder)
    contract = folder / "contracts" / "products.yaml"
    text = contract.read_text(encoding="utf-8")
    assert RIGHT in text
    contract.write_text(text.replace(RIGHT, WRONG), encoding="utf-8")
    return folder


class Lake:
    """A region into which products came while their contract was wrong; now it is right."""

    def __init__(self, aws: LocalAWS, folder: Path, wrong: Path, right: Path) -> None:
        self.aws, self.region = aws, Region.on(aws, PLACE)
        self.files = [f for f in sample.write(folder, 60) if f.region == PLACE and f.dataset == "products"]
        aws.deploy(wrong, [PLACE])
        for file in self.files:
            self.region.drop(f"products/{file.path.name}", file.path)
        aws.pump()
        self.before = self.rows("SELECT count(*) FROM silver.products")
        aws.deploy(right, [PLACE])

    def rows(self, sql: str) -> list[list[str | None]]:
        return self.region.athena.rows(sql)[1]

    def works(self, _seconds: float) -> None:
        time.sleep(0.05)
        self.aws.pump([PLACE])


@pytest.fixture(scope="module")
def lake(shipped: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lake]:
    folder = tmp_path_factory.mktemp("lake")
    wrong = Synthesis(folder / "wrong.out", lake=wrong_lake(folder / "wrong"))
    with LocalAWS() as aws:
        yield Lake(aws, folder / "data", wrong.result(), shipped)


@pytest.fixture
def backfill(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The command's first words; it finds the lake of this test, which works while the command waits."""
    monkeypatch.setattr("local.commands.backfill.reached", lambda *_, **__: lake.region)
    monkeypatch.setattr(functions, "sleep", lake.works)
    return ["backfill", PLACE, "products"]


def executions(lake: Lake) -> list[str]:
    states = lake.aws.client("stepfunctions", PLACE)
    machine = f"arn:aws:states:{PLACE}:{lake.aws.account}:stateMachine:{names.BACKFILL}"
    return [each["status"] for each in states.list_executions(stateMachineArn=machine)["executions"]]


def test_nothing_starts_before_somebody_agrees(
    lake: Lake, backfill: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main([*backfill, "--dry-run"]) == 0
    told = capsys.readouterr().out
    assert "Step Functions" in told
    assert "Assumed, not measured" in told
    assert cli.main(backfill) == 1
    assert "--yes" in capsys.readouterr().err
    monkeypatch.setattr("sys.stdin.isatty", lambda: True)
    monkeypatch.setattr("builtins.input", lambda _: "n")
    assert cli.main(backfill) == 0
    assert cli.main([*backfill, "--until", "2025-01-01"]) == 0
    assert "No file of this dataset came in that time." in capsys.readouterr().out
    assert executions(lake) == []


def test_rows_that_a_wrong_contract_held_back_land_once(
    lake: Lake, backfill: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    keys = sum(file.expected.new_keys for file in lake.files)
    assert lake.before == [["0"]]
    ((replay, _, _, _, held),) = lake.rows(REPLAYS)
    assert replay == ""
    assert int(str(held)) >= keys

    assert cli.main([*backfill, "--yes"]) == 0
    shown = capsys.readouterr().out
    _, (first, entries, inserted, _, _) = lake.rows(REPLAYS)
    assert f"replay = '{first}'" in shown
    assert int(str(entries)) == 2 * len(lake.files)
    assert inserted == str(keys)
    after = lake.rows(SILVER)
    assert len(after) == keys

    assert cli.main([*backfill, "--yes"]) == 0
    _, one, (second, again, inserted, duplicate, _) = lake.rows(REPLAYS)
    assert one[0] == first
    assert str(second) > str(first), "replays sort by time"
    assert (again, inserted) == (entries, "0")
    assert int(str(duplicate)) >= keys
    assert lake.rows(SILVER) == after


def test_what_silver_does_not_settle_in_time_is_named(
    lake: Lake, backfill: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(functions, "sleep", lambda _: time.sleep(0.05))
    assert cli.main([*backfill, "--yes", "--wait", "10"]) == 1
    told = capsys.readouterr().out
    for file in lake.files:
        assert f"missing in silver: products/{file.path.name}" in told
    assert f"watershed redrive {PLACE}" in told
    lake.aws.pump([PLACE])


def test_an_object_that_does_not_land_is_named_though_the_execution_is_called_a_success(
    lake: Lake, backfill: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    s3, bucket = lake.aws.client("s3", PLACE), names.bucket(Layer.RAW, lake.aws.account, PLACE)
    key = "products/poison.csv"
    version = s3.put_object(Bucket=bucket, Key=key, Body=lake.files[0].path.read_bytes())["VersionId"]
    lake.aws.pump([PLACE])

    def deletes(*, yes: bool) -> bool:
        s3.delete_object(Bucket=bucket, Key=key, VersionId=version)
        return yes

    monkeypatch.setattr(functions, "agreed", deletes)
    assert cli.main([*backfill, "--yes"]) == 1
    told = capsys.readouterr().out
    assert f"missing in bronze: {key} version {version}" in told
    assert "missing in silver" not in told, "the others land all the same"
    assert set(executions(lake)) == {"SUCCEEDED"}, "moto's word; AWS's would be FAILED"
