"""Looking for a person: in raw by the files, in bronze and quarantine by what they have of files that are gone."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from moto import mock_aws
from watershed.bronze.event import Arrival
from watershed.bronze.land import Surroundings, land
from watershed.contracts.model import SchemaChange, Source
from watershed.erase.find import Found, Search
from watershed.erase.store import Store
from watershed.erase.subject import Subject
from watershed.errors import ConfigurationError
from watershed.names import Layer

from tests.unit.bronze_lake import SETTINGS, contract
from tests.unit.silver_lab import shared_engine

if TYPE_CHECKING:
    from collections.abc import Iterator

    from watershed.contracts.model import Contract

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


def search(store: Store, *others: Contract) -> Found:
    contracts = {each.name: each for each in (ORDERS, *others)}
    holders = [each for each in contracts.values() if each.subject == "id"]
    return Search(store, contracts, shared_engine(), lambda _: None).run(holders, Subject("id", "17"))


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


@pytest.fixture
def moved(store: Store) -> Contract:
    """A dataset that takes a file now which another one took before, and reads it otherwise."""
    body = b"id;name;note\n17;x;y\n18;y;z\n"
    semicolons = (Source("default", delimiter=";"),)
    takers = {"orders": replace(ORDERS, files=("list.csv",), sources=semicolons)}
    around = Surroundings(SETTINGS, takers, store.s3, lambda _: None)
    land(Arrival(RAW, "list.csv", store.s3.put(RAW, "list.csv", body), len(body)), around)
    return replace(contract("lists"), files=("list.csv",), sources=semicolons)


def test_a_file_that_moved_to_a_dataset_about_nobody_is_refused(store: Store, moved: Contract) -> None:
    """Bronze holds the person by what the file was; by what it is, raw would keep the row."""
    other = replace(moved.sources[0], columns={"id": ("name",), "name": ("id",)})
    for taker in (moved, replace(moved, subject="id", sources=(other,))):
        with pytest.raises(ConfigurationError, match=r"list\.csv .* orders took .* a file of lists,"):
            search(store, taker)


def test_a_file_that_cannot_be_read_any_more_is_refused_if_bronze_holds_the_person(store: Store) -> None:
    """It was listed as not searched, and its rows in bronze were neither: a rebuild would have brought them back."""
    around = Surroundings(SETTINGS, {"orders": ORDERS}, store.s3, lambda _: None)
    body = b"id,name,more\n17,x,y\n"
    land(Arrival(RAW, "orders/more.csv", store.s3.put(RAW, "orders/more.csv", body), len(body)), around)
    frozen = replace(ORDERS, schema_change=SchemaChange.FREEZE)
    with pytest.raises(ConfigurationError, match=r"orders/more\.csv .* a file that cannot be read,"):
        search(store, frozen)


def test_a_file_that_moved_is_looked_into_as_each_dataset_reads_it(store: Store, moved: Contract) -> None:
    renamed = replace(moved.sources[0], columns={"id": ("id", "number")})
    found = [
        each
        for each in search(store, replace(moved, subject="id", sources=(renamed,))).objects
        if each.key == "list.csv"
    ]
    assert [(each.dataset, each.rows, each.place is None) for each in found] == [
        ("lists", [1], False),
        ("orders", [1], True),
    ]
