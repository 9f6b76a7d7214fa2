from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest
from pyiceberg.partitioning import PartitionField, PartitionSpec
from pyiceberg.schema import Schema
from pyiceberg.table.snapshots import Operation
from pyiceberg.transforms import BucketTransform, DayTransform
from pyiceberg.types import DateType, DecimalType, IntegerType, LongType, NestedField, StringType, TimestampType

from local.athena import iceberg_commit
from tests.local.athena_lab import BUCKET, DATABASE, Lab, lab
from tests.trino.answer import Refused
from tests.trino.changes import ALL, ROWS, Change, Done, read_all

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pyiceberg.manifest import DataFile

TARGET = Schema(
    NestedField(1, "id", LongType(), required=True),
    NestedField(2, "name", StringType()),
    NestedField(3, "amount", DecimalType(10, 2)),
    NestedField(4, "n", IntegerType()),
    NestedField(5, "at", TimestampType()),
    NestedField(6, "day", DateType()),
)
SOURCE = Schema(NestedField(1, "id", LongType()), NestedField(2, "name", StringType()))
BY_DAY = PartitionSpec(
    PartitionField(6, 1000, DayTransform(), "day_day"), PartitionField(1, 1001, BucketTransform(2), "b")
)
CHANGES = read_all()
UPSERT = (
    "MERGE INTO db.t AS a USING (SELECT * FROM db.s WHERE id IS NOT NULL) AS s ON a.id = s.id "
    "WHEN MATCHED AND a.name <> s.name THEN UPDATE SET name = s.name "
    "WHEN NOT MATCHED THEN INSERT (id, name) VALUES (s.id, s.name)"
)


@pytest.fixture(scope="module")
def shared() -> Iterator[Lab]:
    with lab() as running:
        yield running


def make(where: Lab, spec: PartitionSpec | None = None) -> dict[str, Any]:
    """The tables as they begin; gives Glue's description of the one that changes."""
    for name, schema in (("t", TARGET), ("s", SOURCE)):
        if where.catalog.table_exists((DATABASE, name)):
            where.catalog.drop_table((DATABASE, name))
        chosen = spec if spec and name == "t" else PartitionSpec()
        where.catalog.create_table((DATABASE, name), schema, f"s3://{BUCKET}/{name}", chosen)
        where.change(f"INSERT INTO db.{name} VALUES {ROWS[name]}")
    found = where.glue.get_table(DatabaseName=DATABASE, Name="t")["Table"]
    return {key: found[key] for key in ("Name", "TableType", "Parameters", "StorageDescriptor")}


@pytest.fixture(scope="module")
def beginning(shared: Lab) -> dict[str, Any]:
    return make(shared)


@pytest.fixture
def tables(shared: Lab, beginning: dict[str, Any]) -> Lab:
    """The tables as they begin: their old files are still there."""
    shared.glue.update_table(DatabaseName=DATABASE, TableInput=beginning)
    return shared


def data_files(where: Lab) -> list[DataFile]:
    return [task.file for task in where.table("t").scan().plan_files()]


def answer(where: Lab, sql: str) -> Done | str:
    try:
        return Done(where.change(sql), where.rows(ALL))
    except Refused as refused:
        return refused.code


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.title)
def test_a_change_is_trinos(change: Change, tables: Lab) -> None:
    assert answer(tables, change.sql) == change.answer


def test_every_kind_of_change_is_there() -> None:
    assert {change.title.partition(":")[0] for change in CHANGES} == {"insert", "update", "delete", "merge"}
    assert len(CHANGES) >= 80


def test_a_failure_leaves_the_table_as_it_was(tables: Lab) -> None:
    before = tables.table("t").metadata_location
    for change in CHANGES:
        if isinstance(change.answer, str):
            with pytest.raises(Refused):
                tables.change(change.sql)
    assert tables.table("t").metadata_location == before


def test_rows_move_between_partitions(shared: Lab, beginning: dict[str, Any]) -> None:
    make(shared, BY_DAY)
    try:
        assert shared.change("UPDATE db.t SET day = DATE '2025-01-01' WHERE id <> 2") == 2
        assert shared.rows("SELECT id FROM db.t WHERE day = DATE '2025-01-01' ORDER BY 1") == (("1",), ("3",))
        assert shared.rows("SELECT id FROM db.t WHERE day IS NULL") == (("2",),)
        assert len({file.partition[0] for file in data_files(shared)}) == 2
        assert shared.change(UPSERT) == 2
        assert shared.rows("SELECT name, day FROM db.t WHERE id IN (1, 4) ORDER BY id") == (
            ("A", "2025-01-01"),
            ("D", None),
        )
    finally:
        beginning |= make(shared)


def test_an_empty_table_is_merged_into(tables: Lab) -> None:
    tables.change("DELETE FROM db.t")
    assert tables.change(UPSERT) == 2
    assert tables.rows("SELECT id, name FROM db.t ORDER BY id") == (("1", "A"), ("4", "D"))


def test_one_insert_writes_a_hundred_partitions_at_most(shared: Lab, beginning: dict[str, Any]) -> None:
    make(shared, BY_DAY)
    days = (
        "INSERT INTO db.t (id, day) SELECT 1, date_add('day', x, DATE '2024-01-01') FROM UNNEST(sequence(1, {})) u(x)"
    )
    try:
        assert answer(shared, days.format(101)) == "ICEBERG_TOO_MANY_OPEN_PARTITIONS"
        assert shared.change(days.format(100)) == 100
        assert shared.change("UPDATE db.t SET n = 1") == 103
    finally:
        beginning |= make(shared)


def test_a_repeated_merge_changes_nothing(tables: Lab) -> None:
    assert tables.change(UPSERT) == 2
    rows, location = tables.rows(ALL), tables.table("t").metadata_location
    assert tables.change(UPSERT) == 0
    assert tables.rows(ALL) == rows
    assert tables.table("t").metadata_location == location


def test_one_statement_is_one_snapshot(tables: Lab) -> None:
    before = len(tables.table("t").metadata.snapshots)
    tables.change(UPSERT)
    table = tables.table("t")
    assert len(table.metadata.snapshots) == before + 1
    summary = table.current_snapshot().summary  # type: ignore[union-attr] # it was written just now
    assert summary is not None
    assert summary.operation is Operation.OVERWRITE
    assert summary["total-records"] == "4"


def test_what_athena_reports(tables: Lab) -> None:
    def reported(sql: str) -> tuple[str, str]:
        execution = tables.finished(tables.start(sql))
        return execution["StatementType"], execution["SubstatementType"]

    assert reported(UPSERT) == ("DML", "MERGE")
    assert reported("DELETE FROM db.t WHERE id = 1") == ("DML", "DELETE")
    assert reported("UPDATE db.t SET n = 1") == ("DML", "UPDATE")
    execution = tables.finished(tables.start("INSERT INTO db.t (id) VALUES 8"))
    assert execution["SubstatementType"] == "INSERT"
    assert execution["Statistics"]["DataManifestLocation"].endswith("-manifest.csv")


def test_parameters(tables: Lab) -> None:
    assert tables.change("DELETE FROM db.t WHERE id = ? OR name = ?", "3", "'a'") == 2
    assert tables.rows("SELECT id FROM db.t") == (("2",),)
    tables.change("PREPARE put FROM INSERT INTO db.t (id, name) VALUES (?, ?)")
    assert tables.change("EXECUTE put USING 7, 'seven'") == 1
    assert tables.rows("SELECT name FROM db.t WHERE id = 7") == (("seven",),)


TWO_CLAUSES = (
    "MERGE INTO db.t USING (VALUES (1, 'x'), (1, 'y')) s(id, name) ON t.id = s.id "
    "WHEN MATCHED AND s.name = 'x' THEN DELETE WHEN MATCHED THEN UPDATE SET name = s.name"
)
TOO_FEW = "MERGE INTO db.t USING db.s ON t.id = s.id WHEN NOT MATCHED THEN INSERT (id, name) VALUES (s.id)"


@pytest.mark.parametrize(
    ("sql", "code"),
    [
        (TWO_CLAUSES, "MERGE_TARGET_ROW_MULTIPLE_MATCHES"),
        (TOO_FEW, "TYPE_MISMATCH"),
        ("UPDATE db.t SET name = 'x', name = 'y'", "DUPLICATE_COLUMN_NAME"),
        ("UPDATE db.t SET n = count(*)", "EXPRESSION_NOT_SCALAR"),
        ("UPDATE db.t SET n = row_number() OVER ()", "EXPRESSION_NOT_SCALAR"),
        ("UPDATE db.t SET n = s.id FROM db.s", "SYNTAX_ERROR"),
        ("DELETE FROM db.t USING db.s", "SYNTAX_ERROR"),
        ("INSERT OVERWRITE db.t SELECT 1", "SYNTAX_ERROR"),
        ("INSERT INTO other.db.t (id) VALUES 1", "CATALOG_NOT_FOUND"),
        ("INSERT INTO nowhere.t VALUES 1", "SCHEMA_NOT_FOUND"),
        ("UPDATE db.v SET id = 1", "NOT_SUPPORTED"),
        ("INSERT INTO db.t (id, n) VALUES (1, soundex('x'))", "NOT_SUPPORTED"),
    ],
)
def test_refused_where_trino_does_otherwise_or_not_proven(sql: str, code: str, tables: Lab) -> None:
    tables.finished(tables.start("CREATE OR REPLACE VIEW db.v AS SELECT 1 AS id"))
    assert answer(tables, sql) == code


@pytest.mark.parametrize("sql", [UPSERT, "DELETE FROM db.t WHERE id = 1", "INSERT INTO db.t (id) VALUES 8"])
def test_a_lost_race_fails_and_changes_nothing(sql: str, tables: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    written = iceberg_commit._written
    racer = pa.table([pa.array([99], pa.int64())], schema=pa.schema([pa.field("id", pa.int64(), nullable=False)]))
    once = threading.Event()

    def slower(*arguments: Any) -> Any:
        if not once.is_set():
            once.set()
            tables.table("t").append(racer)
        return written(*arguments)

    monkeypatch.setattr(iceberg_commit, "_written", slower)
    with pytest.raises(Refused, match="Failed to commit") as refused:
        tables.change(sql)
    assert refused.value.code == "ICEBERG_COMMIT_ERROR"
    assert tables.rows("SELECT id FROM db.t ORDER BY id") == (("1",), ("2",), ("3",), ("99",))


def hive(where: Lab, name: str, keys: tuple[str, ...], **parameters: str) -> None:
    parquet = "org.apache.hadoop.hive.ql.io.parquet"
    kinds = {"day": "date", "kind": "string"}
    where.glue.create_table(
        DatabaseName=DATABASE,
        TableInput={
            "Name": name,
            "TableType": "EXTERNAL_TABLE",
            "Parameters": parameters,
            "PartitionKeys": [{"Name": key, "Type": kinds[key]} for key in keys],
            "StorageDescriptor": {
                "Location": f"s3://{BUCKET}/{name}/",
                "Columns": [{"Name": "id", "Type": "bigint"}, {"Name": "at", "Type": "timestamp"}],
                "InputFormat": f"{parquet}.MapredParquetInputFormat",
                "OutputFormat": f"{parquet}.MapredParquetOutputFormat",
                "SerdeInfo": {"SerializationLibrary": f"{parquet}.serde.ParquetHiveSerDe"},
            },
        },
    )


@pytest.fixture
def remove(tables: Lab) -> Iterator[Callable[[str], None]]:
    made: list[str] = []
    yield made.append
    for name in made:
        tables.glue.delete_table(DatabaseName=DATABASE, Name=name)


def test_insert_into_a_hive_table(tables: Lab, remove: Callable[[str], None]) -> None:
    hive(tables, "plain", ())
    remove("plain")
    assert tables.change("INSERT INTO db.plain VALUES (1, TIMESTAMP '2024-01-01 00:00:00.123456'), (2, NULL)") == 2
    assert tables.change("INSERT INTO db.plain (id) SELECT id FROM db.t WHERE id = 3") == 1
    assert tables.rows("SELECT * FROM db.plain ORDER BY id") == (
        ("1", "2024-01-01 00:00:00.123"),
        ("2", None),
        ("3", None),
    )
    assert answer(tables, "DELETE FROM db.plain") == "NOT_SUPPORTED"
    assert answer(tables, "INSERT INTO db.plain VALUES (1)") == "TYPE_MISMATCH"


def test_insert_into_hive_partitions(tables: Lab, remove: Callable[[str], None]) -> None:
    hive(tables, "parted", ("day", "kind"))
    remove("parted")
    rows = "(1, NULL, DATE '2024-01-01', 'a'), (2, NULL, DATE '2024-01-01', 'b'), (3, NULL, NULL, 'a')"
    assert tables.change(f"INSERT INTO db.parted VALUES {rows}") == 3
    assert tables.change("INSERT INTO db.parted (id, kind, day) VALUES (4, 'a', DATE '2024-01-01')") == 1
    folders = {key.rsplit("/", 1)[0] for key in tables.objects("parted/")}
    assert folders == {
        f"parted/day={day}" for day in ("2024-01-01/kind=a", "2024-01-01/kind=b", "__HIVE_DEFAULT_PARTITION__/kind=a")
    }
    found = tables.glue.get_partitions(DatabaseName=DATABASE, TableName="parted")["Partitions"]
    assert len(found) == 3
    assert tables.rows("SELECT id FROM db.parted WHERE day = DATE '2024-01-01' AND kind = 'a' ORDER BY 1") == (
        ("1",),
        ("4",),
    )
    assert answer(tables, "INSERT INTO db.parted VALUES (1, NULL, NULL, 'a/b')") == "NOT_SUPPORTED"
    many = "INSERT INTO db.parted SELECT x, NULL, NULL, 'k' || CAST(x AS varchar) FROM UNNEST(sequence(1, 101)) AS u(x)"
    assert answer(tables, many) == "HIVE_TOO_MANY_OPEN_PARTITIONS"


def test_insert_into_projected_partitions(tables: Lab, remove: Callable[[str], None]) -> None:
    projection = {
        "projection.enabled": "true",
        "projection.day.type": "date",
        "projection.day.format": "yyyy-MM-dd",
        "projection.day.range": "2024-01-01,2024-12-31",
    }
    hive(
        tables,
        "projected",
        ("day",),
        **projection,
        **{"storage.location.template": f"s3://{BUCKET}/projected/day=${{day}}"},
    )
    hive(
        tables,
        "elsewhere",
        ("day",),
        **projection,
        **{"storage.location.template": f"s3://{BUCKET}/elsewhere/${{day}}"},
    )
    remove("projected")
    remove("elsewhere")
    assert (
        tables.change("INSERT INTO db.projected VALUES (1, NULL, DATE '2024-03-01'), (2, NULL, DATE '2024-03-02')") == 2
    )
    assert tables.rows("SELECT id, day FROM db.projected WHERE day = DATE '2024-03-02'") == (("2", "2024-03-02"),)
    assert tables.glue.get_partitions(DatabaseName=DATABASE, TableName="projected")["Partitions"] == []
    assert answer(tables, "INSERT INTO db.elsewhere VALUES (1, NULL, DATE '2024-03-01')") == "NOT_SUPPORTED"
