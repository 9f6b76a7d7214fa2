"""UNLOAD's options, and what CTAS and INSERT share with it: columns, types and the writing of Parquet files."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING

import duckdb
import pyarrow as pa

from local.athena import parquet
from local.athena.errors import StatementFailed, not_proven
from local.athena.failures import from_duckdb
from local.athena.translate.types import (
    BIGINT,
    DEFAULT_PRECISION,
    INTEGER,
    Type,
    is_interval,
    is_timestamp,
    is_timestamp_tz,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from local.athena.objects import Objects
    from local.athena.outcome import Request
    from local.athena.statements import Unload

ROWS_PER_FILE = 500_000
ROWS_COLUMN: list[tuple[str, Type]] = [("rows", BIGINT)]
Columns = tuple[tuple[str, Type], ...]


@dataclass(frozen=True)
class Options:
    """Where and how files are written. `location` ends with a slash."""

    location: str
    compression: str


@dataclass(frozen=True)
class TableOptions:
    """What WITH (…) asks for. `partitions` are columns of a Hive table, and of an Iceberg table also transforms."""

    files: Options
    partitions: tuple[str, ...]
    is_iceberg: bool


@dataclass(frozen=True)
class Written:
    """The files and rows a statement wrote."""

    uris: list[str]
    rows: int


def unload_options(statement: Unload) -> Options:
    """The options of UNLOAD.

    Raises:
        StatementFailed: for a format other than Parquet, and for options that are not run here.
    """
    properties = dict(statement.properties)
    if "format" not in properties:
        raise StatementFailed("INVALID_TABLE_PROPERTY", "UNLOAD needs WITH (format = '…')")
    return Options(folder(statement.location), read_compression(properties, ("compression",)))


def folder(location: str) -> str:
    """The location with a slash at its end."""
    return location.rstrip("/") + "/"


def read_compression(properties: dict[str, object], compressions: tuple[str, ...]) -> str:
    """The compression; every other property must be the Parquet format.

    Raises:
        StatementFailed: naming the first property that is not run here.
    """
    form = str(properties.pop("format", "PARQUET")).upper()
    if form != "PARQUET":
        raise not_proven(f"Format {form}", "Write PARQUET.")
    chosen = parquet.DEFAULT_COMPRESSION
    for name in compressions:
        chosen = str(properties.pop(name, chosen)).upper()
    if chosen not in parquet.COMPRESSIONS:
        raise not_proven(f"Compression {chosen}", f"Use {', '.join(parquet.COMPRESSIONS)}.")
    if properties:
        raise not_proven(f"Property '{next(iter(properties))}'", "Leave it out.")
    return parquet.COMPRESSIONS[chosen]


def table_columns(columns: Columns) -> Columns:
    """The columns of a table or view made from a query: named, lower case, once each, of a known type.

    Raises:
        StatementFailed: as Trino does.
    """
    seen: set[str] = set()
    for place, (name, kind) in enumerate(columns, start=1):
        if name == f"_col{place - 1}":
            raise StatementFailed("MISSING_COLUMN_NAME", f"line 1:1: Column name not specified at position {place}")
        if name.lower() in seen:
            raise StatementFailed("DUPLICATE_COLUMN_NAME", f"line 1:1: Column name '{name}' specified more than once")
        if "unknown" in str(kind):
            raise StatementFailed("COLUMN_TYPE_UNKNOWN", f"line 1:1: Column type is unknown at position {place}")
        seen.add(name.lower())
    return tuple((name.lower(), kind) for name, kind in columns)


def schema(columns: Columns) -> pa.Schema:
    """The Arrow schema of files that hold these columns.

    Raises:
        StatementFailed: `NOT_SUPPORTED` for types that Hive's Parquet files cannot hold in Athena.
    """
    for name, kind in columns:
        if is_timestamp(kind) and kind.numbers != (DEFAULT_PRECISION,):
            found = f"Incorrect timestamp precision for {kind}; the configured precision is MILLISECONDS"
            message = f"{found}; column name: {name}"
            raise StatementFailed("NOT_SUPPORTED", message)
    return pa.schema([(name.lower(), parquet.arrow_type(kind)) for name, kind in columns])


def write(
    batches: Iterable[pa.RecordBatch], wanted: pa.Schema, options: Options, request: Request, objects: Objects
) -> Written:
    """Writes the rows; no rows leave no file, as in Athena.

    Raises:
        StatementFailed: if the query fails while it is read.
    """
    uris: list[str] = []
    counter = [0]

    def counted() -> Iterator[pa.RecordBatch]:
        try:
            for batch in batches:
                counter[0] += batch.num_rows
                yield batch.rename_columns(wanted.names)
        except (duckdb.Error, OSError) as error:
            raise from_duckdb(error) from error

    started = f"{request.now:%Y%m%d_%H%M%S}"
    for place, content in enumerate(parquet.write_parts(counted(), wanted, options.compression, ROWS_PER_FILE)):
        uri = f"{options.location}{started}_{place:05d}_{request.execution_id[:5]}_{uuid.uuid4()}"
        objects.write(uri, content)
        uris.append(uri)
    return Written(uris, counter[0])


def described_type(kind: Type) -> str:
    """The type of a view's column in Glue: one that Hive has, for whoever lists the catalog."""
    name = hive_name(kind)
    if "with time zone" in name:
        return "timestamp" if is_timestamp_tz(kind) else "string"
    return "string" if kind.name in {"json", "unknown"} or is_interval(kind) else name


def hive_name(kind: Type) -> str:
    """The type's name in Glue."""
    if kind.name == "varchar":
        return f"varchar({kind.numbers[0]})" if kind.numbers else "string"
    if kind == INTEGER:
        return "int"
    if kind.name == "array":
        return f"array<{hive_name(kind.items[0])}>"
    if kind.name == "map":
        return f"map<{hive_name(kind.items[0])},{hive_name(kind.items[1])}>"
    if kind.name == "row":
        names = [field or f"field{place}" for place, field in enumerate(kind.fields)]
        return f"struct<{','.join(f'{name}:{hive_name(item)}' for name, item in zip(names, kind.items, strict=True))}>"
    return {"timestamp": "timestamp", "varbinary": "binary"}.get(kind.name, str(kind))
