"""Hive tables as DuckDB sees them: a view over the local copies of the Parquet files under the table's location."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlglot import exp

from local.athena import hive_csv, parquet, partitions, projection
from local.athena.errors import StatementFailed
from local.athena.relation import Source, file_list
from local.athena.translate.typed import call, cast, identifier, number, text
from local.athena.translate.types import Type, array, is_timestamp

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from pathlib import Path

    from local.athena.catalog import HiveTable
    from local.athena.objects import Objects, S3Object
    from local.athena.partitions import Partition
    from local.athena.translate.statement import Scan, TableColumn


@dataclass(frozen=True)
class _Layout:
    """How a file stores the table's columns: (declared name, the file's name), and which are timestamps with a zone."""

    stored: frozenset[tuple[str, str]]
    zoned: frozenset[str]


def source(scan: Scan, table: HiveTable, objects: Objects, now: datetime) -> Source:
    """The scan's rows: one SELECT for all files whose columns are stored alike.

    Raises:
        StatementFailed: `HIVE_BAD_DATA` if a file does not hold what the table declares.
    """
    groups: dict[_Layout, list[tuple[Path, Partition]]] = {}
    scanned = 0
    columns = [column for column in table.columns if column not in table.partition_keys]
    for item, partition in _files(scan, table, objects, now):
        path = objects.local_copy(item)
        if table.is_csv:
            path = hive_csv.as_parquet(table, path)
        footer = parquet.footer(path)
        stored = _stored_columns(footer, columns, scan, item)
        scanned += (
            item.size
            if table.is_csv
            else sum(footer.column_bytes.get(physical, 0) for name, physical in stored.items() if name in scan.used)
        )
        layout = _Layout(frozenset(stored.items()), frozenset(_zoned(footer, stored)))
        groups.setdefault(layout, []).append((path, partition))
    return Source([_select(layout, files, scan, table) for layout, files in groups.items()], scanned)


def _files(scan: Scan, table: HiveTable, objects: Objects, now: datetime) -> Iterator[tuple[S3Object, Partition]]:
    """The table's objects, each with its partition. One listing serves all partitions under the table's location."""
    if not table.partition_keys:
        whole = partitions.Partition((), table.location)
        for item in objects.list(_folder(table.location)):
            if not _hidden(item.uri, table.location):
                yield item, whole
        return
    chosen = (
        projection.project(table, scan.predicates, now)
        if projection.is_projected(table)
        else partitions.registered(table, scan.predicates)
    )
    root = _folder(table.location)
    listed = objects.list(root) if table.location else []
    uris = [item.uri for item in listed]
    for partition in chosen:
        folder = _folder(partition.location)
        if folder.startswith(root):
            place = bisect_left(uris, folder)
            while place < len(uris) and uris[place].startswith(folder):
                if not _hidden(uris[place], folder):
                    yield listed[place], partition
                place += 1
        else:
            for item in objects.list(folder):
                if not _hidden(item.uri, folder):
                    yield item, partition


def _folder(location: str) -> str:
    return location.rstrip("/") + "/"


def _hidden(uri: str, location: str) -> bool:
    """Files whose name, or a folder's on the way, begins with `_` or `.` are no data."""
    return any(part[:1] in {"_", "."} for part in uri[len(_folder(location)) :].split("/"))


def _stored_columns(footer: parquet.Footer, columns: list[TableColumn], scan: Scan, item: S3Object) -> dict[str, str]:
    """What the file calls each column, whatever the case; a column it lacks is left out, and NULL.

    Raises:
        StatementFailed: `HIVE_BAD_DATA` if a column that the query uses is stored as something else.
    """
    names: dict[str, str] = {}
    for field in footer.schema:
        if field.name.lower() in names:
            raise StatementFailed("HIVE_BAD_DATA", f"The file {item.uri} has two columns named '{field.name.lower()}'")
        names[field.name.lower()] = field.name
    stored = {}
    for column in columns:
        if column.name not in names or column.type is None:
            continue
        kind = footer.schema.field(names[column.name]).type
        if parquet.readable_as(kind, column.type):
            stored[column.name] = names[column.name]
        elif column.name in scan.used:
            message = (
                f"Field '{column.name}' of {item.uri} is stored as {kind}, which is incompatible with type "
                f"{column.type} defined in the schema of table '{scan.table.database}.{scan.table.name}'"
            )
            raise StatementFailed("HIVE_BAD_DATA", message)
    return stored


def _zoned(footer: parquet.Footer, stored: dict[str, str]) -> list[str]:
    return [name for name, physical in stored.items() if getattr(footer.schema.field(physical).type, "tz", None)]


def _select(layout: _Layout, files: list[tuple[Path, Partition]], scan: Scan, table: HiveTable) -> exp.Select:
    stored = dict(layout.stored)
    keys = [key.name for key in table.partition_keys]
    items = []
    for column in table.columns:
        if column.name in keys:
            value = _partition_value(column, keys.index(column.name), [partition for _, partition in files])
        else:
            value = _stored_value(column, stored, layout.zoned)
        items.append(exp.alias_(value, scan.column_name(column.name), quoted=True))
    return exp.select(*items).from_(call("read_parquet", file_list([path for path, _ in files])))


def _stored_value(column: TableColumn, stored: dict[str, str], zoned: frozenset[str]) -> exp.Expr:
    """A column of the file in the declared type. Hive's timestamps have milliseconds: more digits are rounded."""
    if column.type is None or column.name not in stored:
        return cast(exp.Null(), column.type) if column.type else exp.Null()
    value: exp.Expr = exp.Column(this=identifier(stored[column.name]))
    if is_timestamp(column.type):
        naive = call("timezone", text("UTC"), value) if column.name in zoned else value
        return call("trino_round_timestamp", cast(naive, Type("timestamp")), number(column.type.numbers[0]))
    return cast(value, column.type)


def _partition_value(column: TableColumn, place: int, files: list[Partition]) -> exp.Expr:
    """The partition's value for each file, by the file's place in the list."""
    if column.type is None:
        return exp.Null()
    values = [partitions.value_of(column, partition.values[place]) for partition in files]
    literals = [exp.Null() if value is None else text(str(value)) for value in values]
    listed = cast(call("list_value", *literals), array(column.type))
    index = exp.Add(this=exp.column("file_index"), expression=number(1))
    return call("list_extract", listed, cast(index, Type("bigint")))
