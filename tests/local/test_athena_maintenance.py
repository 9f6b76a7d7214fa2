from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest
from pyiceberg.partitioning import PartitionField, PartitionSpec
from pyiceberg.schema import Schema
from pyiceberg.table.snapshots import Operation
from pyiceberg.transforms import IdentityTransform
from pyiceberg.types import LongType, NestedField, StringType

from local import athena as local_athena
from local.athena import iceberg_compaction, iceberg_expiry
from tests.local.athena_lab import BUCKET, DATABASE, Lab, lab
from tests.trino.answer import Refused

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pyiceberg.manifest import DataFile
    from pyiceberg.table import Table

SCHEMA = Schema(NestedField(1, "id", LongType()), NestedField(2, "kind", StringType()))
BY_KIND = PartitionSpec(PartitionField(2, 1000, IdentityTransform(), "kind"))
OPTIMIZE = "OPTIMIZE db.t REWRITE DATA USING BIN_PACK"
ROWS = "SELECT id, kind FROM db.t ORDER BY id, kind"
DAYS = timedelta(days=1)


class Clock:
    """Athena's time, which tests move on; S3 and Iceberg keep the machine's."""

    def __init__(self) -> None:
        self.ahead = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead


@pytest.fixture(scope="module")
def running() -> Iterator[tuple[Lab, Clock]]:
    clock = Clock()
    local_athena.install(clock)
    with lab() as made:
        yield made, clock


@pytest.fixture
def clock(running: tuple[Lab, Clock]) -> Clock:
    running[1].ahead = timedelta()
    return running[1]


@pytest.fixture
def here(running: tuple[Lab, Clock], clock: Clock) -> Lab:
    """The database and the bucket, both empty."""
    where, _ = running
    for table in where.glue.get_tables(DatabaseName=DATABASE)["TableList"]:
        where.glue.delete_table(DatabaseName=DATABASE, Name=table["Name"])
    for key in where.objects():
        where.s3.delete_object(Bucket=BUCKET, Key=key)
    return where


def make(where: Lab, spec: PartitionSpec = BY_KIND, **properties: str) -> Table:
    return where.catalog.create_table((DATABASE, "t"), SCHEMA, f"s3://{BUCKET}/t", spec, properties=properties)


def append(where: Lab, *rows: tuple[int, str]) -> int:
    """One commit; gives the snapshot's id."""
    table = where.table("t")
    table.append(pa.table({"id": [row[0] for row in rows], "kind": [row[1] for row in rows]}))
    return int(table.metadata.current_snapshot_id or 0)


def files(where: Lab) -> list[DataFile]:
    return [task.file for task in where.table("t").scan().plan_files()]


def test_small_files_of_a_partition_become_one(here: Lab) -> None:
    make(here)
    for number in range(6):
        append(here, (number, "a"), (number, "b"))
    append(here, (9, "c"))
    rows, before = here.rows(ROWS), here.table("t")
    here.finished(here.start(OPTIMIZE))
    after = here.table("t")
    assert here.rows(ROWS) == rows
    assert sorted((file.partition[0], file.record_count) for file in files(here)) == [("a", 6), ("b", 6), ("c", 1)]
    assert len(after.metadata.snapshots) == len(before.metadata.snapshots) + 1
    assert after.current_snapshot().summary.operation is Operation.OVERWRITE  # type: ignore[union-attr] # just made
    here.finished(here.start(OPTIMIZE))
    assert here.table("t").metadata_location == after.metadata_location


def test_few_small_files_are_left_until_there_are_more(here: Lab) -> None:
    make(here)
    for number in range(4):
        append(here, (number, "a"))
    location = here.table("t").metadata_location
    here.finished(here.start(OPTIMIZE))
    assert here.table("t").metadata_location == location


def test_files_of_the_target_size_are_left(here: Lab) -> None:
    make(here, write_target_data_file_size_bytes="1000", optimize_rewrite_data_file_threshold="2")
    for number in range(3):
        append(here, (number, "a"))  # about 700 bytes each: two do not fit into one file
    location = here.table("t").metadata_location
    assert all(500 < file.file_size_in_bytes < 1800 for file in files(here))
    here.finished(here.start(OPTIMIZE))
    assert here.table("t").metadata_location == location


def test_optimize_that_lost_a_race_changes_nothing(here: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    make(here)
    for number in range(5):
        append(here, (number, "a"))
    rewritten = iceberg_compaction._rewritten

    def slower(*arguments: Any) -> Any:
        append(here, (9, "a"))
        return rewritten(*arguments)

    monkeypatch.setattr(iceberg_compaction, "_rewritten", slower)
    with pytest.raises(Refused) as refused:
        here.finished(here.start(OPTIMIZE))
    assert refused.value.code == "ICEBERG_COMMIT_ERROR"
    assert len(files(here)) == 6


def test_vacuum_keeps_what_was_committed_meanwhile(here: Lab, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    make(here)
    append(here, (1, "a"))
    append(here, (2, "a"))
    expired = iceberg_expiry._expired

    def slower(*arguments: Any) -> Any:
        found = expired(*arguments)
        append(here, (3, "a"))
        return found

    monkeypatch.setattr(iceberg_expiry, "_expired", slower)
    clock.ahead = 6 * DAYS
    here.finished(here.start("VACUUM db.t"))
    assert here.rows(ROWS) == (("1", "a"), ("2", "a"), ("3", "a"))
    assert here.table("t").scan().to_arrow().num_rows == 3


def test_only_the_partitions_of_the_condition_are_rewritten(here: Lab) -> None:
    make(here)
    for number in range(5):
        append(here, (number, "a"), (number, "b"))
    here.finished(here.start(f"{OPTIMIZE} WHERE kind = 'a'"))
    assert sorted((file.partition[0], file.record_count) for file in files(here)) == [("a", 5)] + [("b", 1)] * 5


@pytest.mark.parametrize("where", ["id = 1", "kind = 'a' OR kind = 'b'", "upper(kind) = 'A'", "kind = 'a' AND id > 1"])
def test_other_conditions_are_refused(where: str, here: Lab) -> None:
    make(here)
    append(here, (1, "a"))
    with pytest.raises(Refused, match="NOT_SUPPORTED"):
        here.finished(here.start(f"{OPTIMIZE} WHERE {where}"))


@pytest.mark.parametrize(
    ("sql", "code"),
    [
        ("OPTIMIZE db.t", "SYNTAX_ERROR"),
        ("OPTIMIZE db.t REWRITE DATA USING SORT", "SYNTAX_ERROR"),
        ("OPTIMIZE db.nope REWRITE DATA USING BIN_PACK", "TABLE_NOT_FOUND"),
        (f"{OPTIMIZE} WHERE nope = 1", "COLUMN_NOT_FOUND"),
        ("VACUUM", "SYNTAX_ERROR"),
        ("VACUUM db.t FULL", "SYNTAX_ERROR"),
        ("VACUUM db.nope", "TABLE_NOT_FOUND"),
        ("VACUUM db.v", "NOT_SUPPORTED"),
    ],
)
def test_statements_that_are_none(sql: str, code: str, here: Lab) -> None:
    make(here)
    here.finished(here.start("CREATE VIEW db.v AS SELECT 1 AS id"))
    with pytest.raises(Refused) as refused:
        here.finished(here.start(sql))
    assert refused.value.code == code


def test_empty_tables(here: Lab) -> None:
    location = make(here).metadata_location
    here.finished(here.start(OPTIMIZE))
    here.finished(here.start("VACUUM db.t"))
    assert here.table("t").metadata_location == location


def test_old_snapshots_go_with_their_files_and_no_others(here: Lab, clock: Clock) -> None:
    make(here)
    for number in range(5):
        append(here, (number, "a"))
    append(here, (7, "b"))
    here.finished(here.start(OPTIMIZE))
    rows, before = here.rows(ROWS), here.objects("t/")
    clock.ahead = 6 * DAYS
    here.finished(here.start("VACUUM db.t"))
    after = here.table("t")
    assert len(after.metadata.snapshots) == 1
    assert here.rows(ROWS) == rows
    assert after.scan().to_arrow().num_rows == 6
    gone = before - here.objects("t/")
    assert sum(key.startswith("t/data/kind=a/") for key in gone) == 5
    assert not any(key.startswith("t/data/kind=b/") for key in gone)
    referenced = {each.manifest_path for each in after.current_snapshot().manifests(after.io)}  # type: ignore[union-attr] # it has one
    assert {f"s3://{BUCKET}/{key}" for key in here.objects("t/metadata/") if "-m" in key} == referenced


def test_a_second_vacuum_does_nothing(here: Lab, clock: Clock) -> None:
    make(here)
    for number in range(3):
        append(here, (number, "a"))
    clock.ahead = 6 * DAYS
    here.finished(here.start("VACUUM db.t"))
    location, keys = here.table("t").metadata_location, here.objects("t/")
    here.finished(here.start("VACUUM db.t"))
    assert here.table("t").metadata_location == location
    assert here.objects("t/") == keys


def test_snapshots_inside_the_age_stay_readable(here: Lab, clock: Clock) -> None:
    make(here, vacuum_max_snapshot_age_seconds=str(15 * 24 * 3600))
    first = append(here, (1, "a"))
    here.change("DELETE FROM db.t")
    clock.ahead = 14 * DAYS
    here.finished(here.start("VACUUM db.t"))
    assert here.table("t").scan(snapshot_id=first).to_arrow().to_pylist() == [{"id": 1, "kind": "a"}]
    clock.ahead = 16 * DAYS
    here.finished(here.start("VACUUM db.t"))
    assert here.table("t").snapshot_by_id(first) is None
    assert here.objects("t/data/") == set()


def test_the_newest_few_stay_however_old(here: Lab, clock: Clock) -> None:
    make(here, vacuum_min_snapshots_to_keep="2")
    ids = [append(here, (number, "a")) for number in range(4)]
    clock.ahead = 30 * DAYS
    here.finished(here.start("VACUUM db.t"))
    assert {each.snapshot_id for each in here.table("t").metadata.snapshots} == set(ids[2:])
    assert here.table("t").scan(snapshot_id=ids[2]).to_arrow().num_rows == 3


def test_tagged_snapshots_stay(here: Lab, clock: Clock) -> None:
    make(here)
    first = append(here, (1, "a"))
    here.table("t").manage_snapshots().create_tag(first, "kept").commit()
    here.change("DELETE FROM db.t")
    clock.ahead = 30 * DAYS
    here.finished(here.start("VACUUM db.t"))
    assert here.table("t").scan(snapshot_id=first).to_arrow().num_rows == 1


def test_strays_go_when_they_are_old(here: Lab, clock: Clock) -> None:
    make(here)
    append(here, (1, "a"))
    for key in ("t/data/stray.parquet", "t/elsewhere.parquet", "other/data/x.parquet"):
        here.s3.put_object(Bucket=BUCKET, Key=key, Body=b"x")
    here.finished(here.start("VACUUM db.t"))
    assert "t/data/stray.parquet" in here.objects("t/")
    clock.ahead = 6 * DAYS
    here.finished(here.start("VACUUM db.t"))
    assert here.objects() & {"t/data/stray.parquet", "t/elsewhere.parquet", "other/data/x.parquet"} == {
        "t/elsewhere.parquet",
        "other/data/x.parquet",
    }
    assert here.rows(ROWS) == (("1", "a"),)
