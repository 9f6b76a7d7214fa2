"""Iceberg tables: schema from the current metadata file, rows from the data files that its snapshot plans."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from pyiceberg.exceptions import NoSuchTableError, ValidationError
from pyiceberg.expressions import (
    AlwaysTrue,
    And,
    BooleanExpression,
    EqualTo,
    GreaterThan,
    GreaterThanOrEqual,
    In,
    LessThan,
    LessThanOrEqual,
    Reference,
)
from pyiceberg.table import StaticTable
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
    StringType,
    StructType,
    TimestampType,
    TimestamptzType,
)

from local.athena.errors import StatementFailed, not_proven
from local.athena.fileio import ACCOUNT, REGION
from local.athena.translate.statement import Predicate, TableColumn
from local.athena.translate.types import (
    BIGINT,
    BOOLEAN,
    DATE,
    DOUBLE,
    INTEGER,
    INTEGERS,
    MICROSECONDS,
    VARBINARY,
    VARCHAR,
    Type,
    array,
    decimal,
    is_decimal,
    map_of,
    row,
    timestamp,
    timestamp_tz,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

_SIMPLE: dict[type[IcebergType], Type] = {
    BooleanType: BOOLEAN,
    IntegerType: INTEGER,
    LongType: BIGINT,
    DoubleType: DOUBLE,
    StringType: VARCHAR,
    BinaryType: VARBINARY,
    DateType: DATE,
    TimestampType: timestamp(MICROSECONDS),
    TimestamptzType: timestamp_tz(MICROSECONDS, "UTC"),
}
_OPERATORS = {"=": EqualTo, "<": LessThan, "<=": LessThanOrEqual, ">": GreaterThan, ">=": GreaterThanOrEqual}


@dataclass(frozen=True)
class DataFile:
    """One Parquet file of a snapshot. `column_bytes` are compressed bytes by field id, where the manifest has them."""

    uri: str
    size: int
    column_bytes: dict[int, int]


@dataclass(frozen=True)
class IcebergMetadata:
    """A table as its current metadata file describes it."""

    table: StaticTable
    columns: tuple[TableColumn, ...]

    def field_id(self, column: str) -> int:
        """The id by which files know the column, whatever it was called when they were written."""
        return self.table.schema().find_field(column, case_sensitive=False).field_id

    def plan(self, predicates: Sequence[Predicate]) -> list[DataFile]:
        """The files of the current snapshot that may hold rows meeting all predicates.

        Raises:
            StatementFailed: if rows are deleted by delete files, which are not read here.
        """
        if self.table.metadata.current_snapshot_id is None:
            return []
        kinds = {column.name: column.type for column in self.columns}
        condition: BooleanExpression = AlwaysTrue()
        for predicate in predicates:
            made = _expression(predicate, kinds.get(predicate.column))
            condition = And(condition, made) if made is not None else condition
        files = []
        for task in self.table.scan(row_filter=condition, case_sensitive=False).plan_files():
            if task.delete_files:
                raise not_proven(
                    "An Iceberg table with delete files", "Rewrite its data files (OPTIMIZE … REWRITE DATA)."
                )
            sizes = {int(key): int(value) for key, value in (task.file.column_sizes or {}).items()}
            files.append(DataFile(task.file.file_path, task.file.file_size_in_bytes, sizes))
        return files


def load(account: str, region: str, location: str) -> IcebergMetadata:
    """The table whose metadata file is at `location`.

    Raises:
        StatementFailed: `ICEBERG_INVALID_METADATA` if it cannot be read.
    """
    properties = {"py-io-impl": "local.athena.fileio.MemoryFileIO", ACCOUNT: account, REGION: region}
    try:
        table = StaticTable.from_metadata(location, properties)
    except (NoSuchTableError, ValidationError, ValueError, OSError) as error:
        raise StatementFailed(
            "ICEBERG_INVALID_METADATA", f"Error reading the table's metadata file {location}"
        ) from error
    columns = []
    for field in table.schema().fields:
        try:
            columns.append(TableColumn(field.name.lower(), _type(field.field_type)))
        except StatementFailed as problem:
            columns.append(TableColumn(field.name.lower(), None, problem))
    return IcebergMetadata(table, tuple(columns))


def _type(kind: IcebergType) -> Type:
    if type(kind) in _SIMPLE:
        return _SIMPLE[type(kind)]
    if isinstance(kind, DecimalType):
        return decimal(kind.precision, kind.scale)
    if isinstance(kind, ListType):
        return array(_type(kind.element_type))
    if isinstance(kind, MapType):
        return map_of(_type(kind.key_type), _type(kind.value_type))
    if isinstance(kind, StructType):
        return row(tuple(_type(f.field_type) for f in kind.fields), tuple(f.name.lower() for f in kind.fields))
    raise not_proven(f"Iceberg type '{kind}'", "Use long, decimal, double, string, date or timestamp.")


def _expression(predicate: Predicate, kind: Type | None) -> BooleanExpression | None:
    """Pyiceberg's form of a predicate; None if its values are not of the column's type."""
    values = [_value(value, kind) for value in predicate.values]
    if kind is None or any(value is None for value in values) or not values:
        return None
    if predicate.operator == "in":
        return In(term=Reference(predicate.column), values=set(values))
    made: BooleanExpression = _OPERATORS[predicate.operator](Reference(predicate.column), values[0])
    return made


def _value(value: object, kind: Type | None) -> Any:
    if isinstance(value, Decimal):
        if kind in INTEGERS:
            return int(value) if value == int(value) else None
        exact = value.quantize(Decimal(1).scaleb(-kind.numbers[1])) if kind is not None and is_decimal(kind) else None
        return exact if exact == value else None
    if isinstance(value, datetime):
        return value.isoformat() if kind == timestamp(MICROSECONDS) else None
    if isinstance(value, date):
        return value.isoformat() if kind == DATE else None
    return value if isinstance(value, str) and kind == VARCHAR else None
