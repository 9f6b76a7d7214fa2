"""Silver on tables that Athena has written: rows deleted by position stay deleted, whatever silver does to files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import boto3
import pyarrow as pa
import pytest
from moto import mock_aws
from pyiceberg.catalog.glue import GlueCatalog
from watershed.errors import ConfigurationError, LedgerImbalance
from watershed.silver import data_files, engine, file_io, replacing, snapshot
from watershed.silver.decision import Decision

from tests import delete_files
from tests.unit.silver_lab import NOON, File, Region, region
from tests.unit.test_silver_merge import order

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pyiceberg.table import FileScanTask, Table


@pytest.fixture
def lake() -> Iterator[Region]:
    with region() as made:
        yield made


@pytest.fixture
def trinos() -> Iterator[Table]:
    """The table that a real Trino has deleted from."""
    with mock_aws():
        session = boto3.Session("local", "local", region_name="eu-central-1")
        s3, glue = session.client("s3"), session.client("glue")
        s3.create_bucket(Bucket=delete_files.BUCKET, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
        glue.create_database(DatabaseInput={"Name": delete_files.DATABASE})
        delete_files.restore(s3, glue)
        files = {"py-io-impl": file_io.IMPLEMENTATION, file_io.CLIENT: s3}
        yield GlueCatalog("test", client=glue, **files).load_table((delete_files.DATABASE, delete_files.NAME))


def orders(*rows: dict[str, Any], version: str = "v1") -> File:
    return File("orders", rows, key="orders/a.csv", version=version, arrived=NOON)


def standing(lake: Region) -> list[tuple[int, str]]:
    return [(row["order_id"], str(row["amount"])) for row in lake.rows("orders")]


def task_of(lake: Region) -> FileScanTask:
    (task,) = data_files.planned(lake.iceberg("orders"))
    return task


def place_of(lake: Region, order_id: int) -> int:
    """The row's place in the table's only file."""
    ids = data_files.read(lake.iceberg("orders"), [task_of(lake)], ["order_id"])[0]["order_id"].to_pylist()
    return int(ids.index(order_id))


def rows_of(table: Table) -> list[tuple[Any, ...]]:
    found = pa.concat_tables(data_files.read(table, data_files.planned(table)), promote_options="permissive")
    return sorted(tuple(row.values()) for row in found.to_pylist())


def keys(*ids: int) -> pa.Table:
    return pa.table({"id": pa.array(ids, pa.int64())})


def test_reading_leaves_out_what_trino_deleted(trinos: Table) -> None:
    assert sum(len(task.delete_files) for task in data_files.planned(trinos)) == 3
    assert rows_of(trinos) == delete_files.TRINOS_ROWS


def test_deleted_keys_are_held_nowhere(trinos: Table) -> None:
    with engine.connect() as connection:
        assert data_files.holding(connection, trinos, keys(2, 5)) == []
        (held,) = data_files.holding(connection, trinos, keys(1, 2))
        assert data_files.standing(connection, trinos, [held], keys(1, 2))["id"].to_pylist() == [1]


def test_rewriting_a_file_leaves_out_what_trino_deleted(trinos: Table) -> None:
    row = pa.table({"id": [1], "kind": ["a"], "name": ["ONE"]})
    with engine.connect() as connection:
        decision = Decision(verdicts={}, sums={}, rows=row, superseded=keys(1), going=1)
        replacing.replace(connection, trinos, data_files.planned(trinos), decision, {})
    assert rows_of(trinos) == [(1, "a", "ONE"), *delete_files.TRINOS_ROWS[1:]]
    assert [len(task.delete_files) for task in data_files.planned(trinos) if task.file.partition[0] == "a"] == [0, 0]


def test_files_that_do_not_hold_what_was_decided_are_not_committed(trinos: Table) -> None:
    """As if one key stood in two rows."""
    row = pa.table({"id": [1], "kind": ["a"], "name": ["ONE"]})
    decision = Decision(verdicts={}, sums={}, rows=row, superseded=keys(1), going=2)
    with engine.connect() as connection, pytest.raises(LedgerImbalance, match="Nothing was committed"):
        replacing.replace(connection, trinos, data_files.planned(trinos), decision, {})
    assert rows_of(trinos) == delete_files.TRINOS_ROWS


def test_crowded_partitions_become_one_file_without_deleted_rows(
    trinos: Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(replacing, "_FEW_SMALL_FILES", 1)
    row = pa.table({"id": [8], "kind": ["a"], "name": ["eight"]})
    with engine.connect() as connection:
        replacing.replace(
            connection, trinos, [], Decision(verdicts={}, sums={}, rows=row, superseded=keys(), going=0), {}
        )
    assert rows_of(trinos) == [*delete_files.TRINOS_ROWS, (8, "a", "eight")]
    (file,) = (task.file for task in data_files.planned(trinos) if task.file.partition[0] == "a")
    assert file.record_count == 4


def test_merging_manifests_brings_nothing_back(trinos: Table, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(snapshot, "_MANY_MANIFESTS", 1)
    row = pa.table({"id": [9], "kind": ["d"], "name": ["nine"]})
    with engine.connect() as connection:
        replacing.replace(
            connection, trinos, [], Decision(verdicts={}, sums={}, rows=row, superseded=keys(), going=0), {}
        )
    assert rows_of(trinos) == [*delete_files.TRINOS_ROWS, (9, "d", "nine")]


def test_a_row_that_athena_deleted_is_inserted_when_it_comes_again(lake: Region) -> None:
    lake.take(orders(order(1), order(2), order(3)))
    delete_files.delete_positions(lake.iceberg("orders"), task_of(lake), [place_of(lake, 2)])
    assert standing(lake) == [(1, "1.00"), (3, "1.00")]
    lake.take(orders(order(2, amount="2.00"), version="v2"))
    assert standing(lake) == [(1, "1.00"), (2, "2.00"), (3, "1.00")]


def test_a_row_that_athena_deleted_stays_away_when_its_file_is_rewritten(lake: Region) -> None:
    lake.take(orders(order(1), order(2), order(3)))
    delete_files.delete_positions(lake.iceberg("orders"), task_of(lake), [place_of(lake, 2)])
    later = "2024-02-01 10:00:00"
    lake.take(orders(order(1, amount="9.00", updated_at=later), version="v2"))
    assert standing(lake) == [(1, "9.00"), (3, "1.00")]


def test_deletes_by_value_are_refused_with_a_remedy(lake: Region) -> None:
    lake.take(orders(order(1), order(2)))
    delete_files.delete_values(lake.iceberg("orders"), task_of(lake), "order_id", [2])
    with pytest.raises(ConfigurationError, match=r"Run OPTIMIZE silver\.orders REWRITE DATA USING BIN_PACK"):
        lake.take(orders(order(3), version="v2"))
