"""The function on (moto's) S3 and SQS, by way of real clients: partial failures, versions, and what it imports."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import boto3
import pyarrow as pa
import pytest
from botocore.exceptions import ConnectionClosedError, IncompleteReadError
from moto import mock_aws
from pyarrow import parquet
from watershed.bronze.announce import SilverQueue
from watershed.errors import Terminal, Transient
from watershed.messages import BronzePart
from watershed.names import Layer
from watershed.s3 import S3

from local.paths import ROOT
from tests.unit.bronze_lake import ACCOUNT, REGION, SETTINGS, FakeS3, contract, notification, refusal
from tests.unit.dead_letter_queue import record

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType

HANDLER = ROOT / "functions" / "bronze" / "handler.py"
RAW, BRONZE = SETTINGS.bucket(Layer.RAW), SETTINGS.bucket(Layer.BRONZE)
CSV = b"id,name\n1,a\n2\n"


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """An empty region: buckets, silver's queue and bronze's dead letters."""
    for name, value in {
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_DEFAULT_REGION": REGION,
        "AWS_REGION": REGION,
        "WATERSHED_ACCOUNT": ACCOUNT,
        "WATERSHED_JURISDICTION": "DE",
        "WATERSHED_ATTEMPTS": "3",
    }.items():
        monkeypatch.setenv(name, value)
    with mock_aws():
        s3 = boto3.client("s3")
        for layer in Layer:
            s3.create_bucket(Bucket=SETTINGS.bucket(layer), CreateBucketConfiguration={"LocationConstraint": REGION})
        s3.put_bucket_versioning(Bucket=RAW, VersioningConfiguration={"Status": "Enabled"})
        url = boto3.client("sqs").create_queue(QueueName="silver.fifo", Attributes={"FifoQueue": "true"})["QueueUrl"]
        monkeypatch.setenv("WATERSHED_SILVER_QUEUE_URL", url)
        dead = boto3.client("sqs").create_queue(QueueName="bronze-dlq")["QueueUrl"]
        monkeypatch.setenv("WATERSHED_BRONZE_DEAD_LETTER_URL", dead)
        yield


@pytest.fixture
def function(aws: None, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The handler's module, fresh, with a lake of one dataset."""
    spec = importlib.util.spec_from_file_location("bronze_handler", HANDLER)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)

    class Lake:
        contracts = {"orders": contract()}  # noqa: RUF012  never changed

    monkeypatch.setattr(module.catalog, "load", Lake)
    return module


def put(key: str, body: bytes) -> str:
    """Put an object; its version."""
    version: str = boto3.client("s3").put_object(Bucket=RAW, Key=key, Body=body)["VersionId"]
    return version


def event(*bodies: str, attempt: int = 1) -> dict[str, Any]:
    return {"Records": [record(f"m{number}", body, attempt=attempt) for number, body in enumerate(bodies, start=1)]}


def failures(answer: dict[str, Any]) -> list[str]:
    return [each["itemIdentifier"] for each in answer["batchItemFailures"]]


def bronze_names() -> dict[str, list[str]]:
    """The `name` column of every bronze object, by source version."""
    s3 = boto3.client("s3")
    found = {}
    for each in s3.list_objects_v2(Bucket=BRONZE).get("Contents", []):
        body = s3.get_object(Bucket=BRONZE, Key=each["Key"])["Body"].read()
        table = parquet.read_table(pa.BufferReader(body))
        found[table["_source_version"][0].as_py()] = table["name"].to_pylist()
    return found


def told() -> list[BronzePart]:
    sqs = boto3.client("sqs")
    url = sqs.get_queue_url(QueueName="silver.fifo")["QueueUrl"]
    messages = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
    return [BronzePart.from_json(message["Body"]) for message in messages]


def given_up() -> dict[str, str]:
    """The cause of each message that was given up, by its id."""
    sqs = boto3.client("sqs")
    url = sqs.get_queue_url(QueueName="bronze-dlq")["QueueUrl"]
    answer = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, MessageAttributeNames=["All"])
    told = [message["MessageAttributes"] for message in answer.get("Messages", [])]
    return {each["message_id"]["StringValue"]: each["cause"]["StringValue"] for each in told}


def logged(caplog: pytest.LogCaptureFixture) -> str:
    """Everything logged, fields and traces included."""
    return " ".join(str(vars(record)) + str(record.exc_text) for record in caplog.records)


def test_files_land_and_silver_is_told(function: ModuleType) -> None:
    key = "orders/größe + 100%.csv"
    version = put(key, CSV)
    assert failures(function.handler(event(notification(key, version=version)), None)) == []
    assert bronze_names() == {version: ["a"]}
    (part,) = told()
    assert (part.source_key, part.source_version, part.rows) == (key, version, 1)
    listed = boto3.client("s3").list_objects_v2(Bucket=SETTINGS.bucket(Layer.QUARANTINE))["Contents"]
    assert len(listed) == 1


def test_one_bad_message_is_given_up_alone_and_at_once(function: ModuleType) -> None:
    good = put("orders/good.csv", CSV)
    refused = put("orders/refused.txt", CSV)
    bodies = [
        "not a notification",
        notification("orders/good.csv", version=good),
        notification("orders/never-was.csv", version=None),
        notification("orders/refused.txt", version=refused),
        notification("orders/good.csv", version=good, bucket="somebody-elses"),
        json.dumps({"Event": "s3:TestEvent"}),
        notification("orders/", size=0, version=None),
    ]
    assert failures(function.handler(event(*bodies), None)) == []
    assert given_up() == {"m1": "Terminal", "m3": "NoSuchKey", "m5": "Terminal"}
    assert bronze_names() == {good: ["a"]}


def test_an_unforeseen_error_fails_its_message_and_logs_no_value(
    function: ModuleType, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def explode(arrival: Any, surroundings: Any) -> None:
        if arrival.key == "orders/poison.csv":
            raise RuntimeError("Erika Mustermann")  # as libraries quote what they choke on

    monkeypatch.setattr(function, "land", explode)
    bodies = [notification("orders/poison.csv"), notification("orders/poison.csv")]
    assert failures(function.handler(event(*bodies), None)) == ["m1", "m2"]
    assert given_up() == {}
    assert failures(function.handler(event(*bodies, attempt=3), None)) == []
    assert given_up() == {"m1": "RuntimeError", "m2": "RuntimeError"}
    assert "RuntimeError" in logged(caplog)
    assert "test_bronze_handler.py" in logged(caplog)
    assert "Mustermann" not in logged(caplog)


def test_no_log_holds_a_value_of_a_row(function: ModuleType, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO", "watershed")
    files = {
        "orders/a.csv": b"id,name\n1,Mustermann\nMustermann\n2,\xffMustermann\n",
        "orders/b.csv": b"name\nMustermann\n",
        "orders/c.json": b'[{"id":"Mustermann"},{"id":Mustermann}',
        "orders/d.jsonl": b'{"id":"Mustermann"\n',
        "orders/e.csv.gz": b"Mustermann",
        "orders/f.parquet": b"Mustermann",
        "orders/g.csv": b"1,Mustermann,Mustermann\n2,Doe,Jane\n",  # without a header
    }
    bodies = [notification(key, version=put(key, body)) for key, body in files.items()]
    assert failures(function.handler(event(*bodies), None)) == []
    assert "missing_column" in logged(caplog)
    assert "duplicate_column" in logged(caplog)
    assert "mustermann" not in logged(caplog).lower()


def test_an_overwritten_object_lands_in_each_announced_version(function: ModuleType) -> None:
    old, new = put("orders/f.csv", b"id,name\n1,old\n"), put("orders/f.csv", b"id,name\n1,new\n")
    bodies = [notification("orders/f.csv", version=version) for version in (new, old, old)]
    assert failures(function.handler(event(*bodies), None)) == []
    assert bronze_names() == {old: ["old"], new: ["new"]}


def test_without_a_version_in_the_message_the_latest_is_read_and_named(function: ModuleType) -> None:
    put("orders/f.csv", b"id,name\n1,old\n")
    new = put("orders/f.csv", b"id,name\n1,new\n")
    assert failures(function.handler(event(notification("orders/f.csv", version=None)), None)) == []
    assert bronze_names() == {new: ["new"]}


def test_a_deleted_version_goes_to_the_dead_letters_with_a_clear_error(
    function: ModuleType, caplog: pytest.LogCaptureFixture
) -> None:
    version = put("orders/f.csv", CSV)
    boto3.client("s3").delete_object(Bucket=RAW, Key="orders/f.csv", VersionId=version)
    assert failures(function.handler(event(notification("orders/f.csv", version=version)), None)) == []
    assert given_up() == {"m1": "NoSuchVersion"}
    assert "no longer exists" in logged(caplog)


@pytest.mark.usefixtures("aws")
def test_s3_gives_streams_and_metadata_and_takes_back() -> None:
    client = boto3.client("s3")
    s3 = S3(client)
    s3.put(RAW, "k", b"first")
    s3.put(RAW, "k", b"second")
    first, second = [v["VersionId"] for v in client.list_object_versions(Bucket=RAW, Prefix="k")["Versions"]][::-1]
    with s3.open(RAW, "k") as stream:
        assert (stream.version.version, stream.version.size) == (second, 6)
        assert stream.version.last_modified.tzname() == "UTC"
        assert (stream.read(3), stream.read(), stream.read()) == (b"sec", b"ond", b"")
    with s3.open(RAW, "k", first) as stream:
        assert stream.readall() == b"first"
    assert stream.closed
    s3.put(BRONZE, "plain", b"x")
    with s3.open(BRONZE, "plain") as stream:
        assert stream.version.version == "null"
    s3.delete(BRONZE, ["plain", "never-was"])
    s3.delete(BRONZE, [])
    with pytest.raises(Terminal, match="no longer exists"):
        s3.open(BRONZE, "plain")
    client.delete_object(Bucket=RAW, Key="k")
    marker = client.list_object_versions(Bucket=RAW, Prefix="k")["DeleteMarkers"][0]["VersionId"]
    with pytest.raises(Terminal, match="no longer exists"):
        s3.open(RAW, "k", marker)


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (refusal("NoSuchKey", 404), Terminal),
        (refusal("NoSuchVersion", 404), Terminal),
        (refusal("MethodNotAllowed", 405), Terminal),
        (refusal("AccessDenied", 403), Terminal),
        (refusal("InvalidArgument", 400), Terminal),
        (refusal("SlowDown", 503), Transient),
        (refusal("InternalError", 500), Transient),
        (refusal("RequestTimeout", 400), Transient),
        (ConnectionClosedError(endpoint_url="https://s3"), Transient),
    ],
)
def test_whether_to_try_again_follows_from_what_s3_says(
    error: Exception, expected: type[Exception], monkeypatch: pytest.MonkeyPatch
) -> None:
    fake = FakeS3()

    def fail(**_: Any) -> dict[str, Any]:
        raise error

    for operation in ("get_object", "put_object", "delete_objects"):
        monkeypatch.setattr(fake, operation, fail)
    s3 = S3(fake)
    for call in (lambda: s3.open("b", "k"), lambda: s3.put("b", "k", b""), lambda: s3.delete("b", ["k"])):
        with pytest.raises(expected, match="s3://b/k"):
            call()


def test_a_connection_that_breaks_while_reading_is_transient(monkeypatch: pytest.MonkeyPatch) -> None:
    fake = FakeS3({("b", "k"): {"v1": b"data"}})
    stream = S3(fake).open("b", "k")

    def fail(_: int) -> bytes:
        raise IncompleteReadError(actual_bytes=1, expected_bytes=4)

    monkeypatch.setattr(stream, "_body", type("Body", (), {"read": staticmethod(fail), "close": lambda _: None})())
    with pytest.raises(Transient, match="broke"):
        stream.read()
    stream.close()


def test_an_object_that_cannot_be_deleted_is_not_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    fake = FakeS3()
    monkeypatch.setattr(fake, "delete_objects", lambda **_: {"Errors": [{"Key": "k", "Code": "InternalError"}]})
    with pytest.raises(Transient, match="s3://b/k could not be deleted"):
        S3(fake).delete("b", ["k"])


PART = BronzePart("orders", "default", "b" * 32, 0, "k", 1, "s", "v1", "2024-01-01T00:00:00+00:00")


@pytest.mark.parametrize("answer", [{"Failed": [{"Id": "0", "Code": "InternalError"}]}, refusal("Throttling", 400)])
def test_a_queue_that_does_not_take_every_message_is_transient(answer: Any) -> None:
    class Queue:
        def send_message_batch(self, **_: Any) -> dict[str, Any]:
            if isinstance(answer, Exception):
                raise answer
            return dict(answer)

    with pytest.raises(Transient, match="Silver's queue"):
        SilverQueue(Queue(), "url").announce([PART])


@pytest.mark.usefixtures("aws")
def test_a_repeated_message_is_known_to_the_queue() -> None:
    sqs = boto3.client("sqs")
    queue = SilverQueue(sqs, sqs.get_queue_url(QueueName="silver.fifo")["QueueUrl"])
    queue.announce([PART])
    queue.announce([PART])
    assert told() == [PART]


@pytest.mark.usefixtures("aws")
def test_parts_of_several_objects_are_sent_together() -> None:
    sqs = boto3.client("sqs")
    both = [PART, replace(PART, batch_id="c" * 32)]
    SilverQueue(sqs, sqs.get_queue_url(QueueName="silver.fifo")["QueueUrl"]).announce(both)
    assert told() == both


# What bronze's layers do not hold, or what would cost it its start-up.
ABSENT = ["pandas", "numpy", "awswrangler", "pyiceberg", "duckdb", "sqlglot", "yaml", "pydantic"]
LAND_WITHOUT = f"""
import io, runpy, sys
sys.modules.update(dict.fromkeys({ABSENT}))  # importing one of them now fails
runpy.run_path({str(HANDLER)!r})
loaded = set(sys.modules)
import pyarrow as pa
from pyarrow import parquet
from tests.unit.bronze_lake import BronzeLake
lake, sink = BronzeLake(), io.BytesIO()
parquet.write_table(pa.table({{"id": [1], "name": [["nested"]]}}), sink)
files = [
    ("a.csv", b"id,name\\n1,a\\n2\\n"),
    ("b.jsonl", b'{{"id":1}}\\n2'),
    ("c.json", b'[{{"id":1}}]'),
    ("d.parquet", sink.getvalue()),
]
landed = [lake.drop("orders/" + name, body) for name, body in files]
print([each.rows_out for each in landed], "pyarrow.csv" in loaded, "moto" in loaded)
"""


def test_bronze_lives_without_what_its_layers_do_not_hold() -> None:
    path = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT / "layers/watershed/python"), str(ROOT)])}
    code = [sys.executable, "-c", LAND_WITHOUT]
    done = subprocess.run(code, capture_output=True, text=True, check=False, env=path)  # noqa: S603  our own code
    assert (done.stderr, done.stdout) == ("", "[1, 1, 1, 1] True False\n")
