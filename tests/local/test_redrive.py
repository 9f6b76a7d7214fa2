"""Messages that were given up: `watershed status` shows them, `watershed redrive` brings them back."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from watershed import names, redrive
from watershed.names import Layer, Stage

from local import cli, sample
from local.aws import LocalAWS
from local.config import regions
from local.region import Region
from local.synth import Synthesis

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PLACE = regions()[0].region


@pytest.fixture
def aws(tmp_path: Path) -> Iterator[LocalAWS]:
    synthesis = Synthesis(tmp_path / "cdk.out")
    with LocalAWS() as aws:
        aws.deploy(synthesis.result())
        yield aws


@pytest.fixture
def lake(aws: LocalAWS, monkeypatch: pytest.MonkeyPatch) -> Region:
    region = Region.on(aws, PLACE)
    for command in ("status", "redrive"):
        monkeypatch.setattr(f"local.commands.{command}.reached", lambda *_, **__: region)
    return region


def words(line: str) -> list[str]:
    return line.split()


def test_once_the_cause_is_mended_nothing_is_lost(
    aws: LocalAWS, lake: Region, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    s3, sqs = lake.client("s3"), lake.client("sqs")
    bronze = names.bucket(Layer.BRONZE, aws.account, PLACE)
    s3.delete_bucket(Bucket=bronze)
    (file,) = (f for f in sample.write(tmp_path, 20) if f.region == PLACE and f.dataset == "products")
    lake.drop(f"products/{file.path.name}", file.path)
    url = sqs.get_queue_url(QueueName=names.queue(Stage.BRONZE))["QueueUrl"]
    sqs.send_message(QueueUrl=url, MessageBody="poison")
    aws.pump()

    assert cli.main(["status", PLACE]) == 1
    told = capsys.readouterr().out
    assert ["bronze", "0", "2"] in map(words, told.splitlines())
    assert f"watershed redrive {PLACE}" in told

    s3.create_bucket(Bucket=bronze, CreateBucketConfiguration={"LocationConstraint": PLACE})
    assert cli.main(["redrive", PLACE]) == 0
    told = capsys.readouterr().out
    assert ["bronze", "products", "1"] in map(words, told.splitlines())
    assert ["bronze", "not", "one", "of", "ours", "1"] in map(words, told.splitlines())
    aws.pump()
    _, rows = lake.athena.rows("SELECT count(*) FROM silver.products")
    assert rows == [[str(file.expected.new_keys)]]

    assert cli.main(["status", PLACE]) == 1  # the poison is back, and alone
    assert ["bronze", "0", "1"] in map(words, capsys.readouterr().out.splitlines())


def test_a_dataset_that_waits_in_order_comes_back_in_order(
    aws: LocalAWS, lake: Region, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Silver's queue is FIFO: its messages keep their group."""
    s3 = lake.client("s3")
    silver = names.bucket(Layer.SILVER, aws.account, PLACE)
    aws.pump()
    for found in s3.list_objects_v2(Bucket=silver).get("Contents", []):
        s3.delete_object(Bucket=silver, Key=found["Key"])
    s3.delete_bucket(Bucket=silver)
    (file,) = (f for f in sample.write(tmp_path, 20) if f.region == PLACE and f.dataset == "products")
    lake.drop(f"products/{file.path.name}", file.path)
    aws.pump()
    s3.create_bucket(Bucket=silver, CreateBucketConfiguration={"LocationConstraint": PLACE})
    assert cli.main(["redrive", PLACE, "--stage", "silver"]) == 0
    assert ["silver", "products", "1"] in map(words, capsys.readouterr().out.splitlines())
    aws.pump()
    assert lake.athena.rows("SELECT count(*) FROM silver.products")[1] == [[str(file.expected.new_keys)]]
    assert cli.main(["redrive", PLACE]) == 0
    assert "Nothing was given up." in capsys.readouterr().out
    assert cli.main(["status", PLACE]) == 0


def test_what_a_message_is_about_names_no_file() -> None:
    loose = {"eventName": "ObjectCreated:Put", "s3": {"bucket": {"name": "raw"}, "object": {"key": "jane-doe.csv"}}}
    assert redrive.subject(Stage.BRONZE, json.dumps({"Records": [loose]})) == redrive.NO_FOLDER
    assert redrive.subject(Stage.BRONZE, '{"Event": "s3:TestEvent"}') == redrive.NO_FOLDER
    assert redrive.subject(Stage.SILVER, "{}") == redrive.UNKNOWN
