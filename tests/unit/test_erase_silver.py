"""Erasing from silver's tables: no file that is left, data or metadata, says anything about the person."""

from __future__ import annotations

import struct
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from watershed.erase.silver import Tables
from watershed.erase.store import Store
from watershed.erase.subject import Subject
from watershed.errors import ConfigurationError
from watershed.names import Layer
from watershed.silver import data_files, snapshot

from tests import delete_files
from tests.local.every_byte import unpacked
from tests.unit.silver_lab import NOON, ORDERS, SETTINGS, STORES, File, Region, region, shared_engine
from tests.unit.test_silver_merge import order

if TYPE_CHECKING:
    from collections.abc import Iterator

    from watershed.contracts.model import Contract

pytestmark = pytest.mark.slow  # `make drills`

PERSON = 990_017
BUYERS, OWNERS = replace(ORDERS, subject="order_id"), replace(STORES, subject="store_id")
LATER = datetime.now(UTC) + timedelta(days=1)


@pytest.fixture
def lake() -> Iterator[Region]:
    with region(BUYERS, OWNERS) as made:
        yield made


def tables(lake: Region) -> Tables:
    return Tables(lake.silver.lakehouse, Store(SETTINGS, lake.s3), shared_engine())


def erased(lake: Region, contract: Contract, value: str) -> Tables:
    made, subject = tables(lake), Subject(str(contract.subject), value)
    made.erase(contract, subject)
    for table in contract.tables:
        made.forget(table)
        made.clear(table, LATER)
    return made


def traces(lake: Region, *forms: bytes) -> list[str]:
    bucket = SETTINGS.bucket(Layer.SILVER)
    keys = [found["Key"] for found in lake.s3.list_objects_v2(Bucket=bucket)["Contents"]]
    return [key for key in keys if any(form in unpacked(lake.s3.get_object(Bucket=bucket, Key=key)["Body"].read())
                                       for form in forms)]  # fmt: skip


def orders(lake: Region) -> list[int]:
    return [row["order_id"] for row in lake.rows("orders")]


NUMBER = (str(PERSON).encode(), struct.pack("<q", PERSON))


@pytest.mark.parametrize("many_manifests", [1, 24])  # from one more on, a commit merges them
def test_a_row_goes_with_its_history(lake: Region, many_manifests: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(snapshot, "_MANY_MANIFESTS", many_manifests)
    lake.take(File("orders", [order(1), order(PERSON), order(2)]))
    for number in range(4):
        day = NOON + timedelta(days=number)
        version = f"2024-02-01 00:00:{number:02d}"
        rows = [order(number + 10), order(PERSON, updated_at=version)]
        lake.take(File("orders", rows, version=f"w{number}", arrived=day))
    assert traces(lake, *NUMBER)
    made = erased(lake, BUYERS, str(PERSON))
    assert traces(lake, *NUMBER) == []
    assert orders(lake) == sorted([1, 2, *range(10, 14)], key=str)
    assert made.snapshots(BUYERS) == {"orders": 1}
    lake.take(File("orders", [order(3)], version="after", arrived=NOON))
    assert 3 in orders(lake)


def test_a_row_that_athena_deleted_before_goes_too(lake: Region) -> None:
    lake.take(File("orders", [order(1), order(PERSON), order(2)]))
    (task,) = data_files.planned(lake.iceberg("orders"))
    ids = data_files.read(lake.iceberg("orders"), [task], ["order_id"])[0]["order_id"].to_pylist()
    delete_files.delete_positions(lake.iceberg("orders"), task, [ids.index(PERSON)])
    assert orders(lake) == [1, 2]
    assert traces(lake, *NUMBER)
    made = tables(lake)
    assert made.rows(BUYERS, Subject("order_id", str(PERSON))) == {"orders": 0}
    erased(lake, BUYERS, str(PERSON))
    assert traces(lake, *NUMBER) == []
    assert orders(lake) == [1, 2]
    assert [task.delete_files for task in data_files.planned(lake.iceberg("orders"))] == [set()]


def test_elements_go_with_their_owner_and_nobody_elses(lake: Region) -> None:
    plans = '[{"price": "1"}, {"price": "2", "planName": "Wunschplan"}]'
    lake.take(File("stores", [{"store_id": "Q-17", "plans": plans}, {"store_id": "b", "plans": '[{"price": "3"}]'}]))
    assert tables(lake).rows(OWNERS, Subject("store_id", "Q-17")) == {"stores": 1, "store_plans": 2}
    erased(lake, OWNERS, "Q-17")
    assert traces(lake, b"Q-17", b"Wunschplan") == []
    assert [row["store_id"] for row in (*lake.rows("stores"), *lake.rows("store_plans"))] == ["b", "b"]


def test_files_of_old_tables_and_of_nobody_go_unless_they_are_young(lake: Region) -> None:
    lake.take(File("orders", [order(1)]))
    bucket = SETTINGS.bucket(Layer.SILVER)
    old = ("orders/data/x.parquet", "orders__20260101t000000000000_00000000/data/y.parquet")
    others = ("orders_too/data/z.parquet", "orders__other/data/z.parquet", "stores/data/z.parquet")
    for key in (*old, *others):
        lake.s3.put_object(Bucket=bucket, Key=key, Body=b"Quittenbaum")
    made = tables(lake)
    made.clear(BUYERS.table, datetime.now(UTC) - timedelta(days=1))
    assert sorted(traces(lake, b"Quittenbaum")) == sorted((*old, *others))
    made.clear(BUYERS.table, LATER)
    assert sorted(traces(lake, b"Quittenbaum")) == sorted(others)
    assert orders(lake) == [1]


def test_what_hides_rows_is_refused(lake: Region) -> None:
    lake.take(File("orders", [order(1)]))
    made = tables(lake)
    made.require_ready(BUYERS, ["orders", "stores"])
    with pytest.raises(ConfigurationError, match=r"A rebuild of silver\.orders did not end"):
        made.require_ready(BUYERS, ["orders", "orders__20260101t000000000000_00000000"])
    table = lake.iceberg("orders")
    table.manage_snapshots().create_tag(table.metadata.current_snapshot_id, "audit").commit()
    with pytest.raises(ConfigurationError, match="kept by name: audit"):
        made.require_ready(BUYERS, ["orders"])


def test_tables_that_were_never_made_hold_nobody(lake: Region) -> None:
    assert tables(lake).rows(OWNERS, Subject("store_id", "a")) == {"stores": 0, "store_plans": 0}
    erased(lake, OWNERS, "a")
    lake.silver.lakehouse.ensure([OWNERS])
    erased(lake, OWNERS, "a")
    assert lake.rows("stores") == []
