"""The local Athena on a table whose columns were renamed, widened, added and dropped between two commits."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest
from watershed.contracts.model import Column, Kind, Partition, Table
from watershed.silver import schema
from watershed.silver.evolution import evolve

from local import athena as local_athena
from tests.local.athena_lab import BUCKET, DATABASE, Lab, lab
from tests.trino.answer import Refused
from tests.unit.silver_lab import at

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pyiceberg.table import Table as IcebergTable

ID, DAY = Column("id", Kind.INTEGER), Column("day", Kind.TIMESTAMP)
BEFORE = Table(
    "sales",
    (ID, DAY, Column("price", Kind.DECIMAL, precision=9, scale=2), Column("gone", Kind.STRING)),
    ("id",),
    partition=Partition("day", "month"),
)
AFTER = replace(
    BEFORE,
    columns=(
        replace(ID, name="number", renamed_from="id"),
        replace(DAY, name="sold_at", renamed_from="day"),
        Column("amount", Kind.DECIMAL, precision=20, scale=2, renamed_from="price"),
        Column("note", Kind.STRING),
    ),
    primary_key=("number",),
    partition=Partition("sold_at", "month"),
)
ALL = "SELECT number, amount, note, gone FROM db.sales ORDER BY number"
NOW = (
    ("1", "1.50", None, "x"),
    ("2", "2.50", None, "x"),
    ("3", "123456789012345678.90", "new", None),
)


@pytest.fixture(scope="module")
def running() -> Iterator[Lab]:
    local_athena.install()
    with lab() as made:
        yield made


@pytest.fixture
def here(running: Lab) -> Lab:
    for table in running.glue.get_tables(DatabaseName=DATABASE)["TableList"]:
        running.glue.delete_table(DatabaseName=DATABASE, Name=table["Name"])
    iceberg = running.catalog.create_table(
        (DATABASE, BEFORE.name),
        schema.schema(BEFORE),
        location=f"s3://{BUCKET}/sales",
        partition_spec=schema.partition_spec(BEFORE),
        properties=schema.properties(BEFORE),
    )
    add(
        iceberg,
        id=[1, 2],
        day=[at("2024-01-05"), at("2024-02-05")],
        price=[Decimal("1.50"), Decimal("2.50")],
        gone=["x", "x"],
    )
    evolve(iceberg, AFTER)
    add(iceberg, number=[3], sold_at=[at("2024-02-06")], amount=[Decimal("123456789012345678.90")], note=["new"])
    return running


def add(iceberg: IcebergTable, **columns: list[Any]) -> None:
    arrow = iceberg.schema().as_arrow()
    count = len(next(iter(columns.values())))
    iceberg.append(pa.table([pa.array(columns.get(f.name, [None] * count), f.type) for f in arrow], schema=arrow))


def test_files_from_before_are_read_by_the_new_names_and_types(here: Lab) -> None:
    assert here.rows(ALL) == NOW
    assert here.rows("SELECT sum(amount) FROM db.sales") == (("123456789012345682.90",),)


@pytest.mark.parametrize(
    ("condition", "found"),
    [
        ("number = 2", "2"),
        ("amount > 2.00 AND amount < 3.00", "2"),
        ("amount = 1.50", "1"),
        ("amount >= 123456789012345678.90", "3"),
        ("sold_at >= TIMESTAMP '2024-02-06 00:00:00'", "3"),
        ("sold_at < TIMESTAMP '2024-02-01 00:00:00'", "1"),
        ("note = 'new'", "3"),
    ],
)
def test_no_file_from_before_is_left_out_by_its_statistics(here: Lab, condition: str, found: str) -> None:
    assert here.rows(f"SELECT number FROM db.sales WHERE {condition}") == ((found,),)


def test_rows_from_before_can_be_changed_and_compacted(here: Lab) -> None:
    assert here.change("UPDATE db.sales SET amount = amount + 99999999999999999.00 WHERE number = 1") == 1
    merge = (
        "MERGE INTO db.sales t USING (VALUES (2, 'two'), (4, 'four')) s(number, note) ON t.number = s.number "
        "WHEN MATCHED THEN UPDATE SET note = s.note "
        "WHEN NOT MATCHED THEN INSERT (number, sold_at, note) "
        "VALUES (s.number, TIMESTAMP '2024-02-07 00:00:00', s.note)"
    )
    assert here.change(merge) == 2
    expected = (
        ("1", "100000000000000000.50", None, "x"),
        ("2", "2.50", "two", "x"),
        NOW[2],
        ("4", None, "four", None),
    )
    assert here.rows(ALL) == expected
    for statement in ("OPTIMIZE db.sales REWRITE DATA USING BIN_PACK", "VACUUM db.sales"):
        here.finished(here.start(statement))
    assert here.rows(ALL) == expected


def test_compaction_alone_keeps_the_rows(here: Lab) -> None:
    here.finished(here.start("OPTIMIZE db.sales REWRITE DATA USING BIN_PACK"))
    assert here.rows(ALL) == NOW


def test_the_old_name_is_no_column_any_more(here: Lab) -> None:
    with pytest.raises(Refused, match="id"):
        here.rows("SELECT id FROM db.sales")
    query = here.start("DESCRIBE db.sales")
    here.finished(query)
    shown = here.athena.get_query_results(QueryExecutionId=query)["ResultSet"]["Rows"]
    names = {str(row["Data"][0]["VarCharValue"]).split("\t")[0].strip() for row in shown}
    assert {"number", "amount", "note", "gone"} <= names
    assert not {"id", "price", "day"} & names
