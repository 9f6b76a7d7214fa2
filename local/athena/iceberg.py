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
from pyiceberg.manifest import FileFormat
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

    from pyiceberg.table import FileScanTask, Table

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
ALL_ROWS = AlwaysTrue()
_OPERATORS = {"=": EqualTo, "<": LessThan, "<=": LessThanOrEqual, ">": GreaterThan, ">=": GreaterThanOrEqual}


@dataclass(frozen=True)
class DataFile:
    """One Parquet file of a snapshot.

    Args:
        uri: Its address.
        size: Its bytes.
        column_bytes: Compressed bytes by field id, where the manifest has them.
        deletes: The files that say which of its rows do not count, by position.
    """

    uri: str
    size: int
    column_bytes: dict[int, int]
    deletes: tuple[str, ...] = ()


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
            StatementFailed: if rows are deleted by their values, or by files other than Parquet.
        """
        if self.table.metadata.current_snapshot_id is None:
            return []
        return [_data_file(task) for task in planned(self.table, self.condition(predicates))]

    def condition(self, predicates: Sequence[Predicate]) -> BooleanExpression:
        """Pyiceberg's form of the predicates, for leaving files unread; those it cannot express are left out."""
        kinds = {column.name: column.type for column in self.columns}
        condition: BooleanExpression = ALL_ROWS
        for predicate in predicates:
            made = _expression(predicate, kinds.get(predicate.column))
            condition = And(condition, made) if made is not None else condition
        return condition


def planned(table: Table, condition: BooleanExpression = ALL_ROWS) -> list[FileScanTask]:
    """The data files of the current snapshot that may hold rows meeting the condition, with their delete files.

    Raises:
        StatementFailed: if rows are deleted by their values, which pyiceberg cannot read.
    """
    try:
        return list(table.scan(row_filter=condition, case_sensitive=False).plan_files())
    except ValueError as error:
        if "equality deletes" not in str(error):
            raise
        raise not_proven("An Iceberg table with equality deletes", "Write the table again.") from error


def _data_file(task: FileScanTask) -> DataFile:
    sizes = {int(key): int(value) for key, value in (task.file.column_sizes or {}).items()}
    for each in task.delete_files:
        if each.file_format is not FileFormat.PARQUET:
            raise not_proven(
                f"A delete file in {each.file_format}", "Rewrite the data files (OPTIMIZE … REWRITE DATA)."
            )
    deletes = tuple(sorted(each.file_path for each in task.delete_files))
    return DataFile(task.file.file_path, task.file.file_size_in_bytes, sizes, deletes)


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
            columns.append(TableColumn(field.name.lower(), trino_type(field.field_type)))
        except StatementFailed as problem:
            columns.append(TableColumn(field.name.lower(), None, problem))
    return IcebergMetadata(table, tuple(columns))


def trino_type(kind: IcebergType) -> Type:
    """What Trino calls an Iceberg type.

    Raises:
        StatementFailed: if the type is not on the proven list.
    """
    if type(kind) in _SIMPLE:
        return _SIMPLE[type(kind)]
    if isinstance(kind, DecimalType):
        return decimal(kind.precision, kind.scale)
    if isinstance(kind, ListType):
        return array(trino_type(kind.element_type))
    if isinstance(kind, MapType):
        return map_of(trino_type(kind.key_type), trino_type(kind.value_type))
    if isinstance(kind, StructType):
        return row(tuple(trino_type(f.field_type) for f in kind.fields), tuple(f.name.lower() for f in kind.fields))
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
