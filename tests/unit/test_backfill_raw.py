"""Which raw objects a backfill reads again, and the manifest that says so."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from moto import mock_aws
from watershed import names
from watershed.backfill.bronze import Window
from watershed.backfill.raw import RawBucket, RawObject, by_day, manifest
from watershed.bronze.event import Arrival, arrivals
from watershed.contracts.model import Column, Contract, Kind, Residency, Source, Table
from watershed.s3 import S3

if TYPE_CHECKING:
    from collections.abc import Iterator

REGION, RAW = "eu-central-1", "raw"
EVER = Window(date(2020, 1, 1), date(2999, 1, 1))


def contract(name: str, *sources: Source, files: tuple[str, ...] = ()) -> Contract:
    table = Table(name, (Column("id", Kind.INTEGER),), ("id",))
    return Contract(name, "1", "", (table,), sources or (Source("all"),), Residency(None), files=files)


CONTRACTS = {
    "orders": contract("orders", Source("csv", files=("*.csv",)), files=("order*.csv",)),
    "stores": contract("stores", files=("store*.csv",)),
}


@pytest.fixture
def s3(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    monkeypatch.setenv("AWS_CONFIG_FILE", "/dev/null")
    with mock_aws():
        client = boto3.client("s3", region_name=REGION)
        client.create_bucket(Bucket=RAW, CreateBucketConfiguration={"LocationConstraint": REGION})
        yield client


def versioned(s3: Any) -> None:
    s3.put_bucket_versioning(Bucket=RAW, VersioningConfiguration={"Status": "Enabled"})


def found(s3: Any, window: Window = EVER) -> list[RawObject]:
    return RawBucket(s3, RAW, REGION, CONTRACTS).objects("orders", window)


def test_only_the_datasets_own_files_are_read_again(s3: Any) -> None:
    versioned(s3)
    own = {"orders/a.csv", "orders/2026/ä b+c.csv", "orders.csv"}
    for key in (*own, "stores/a.csv", "stores.csv", "orders/a.txt", "orders/../a.csv", "orders/", "else/orders.csv"):
        s3.put_object(Bucket=RAW, Key=key, Body=b"id\n1\n")
    assert {each.key for each in found(s3)} == own
    assert {each.size for each in found(s3)} == {5}


def test_every_version_counts_and_pages_are_followed(s3: Any) -> None:
    versioned(s3)
    put = []
    for number in range(1100):  # a listing's page holds a thousand
        key = f"orders/{number % 100}.csv"
        put.append((key, s3.put_object(Bucket=RAW, Key=key, Body=b"x" * number)["VersionId"]))
    objects = found(s3)
    assert {(each.key, each.version) for each in objects} == set(put)
    assert [each.came for each in objects] == sorted(each.came for each in objects)


def test_what_was_deleted_stays_deleted_until_it_is_put_again(s3: Any) -> None:
    versioned(s3)
    for key in ("orders/gone.csv", "orders/back.csv"):
        s3.put_object(Bucket=RAW, Key=key, Body=b"1")
        s3.delete_object(Bucket=RAW, Key=key)
    again = s3.put_object(Bucket=RAW, Key="orders/back.csv", Body=b"2")["VersionId"]
    assert [(each.key, each.version) for each in found(s3)] == [("orders/back.csv", again)]


def test_an_unversioned_object_has_the_identity_that_bronze_gave_it(s3: Any) -> None:
    s3.put_object(Bucket=RAW, Key="orders/a.csv", Body=b"1")
    (one,) = found(s3)
    with S3(s3).open(RAW, "orders/a.csv") as stream:
        version = stream.version
    assert one.batch_id == names.batch_id(version.bucket, version.key, version.version)


def test_the_window_is_in_days_on_which_files_came(s3: Any) -> None:
    versioned(s3)
    s3.put_object(Bucket=RAW, Key="orders/a.csv", Body=b"1")
    (one,) = found(s3)
    came = one.came.date()
    day = timedelta(days=1)
    assert found(s3, Window(came, came)) == [one]
    assert found(s3, Window(came - day, came - day)) == []
    assert found(s3, Window(came + day, came + day)) == []


def test_the_manifest_is_what_bronze_takes() -> None:
    one = RawObject(datetime(2026, 3, 1, tzinfo=UTC), RAW, "orders/ä b+c.csv", "v1", 7)
    (item,) = json.loads(manifest([one], "r1"))
    assert item["id"] == one.batch_id
    assert arrivals(item["body"]) == [Arrival(RAW, "orders/ä b+c.csv", "v1", 7, replay="r1")]


def test_days_have_counts_and_sizes() -> None:
    first, second = datetime(2026, 3, 1, 23, 59, tzinfo=UTC), datetime(2026, 3, 2, tzinfo=UTC)
    objects = [RawObject(came, RAW, f"orders/{n}.csv", "v", n) for n, came in enumerate((second, first, second))]
    assert by_day(objects) == {first.date(): (1, 1), second.date(): (2, 2)}
