"""CTAS of Iceberg tables: Trino's types and partition transforms as Iceberg's, the table and its first snapshot."""

from __future__ import annotations

import itertools
import re
from typing import TYPE_CHECKING, Any

from pyiceberg.partitioning import PARTITION_FIELD_ID_START, PartitionField, PartitionSpec
from pyiceberg.schema import Schema
from pyiceberg.transforms import parse_transform
from pyiceberg.types import (
    BinaryType,
    BooleanType,
    DateType,
    DecimalType,
    DoubleType,
    IcebergType,
    IntegerType,
    ListType,
    LongType,
    MapType,
    NestedField,
    StringType,
    StructType,
    TimestampType,
    TimestamptzType,
)

from local.athena import iceberg_commit
from local.athena.errors import StatementFailed, not_proven
from local.athena.writing import Columns, TableOptions, Written

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pyarrow as pa

    from local.athena.catalog import GlueCatalog
    from local.athena.translate.types import Type

_MICROSECONDS = 6
_SIMPLE: dict[str, IcebergType] = {
    "boolean": BooleanType(),
    "integer": IntegerType(),
    "bigint": LongType(),
    "double": DoubleType(),
    "varchar": StringType(),
    "varbinary": BinaryType(),
    "date": DateType(),
    "timestamp": TimestampType(),
    "timestamp with time zone": TimestamptzType(),
}
_TRANSFORM = re.compile(r"(year|month|day|hour)\((\w+)\)|(bucket|truncate)\((\w+),\s*(\d+)\)|(\w+)", re.IGNORECASE)


def schema(columns: Columns) -> Schema:
    """The table's schema, every column optional, as CTAS makes it.

    Raises:
        StatementFailed: `NOT_SUPPORTED` for types that Iceberg does not have.
    """
    ids = itertools.count(1)
    fields = [(next(ids), name, kind) for name, kind in columns]
    return Schema(*(NestedField(number, name, _type(kind, ids), required=False) for number, name, kind in fields))


def _type(kind: Type, ids: Iterator[int]) -> IcebergType:
    if kind.name.startswith("timestamp") and kind.numbers != (_MICROSECONDS,):
        message = f'Timestamp precision ({kind.numbers[0]}) not supported for Iceberg. Use "timestamp(6)" instead.'
        raise StatementFailed("NOT_SUPPORTED", message)
    if kind.name == "decimal":
        return DecimalType(*kind.numbers)
    if kind.name == "array":
        return ListType(next(ids), _type(kind.items[0], ids), element_required=False)
    if kind.name == "map":
        key, value = (next(ids), _type(kind.items[0], ids)), (next(ids), _type(kind.items[1], ids))
        return MapType(*key, *value, value_required=False)
    if kind.name == "row":
        names = [field or f"field{place}" for place, field in enumerate(kind.fields)]
        items = [(next(ids), name, item) for name, item in zip(names, kind.items, strict=True)]
        return StructType(
            *(NestedField(number, name, _type(item, ids), required=False) for number, name, item in items)
        )
    if kind.name not in _SIMPLE:
        raise StatementFailed("NOT_SUPPORTED", f"Type not supported for Iceberg: {kind}")
    return _SIMPLE[kind.name]


def create(
    target: tuple[str, str], columns: Schema, rows: pa.Table, options: TableOptions, catalog: GlueCatalog
) -> Written:
    """Make the table and commit its rows; if that fails, there is no table.

    Raises:
        StatementFailed: for partition transforms that are none, and as an INSERT of the rows would.
    """
    spec = PartitionSpec(*_fields(options.partitions, columns))
    glue = iceberg_commit.glue_catalog(catalog.account, catalog.region)
    properties: dict[str, Any] = {"format-version": "2"}
    table = glue.create_table(target, columns, options.files.location.rstrip("/"), spec, properties=properties)
    try:
        uris = iceberg_commit.append_rows(table, rows) if rows.num_rows else []
    except StatementFailed:
        catalog.drop(*target)
        raise
    return Written(uris, rows.num_rows)


def _fields(partitions: tuple[str, ...], columns: Schema) -> Iterator[PartitionField]:
    """`day(at)`, `bucket(id, 8)`, `name`, …, called what Trino calls them."""
    for place, text in enumerate(partitions):
        match = _TRANSFORM.fullmatch(text.strip())
        column = (match[2] or match[4] or match[6]).lower() if match else ""
        if match is None or column not in columns.column_names:
            raise StatementFailed("INVALID_TABLE_PROPERTY", f"Unable to parse partitioning value: {text}")
        timed, sized = (match[1] or "").lower(), (match[3] or "").lower()
        written = f"{sized}[{match[5]}]" if sized else timed or "identity"
        suffix = {"truncate": "trunc"}.get(sized or timed, sized or timed)
        source = columns.find_field(column)
        transform = parse_transform(written)
        if not transform.can_transform(source.field_type):
            raise not_proven(f"The partition transform '{text}'", "Partition by a column of a type that it takes.")
        name = f"{column}_{suffix}" if suffix else column
        yield PartitionField(source.field_id, PARTITION_FIELD_ID_START + place, transform, name)
