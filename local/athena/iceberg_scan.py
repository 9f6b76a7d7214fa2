"""Iceberg tables as DuckDB sees them: local copies of the planned files, columns found by field id."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from local.athena.errors import StatementFailed
from local.athena.relation import Source, file_list
from local.athena.translate.typed import call, cast, identifier, number, text
from local.athena.translate.types import duckdb_name

if TYPE_CHECKING:
    from pathlib import Path

    from local.athena.catalog import IcebergTable
    from local.athena.objects import Objects
    from local.athena.translate.statement import Scan, TableColumn

_POSITION = "file_row_number"  # DuckDB's name for a row's place in its file, from 0


def source(scan: Scan, table: IcebergTable, objects: Objects) -> Source:
    """The scan's rows in the current snapshot; files that cannot meet its predicates are left out."""
    files = table.metadata.plan(scan.predicates)
    if not files:
        return Source([], 0)
    used = {table.metadata.field_id(name) for name in scan.used}
    scanned = sum(
        sum(file.column_bytes.get(field, 0) for field in used) if file.column_bytes else file.size for file in files
    )
    whole = [_local(file.uri, objects) for file in files if not file.deletes]
    selects = [_select(scan, table, whole)] if whole else []
    for file in files:
        if file.deletes:
            positions = _positions(file.uri, [_local(uri, objects) for uri in file.deletes])
            condition = exp.Not(this=exp.In(this=exp.column(_POSITION), query=exp.Subquery(this=positions)))
            selects.append(_select(scan, table, [_local(file.uri, objects)]).where(condition))
    return Source(selects, scanned)


def _local(uri: str, objects: Objects) -> Path:
    """The local copy of a file that the table names.

    Raises:
        StatementFailed: if it is gone.
    """
    found = objects.find(uri)
    if found is None:
        objects.read(uri)  # fails, and says which file is gone
        raise StatementFailed("GENERIC_INTERNAL_ERROR", f"The object '{uri}' came back")
    return objects.local_copy(found)


def _select(scan: Scan, table: IcebergTable, paths: list[Path]) -> exp.Select:
    numbered = exp.EQ(this=exp.column(_POSITION), expression=exp.true())
    schema = exp.EQ(this=exp.column("schema"), expression=_schema(table))
    reader = call("read_parquet", file_list(paths), schema, numbered)
    return exp.select(*(_item(column, scan) for column in table.columns)).from_(reader)


def _positions(uri: str, deletes: list[Path]) -> exp.Select:
    """The positions, from 0, of the rows of one data file that its delete files take out."""
    here = exp.EQ(this=exp.column("file_path"), expression=text(uri))
    return exp.select(exp.column("pos")).from_(call("read_parquet", file_list(deletes))).where(here)


def _readable(table: IcebergTable) -> list[TableColumn]:
    return [column for column in table.columns if column.type is not None]


def _schema(table: IcebergTable) -> exp.Expr:
    """Field id -> name and type: how DuckDB follows renamed, added and widened columns."""
    columns = _readable(table)
    fields = [
        exp.Struct(
            expressions=[
                exp.PropertyEQ(this=exp.to_identifier("name"), expression=text(column.name)),
                exp.PropertyEQ(this=exp.to_identifier("type"), expression=text(duckdb_name(column.type))),
                exp.PropertyEQ(this=exp.to_identifier("default_value"), expression=exp.Null()),
            ]
        )
        for column in columns
        if column.type is not None
    ]
    ids = [number(table.metadata.field_id(column.name)) for column in columns]
    return call("map", call("list_value", *ids), call("list_value", *fields))


def _item(column: TableColumn, scan: Scan) -> exp.Expr:
    value = cast(exp.Column(this=identifier(column.name)), column.type) if column.type else exp.Null()
    return exp.alias_(value, scan.column_name(column.name), quoted=True)
