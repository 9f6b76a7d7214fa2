"""Looking for a person: in raw by the files, in bronze and quarantine by what they have of files that are gone."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from moto import mock_aws
from watershed.bronze.event import Arrival
from watershed.bronze.land import Surroundings, land
from watershed.erase.find import Found, Search
from watershed.erase.store import Store
from watershed.erase.subject import Subject
from watershed.names import Layer

from tests.unit.bronze_lake import SETTINGS, contract
from tests.unit.silver_lab import shared_engine

if TYPE_CHECKING:
    from collections.abc import Iterator

RAW = SETTINGS.bucket(Layer.RAW)
ORDERS = replace(contract(), subject="id")
FILES = {
    "orders/a.csv": b"id,name\n17,x\n18,y\n 17.0 ,z\n17,too,many,fields\n",
    "orders/bad.csv": b"id,name\n17,too,many,fields\n",
    "orders/b.jsonl": b'{"id": 17, "name": "x"}\n{"id": 170, "name": "17"}\n{"id": 17, \n',
    "orders/other.csv": b"id,name\n18,y\n",
    "orders/refused.csv": b"name\n17\n",
    "nobodys/list.csv": b"id\n17\n",
}


@pytest.fixture
def store() -> Iterator[Store]:
    with mock_aws():
        s3: Any = boto3.Session("test", "test", region_name=SETTINGS.region).client("s3")
        for layer in Layer:
            place = {"LocationConstraint": SETTINGS.region}
            s3.create_bucket(Bucket=SETTINGS.bucket(layer), CreateBucketConfiguration=place)
        s3.put_bucket_versioning(Bucket=RAW, VersioningConfiguration={"Status": "Enabled"})
        made = Store(SETTINGS, s3)
        around = Surroundings(SETTINGS, {"orders": ORDERS}, made.s3, lambda _: None)
        for key, body in FILES.items():
            land(Arrival(RAW, key, made.s3.put(RAW, key, body), len(body)), around)
        yield made


def search(store: Store) -> Found:
    return Search(store, {"orders": ORDERS}, shared_engine(), lambda _: None).run([ORDERS], Subject("id", "17"))


def by_key(found: Found) -> dict[str, tuple[list[int], dict[int, list[int]]]]:
    return {each.key: (each.rows, each.good) for each in found.objects}


EXPECTED = {
    "orders/a.csv": ([1, 3, 4], {0: [1, 3]}),
    "orders/b.jsonl": ([1, 3], {0: [1]}),
    "orders/bad.csv": ([1], {}),
}


def test_rows_are_found_in_every_file(store: Store) -> None:
    found = search(store)
    assert by_key(found) == EXPECTED
    assert [each.partition(" ")[0] for each in found.not_searched] == ["nobodys/list.csv", "orders/refused.csv"]
    assert (found.bronze, found.held) == (3, 3)
    assert all(each.place == (each.key, each.version) for each in found.objects)


def test_what_raw_has_let_go_is_found_in_bronze_and_quarantine(store: Store) -> None:
    for version in list(store.listing.versions(RAW)):
        store.s3.delete_version(RAW, version.key, version.version)
    found = search(store)
    assert by_key(found) == EXPECTED
    assert (found.bronze, found.held) == (3, 3)
    assert {each.place for each in found.objects} == {None}
