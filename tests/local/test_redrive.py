"""Messages given up in a deployed region: they hold up nothing, `status` shows them, `redrive` brings them back."""

from __future__ import annotations

import io
import json
import zipfile
from typing import TYPE_CHECKING

import pytest
from watershed import names, redrive
from watershed.dead_letters import SEE_LOG
from watershed.messages import BronzePart
from watershed.names import Layer, Stage

from local import cli, sample
from local.aws import Deliveries, LocalAWS
from local.config import regions
from local.region import Region
from tests.local.stages import switch

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from local.sample import SampleFile

pytestmark = pytest.mark.slow  # `make drills`

PLACE = regions()[0].region
BRONZE, SILVER = (f"{PLACE}/{names.function(stage)}" for stage in (Stage.BRONZE, Stage.SILVER))
COUNT = "SELECT count(*) FROM silver.products"


@pytest.fixture
def deliveries() -> Deliveries:
    return Deliveries()


@pytest.fixture
def aws(shipped: Path, deliveries: Deliveries) -> Iterator[LocalAWS]:
    with LocalAWS(deliveries=deliveries) as aws:
        aws.deploy(shipped, [PLACE])
        aws.pump()  # S3's test event
        yield aws


@pytest.fixture
def lake(aws: LocalAWS, monkeypatch: pytest.MonkeyPatch) -> Region:
    region = Region.on(aws, PLACE)
    for command in ("status", "redrive"):
        monkeypatch.setattr(f"local.commands.{command}.reached", lambda *_, **__: region)
    return region


@pytest.fixture
def products(tmp_path: Path) -> SampleFile:
    (file,) = (f for f in sample.write(tmp_path, 20) if f.region == PLACE and f.dataset == "products")
    return file


class Said:
    """What the last command printed, in words."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys

    def __call__(self, *arguments: str, returns: int = 0) -> list[str]:
        self._capsys.readouterr()
        assert cli.main([*arguments]) == returns
        return [" ".join(line.split()) for line in self._capsys.readouterr().out.splitlines()]


@pytest.fixture
def said(capsys: pytest.CaptureFixture[str]) -> Said:
    return Said(capsys)


def send(lake: Region, stage: Stage, body: str, **ordering: str) -> None:
    sqs = lake.client("sqs")
    sqs.send_message(QueueUrl=sqs.get_queue_url(QueueName=names.queue(stage))["QueueUrl"], MessageBody=body, **ordering)


def drop(lake: Region, file: SampleFile, pieces: int) -> None:
    """The file as several, one after the other."""
    header, *lines = file.path.read_bytes().splitlines(keepends=True)
    for number in range(pieces):
        piece = file.path.with_name(f"{number}-{file.path.name}")
        piece.write_bytes(header + b"".join(lines[number::pieces]))
        lake.drop(f"products/{piece.name}", piece)


def causes(lake: Region, stage: Stage) -> list[tuple[str, str]]:
    """What was given up: about what, and why."""
    seen, _ = redrive.look(lake.client("sqs"), stage)
    return sorted((letter.about, letter.cause) for letter in seen)


def test_once_the_cause_is_mended_nothing_is_lost(
    aws: LocalAWS, lake: Region, products: SampleFile, said: Said
) -> None:
    s3 = lake.client("s3")
    bronze = names.bucket(Layer.BRONZE, aws.account, PLACE)
    s3.delete_bucket(Bucket=bronze)
    lake.drop(f"products/{products.path.name}", products.path)
    send(lake, Stage.BRONZE, "poison")
    report = aws.pump()
    assert report.messages[BRONZE] == 2, "another attempt is pointless"
    assert {letter.queue for letter in report.dead_letters} == {names.dead_letter_queue(Stage.BRONZE)}

    told = said("status", PLACE, returns=1)
    assert "bronze 0 2" in told
    assert "bronze products NoSuchBucket 1" in told
    assert "bronze not one of ours Terminal 1" in told
    assert any(line.startswith("NoSuchBucket: ") and bronze in line for line in told)
    assert f"Mend the cause, then run `watershed redrive {PLACE}`." in told

    s3.create_bucket(Bucket=bronze, CreateBucketConfiguration={"LocationConstraint": PLACE})
    dry = said("redrive", PLACE, "--dry-run")
    assert "Would be moved" in dry
    assert {"bronze products NoSuchBucket 1", "bronze not one of ours Terminal 1"} <= set(dry)
    told = said("redrive", PLACE)
    assert {"bronze products NoSuchBucket 1", "bronze not one of ours Terminal 1"} <= set(told)
    aws.pump()
    assert lake.athena.rows(COUNT)[1] == [[str(products.expected.new_keys)]]

    told = said("status", PLACE, returns=1)  # the poison is back, and alone
    assert {"bronze 0 1", "bronze not one of ours Terminal 1"} <= set(told)


def test_poison_among_good_files_holds_up_none(aws: LocalAWS, lake: Region, products: SampleFile) -> None:
    drop(lake, products, 1)
    send(lake, Stage.BRONZE, "poison")
    drop(lake, products, 2)
    report = aws.pump()
    assert report.messages[BRONZE] == 4, "each once"
    assert lake.athena.rows(COUNT)[1] == [[str(products.expected.new_keys)]]
    assert causes(lake, Stage.BRONZE) == [("not one of ours", "Terminal")]
    assert report.partial_failures[BRONZE] == 0


def test_in_a_group_of_silvers_queue_those_behind_poison_land_in_order_without_waiting(
    aws: LocalAWS, lake: Region, products: SampleFile
) -> None:
    switch(lake, Stage.SILVER, on=False)
    drop(lake, products, 1)
    aws.pump()
    unknown = BronzePart("products", "fax", "f" * 32, 0, "k", 1, "s", "v", "2024-01-01T00:00:00+00:00").to_json()
    for poison in ("poison", unknown):
        send(lake, Stage.SILVER, poison, MessageGroupId="products", MessageDeduplicationId=poison[:9])
    drop(lake, products, 2)
    aws.pump()
    switch(lake, Stage.SILVER, on=True)
    report = aws.pump()
    assert report.invocations[SILVER] == 1, "nobody waited for a visibility period"
    assert report.partial_failures[SILVER] == 0
    assert lake.athena.rows(COUNT)[1] == [[str(products.expected.new_keys)]]
    assert causes(lake, Stage.SILVER) == [("not one of ours", "Terminal"), ("products", "ConfigurationError")]
    taken = logged(aws, Stage.SILVER, "in silver", "products")
    assert len(taken) == 3
    assert taken == logged(aws, Stage.BRONZE, "landed", "products")


def logged(aws: LocalAWS, stage: Stage, message: str, table: str) -> list[str]:
    """The batches that a stage's functions said this of, in their order."""
    logs = [each.log for each in aws.invocations if each.function == names.function(stage)]
    lines = [json.loads(line) for log in logs for line in log.splitlines()]
    said = [line for line in lines if line["message"] == message]
    return [line["batch_id"] for line in said if line.get("table", line.get("dataset")) == table]


def test_a_transient_failure_comes_again_and_carries_its_cause_when_it_is_given_up(
    aws: LocalAWS, lake: Region, products: SampleFile, said: Said
) -> None:
    """Silver cannot tell gold: its queue is gone."""
    sqs = lake.client("sqs")
    url = sqs.get_queue_url(QueueName=names.queue(Stage.GOLD))["QueueUrl"]
    policy = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["RedrivePolicy"])["Attributes"]
    switch(lake, Stage.GOLD, on=False)
    drop(lake, products, 1)
    switch(lake, Stage.SILVER, on=False)
    aws.pump()
    sqs.delete_queue(QueueUrl=url)
    switch(lake, Stage.SILVER, on=True)
    assert aws.pump().messages[SILVER] == 3
    assert causes(lake, Stage.SILVER) == [("products", "AWS.SimpleQueueService.NonExistentQueue")]
    assert any(
        "The queue of gold did not answer" in line for line in said("redrive", PLACE, "--stage", "silver", "--dry-run")
    )

    sqs.create_queue(QueueName=names.queue(Stage.GOLD), Attributes=policy)
    assert "silver products AWS.SimpleQueueService.NonExistentQueue 1" in said("redrive", PLACE, "--stage", "silver")
    switch(lake, Stage.GOLD, on=True)
    assert aws.pump().clean
    assert "Nothing was given up." in said("redrive", PLACE)
    said("status", PLACE)


def test_a_killed_function_leaves_a_message_without_a_cause(aws: LocalAWS, lake: Region, said: Said) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("handler.py", "def handler(event, context): raise SystemExit('out of memory')")
    lake.client("lambda").update_function_code(FunctionName=names.function(Stage.GOLD), ZipFile=packed.getvalue())
    lake.send_refresh('{"tables": [], "reason": "manual"}')
    assert len(aws.pump().errors) == 3
    told = said("redrive", PLACE, "--dry-run")
    assert "gold refresh: manual killed 1" in told
    assert f"killed: {SEE_LOG}" in told


@pytest.mark.parametrize("deliveries", [Deliveries(duplicate=1.0)])
def test_a_function_that_dies_between_giving_up_and_being_done_does_no_harm(
    aws: LocalAWS, lake: Region, products: SampleFile, said: Said
) -> None:
    """What was handled is delivered once more, as after a crash: poison is given up twice, files land twice."""
    drop(lake, products, 1)
    send(lake, Stage.BRONZE, "poison")
    aws.pump()
    assert causes(lake, Stage.BRONZE) == [("not one of ours", "Terminal")] * 2
    said("redrive", PLACE)
    drop(lake, products, 2)
    aws.pump()
    assert lake.athena.rows(COUNT)[1] == [[str(products.expected.new_keys)]]
    assert {cause for _, cause in causes(lake, Stage.BRONZE)} == {"Terminal"}


def test_a_redrive_drains_all_and_chooses_by_dataset_and_cause(
    aws: LocalAWS, lake: Region, products: SampleFile, said: Said
) -> None:
    """A file for each line, whose bucket is gone, with poison among them."""
    s3 = lake.client("s3")
    bronze = names.bucket(Layer.BRONZE, aws.account, PLACE)
    s3.delete_bucket(Bucket=bronze)
    drop(lake, products, len(products.path.read_bytes().splitlines()) - 1)
    for number in range(5):
        send(lake, Stage.BRONZE, f"poison {number}")
    dead = len(aws.pump().dead_letters)
    assert dead > 25
    s3.create_bucket(Bucket=bronze, CreateBucketConfiguration={"LocationConstraint": PLACE})
    assert "Nothing like that was given up." in said("redrive", PLACE, "--dataset", "stores")
    assert "Nothing like that was given up." in said("redrive", PLACE, "--cause", "AccessDenied")
    told = said("redrive", PLACE, "--dataset", "products", "--cause", "NoSuchBucket")
    assert [line for line in told if line.startswith("bronze")] == [f"bronze products NoSuchBucket {dead - 5}"]
    report = aws.pump()
    assert (report.messages[BRONZE], report.dead_letters) == (dead - 5, [])
    assert lake.athena.rows(COUNT)[1] == [[str(products.expected.new_keys)]]
    assert "bronze not one of ours Terminal 5" in said("redrive", PLACE)
    assert len(aws.pump().dead_letters) == 5
