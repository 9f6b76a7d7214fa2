"""Late files in a deployed region: the alarm counts the lines of those that came, and `status` says who is late."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from watershed import names
from watershed.bronze.event import Arrival, again
from watershed.log import logger
from watershed.names import Layer, Stage, new_replay

from local import cli, sample
from local.aws import LocalAWS
from local.config import regions
from local.region import Region
from tests.infra.log_patterns import matches

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PLACE = regions()[0].region
DATASET = "products"
PROMISED = timedelta(hours=24)


class Deployed:
    """A deployed region, and what its functions have logged."""

    def __init__(self, aws: LocalAWS, log: io.StringIO, capsys: pytest.CaptureFixture[str]) -> None:
        self._aws, self._log, self._capsys = aws, log, capsys
        self.region = Region.on(aws, PLACE)
        self._aws.pump()  # S3's test event

    def drop(self, file: Path) -> str:
        """The key under which the file came."""
        key = f"{DATASET}/{file.name}"
        self.region.drop(key, file)
        self._aws.pump()
        return key

    def replay(self, key: str) -> None:
        raw = names.bucket(Layer.RAW, self.region.account, PLACE)
        version = self.region.client("s3").head_object(Bucket=raw, Key=key)["VersionId"]
        sqs = self.region.client("sqs")
        url = sqs.get_queue_url(QueueName=names.queue(Stage.BRONZE))["QueueUrl"]
        body = again(Arrival(raw, key, version, 1, new_replay(datetime.now(UTC))))
        sqs.send_message(QueueUrl=url, MessageBody=body)
        self._aws.pump()

    def entries(self, condition: str) -> str | None:
        """How many entries of bronze the ledger has."""
        sql = f"SELECT count(*) FROM ops.ledger WHERE stage = 'bronze' AND {condition}"
        ((count,),) = self.region.athena.rows(sql)[1]
        return count

    def counted(self) -> int:
        """How many lines the deployed filter of the dataset finds."""
        (found,) = self.region.client("logs").describe_metric_filters(
            logGroupName=names.log_group(Stage.BRONZE), filterNamePrefix=f"watershed-{DATASET}-landed"
        )["metricFilters"]
        return sum(matches(found["filterPattern"], json.loads(line)) for line in self._log.getvalue().splitlines())

    def status(self) -> str:
        """How `status` tells when the dataset's last file came, after its name."""
        self._capsys.readouterr()
        assert cli.main(["status", PLACE]) == 0, "to be late is no loss"
        lines = [line.split() for line in self._capsys.readouterr().out.splitlines()]
        freshness = lines[lines.index(["Freshness"]) :]
        return " ".join(next(line for line in freshness if line[:1] == [DATASET])[1:])


@pytest.fixture
def deployed(shipped: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Iterator[Deployed]:
    log = io.StringIO()
    monkeypatch.setattr(logger.registered_handler, "stream", log)
    with LocalAWS() as aws:
        aws.deploy(shipped, [PLACE])
        deployed = Deployed(aws, log, capsys)
        monkeypatch.setattr("local.commands.status.reached", lambda *_, **__: deployed.region)
        yield deployed


def test_what_comes_is_counted_and_told_but_not_what_is_refused_or_replayed(
    deployed: Deployed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    refused = tmp_path / "refused.csv"
    refused.write_text("not,a,product\n1,2,3\n", encoding="utf-8")
    deployed.drop(refused)
    assert deployed.entries("rejected_file") == "1"
    assert deployed.counted() == 0
    assert deployed.status() == "none yet - 1 day overdue"

    (good,) = (f for f in sample.write(tmp_path, 20) if f.region == PLACE and f.dataset == DATASET)
    key = deployed.drop(good.path)
    came = datetime.now(UTC)
    assert deployed.counted() == 1
    assert deployed.status().endswith(" 1 day in time")

    monkeypatch.setattr("local.commands.status.system_clock", lambda: came + PROMISED + timedelta(seconds=1))
    deployed.replay(key)
    assert deployed.entries("replay <> ''") == "1"
    assert deployed.counted() == 1
    assert deployed.status().endswith(" 1 day 1 day overdue")
