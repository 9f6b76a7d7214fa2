"""Trino's types, and its rules for making two of them meet.

Rules follow Trino's documentation ("Data types", "Conversion functions", "Decimal functions and operators").
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sqlglot import exp
from sqlglot.errors import SqlglotError

from local.athena.errors import StatementFailed, not_proven

if TYPE_CHECKING:
    from collections.abc import Callable

MAX_PRECISION = 38
MICROSECONDS = 6  # the finest timestamp that DuckDB's TIMESTAMP holds
DEFAULT_PRECISION = 3  # of `timestamp` without a precision, and of every Hive table: milliseconds


@dataclass(frozen=True)
class Type:
    """One Trino type.

    Args:
        name: The base name, e.g. `decimal`.
        numbers: Precision, scale or length; empty where the type has none or is unbounded.
        items: Element, key and value, or field types.
        fields: Names of a row's fields, None for an anonymous one.
        zone: For `timestamp with time zone`, the zone its values are shown in; None if it is only known row by row.
    """

    name: str
    numbers: tuple[int, ...] = ()
    items: tuple[Type, ...] = ()
    fields: tuple[str | None, ...] = ()
    zone: str | None = None

    def __str__(self) -> str:
        """The type as Trino writes it, e.g. `array(decimal(18,2))`."""
        if self.name == "timestamp with time zone":
            return f"timestamp({self.numbers[0]}) with time zone"
        if self.name == "row":
            named = (
                f"{field} {item}" if field else str(item) for field, item in zip(self.fields, self.items, strict=True)
            )
            return f"row({', '.join(named)})"
        parameters = [*map(str, self.numbers), *map(str, self.items)]
        separator = "," if self.numbers else ", "
        return f"{self.name}({separator.join(parameters)})" if parameters else self.name


def decimal(precision: int, scale: int) -> Type:
    """`decimal(precision, scale)`, the precision held to 38 as Trino does."""
    return Type("decimal", (min(MAX_PRECISION, precision), scale))


def varchar(length: int | None = None) -> Type:
    """`varchar(length)`, or the unbounded one."""
    return Type("varchar", () if length is None else (length,))


def timestamp(precision: int) -> Type:
    """`timestamp(precision)`."""
    return Type("timestamp", (precision,))


def timestamp_tz(precision: int, zone: str | None) -> Type:
    """`timestamp(precision) with time zone`, shown in `zone`."""
    return Type("timestamp with time zone", (precision,), zone=zone)


def array(item: Type) -> Type:
    """`array(item)`."""
    return Type("array", items=(item,))


def map_of(key: Type, value: Type) -> Type:
    """`map(key, value)`."""
    return Type("map", items=(key, value))


def row(items: tuple[Type, ...], fields: tuple[str | None, ...] | None = None) -> Type:
    """`row(...)`, anonymous unless `fields` names its fields."""
    return Type("row", items=items, fields=fields or (None,) * len(items))


UNKNOWN = Type("unknown")
BOOLEAN = Type("boolean")
TINYINT, SMALLINT, INTEGER, BIGINT = (Type(name) for name in ("tinyint", "smallint", "integer", "bigint"))
DOUBLE = Type("double")
VARCHAR = varchar()
VARBINARY = Type("varbinary")
DATE = Type("date")
JSON = Type("json")
# Text that Trino would have put into its own canonical form, which is not done here: only to be taken apart.
RAW_JSON = Type("json", (1,))
DAY_INTERVAL = Type("interval day to second")
MONTH_INTERVAL = Type("interval year to month")

INTEGERS = (TINYINT, SMALLINT, INTEGER, BIGINT)  # narrow to wide
_DIGITS = {TINYINT: 3, SMALLINT: 5, INTEGER: 10, BIGINT: 19}

_DUCKDB = {
    "unknown": "INTEGER",
    "boolean": "BOOLEAN",
    "tinyint": "TINYINT",
    "smallint": "SMALLINT",
    "integer": "INTEGER",
    "bigint": "BIGINT",
    "double": "DOUBLE",
    "varchar": "VARCHAR",
    "varbinary": "BLOB",
    "date": "DATE",
    "json": "JSON",
    "timestamp": "TIMESTAMP",
    "timestamp with time zone": "TIMESTAMPTZ",
    "interval day to second": "INTERVAL",
    "interval year to month": "INTERVAL",
}


def is_decimal(kind: Type) -> bool:
    """Whether it is a `decimal`."""
    return kind.name == "decimal"


def is_numeric(kind: Type) -> bool:
    """Whether it is an integer, decimal or double."""
    return kind in INTEGERS or is_decimal(kind) or kind == DOUBLE


def is_varchar(kind: Type) -> bool:
    """Whether it is a `varchar` of any length."""
    return kind.name == "varchar"


def is_timestamp(kind: Type) -> bool:
    """Whether it is a timestamp without time zone, of any precision."""
    return kind.name == "timestamp"


def is_timestamp_tz(kind: Type) -> bool:
    """Whether it is a timestamp with time zone, of any precision and zone."""
    return kind.name == "timestamp with time zone"


def is_interval(kind: Type) -> bool:
    """Whether it is one of the two intervals."""
    return kind in (DAY_INTERVAL, MONTH_INTERVAL)


def as_decimal(kind: Type) -> Type:
    """The decimal that an integer takes part as: bigint as decimal(19,0), and so on."""
    return kind if is_decimal(kind) else decimal(_DIGITS[kind], 0)


def duckdb_name(kind: Type) -> str:
    """The DuckDB type that holds this type's values exactly."""
    if is_decimal(kind):
        return f"DECIMAL({kind.numbers[0]},{kind.numbers[1]})"
    if kind.name == "array":
        return f"{duckdb_name(kind.items[0])}[]"
    if kind.name == "map":
        return f"MAP({duckdb_name(kind.items[0])}, {duckdb_name(kind.items[1])})"
    if kind.name == "row":
        named = (
            f'"{field or f"field{number}"}" {duckdb_name(item)}'
            for number, (field, item) in enumerate(zip(kind.fields, kind.items, strict=True))
        )
        return f"STRUCT({', '.join(named)})"
    return _DUCKDB[kind.name]


def duckdb_type(kind: Type) -> exp.DataType:
    """`duckdb_name` as an expression, for casts."""
    return exp.DataType.build(duckdb_name(kind), dialect="duckdb")


def common_super_type(first: Type, second: Type) -> Type | None:
    """The type both coerce to implicitly, or None if Trino refuses to compare or combine them."""
    if second in {first, UNKNOWN}:
        return first
    if first == UNKNOWN:
        return second
    if first.name == second.name:
        return _widen(first, second)
    if is_numeric(first) and is_numeric(second):
        return _numeric_super_type(first, second)
    return _temporal_super_type(first, second) or _temporal_super_type(second, first)


def can_coerce(source: Type, target: Type) -> bool:
    """Whether Trino converts `source` to `target` without being asked."""
    return common_super_type(source, target) == target


def _widen(first: Type, second: Type) -> Type | None:
    """Two types of one name: decimals, varchars, timestamps and containers meet in the wider one."""
    if is_decimal(first):
        scale = max(first.numbers[1], second.numbers[1])
        whole = max(first.numbers[0] - first.numbers[1], second.numbers[0] - second.numbers[1])
        return decimal(whole + scale, scale)
    if is_varchar(first):
        return max(first, second, key=lambda kind: kind.numbers) if first.numbers and second.numbers else VARCHAR
    if is_timestamp(first) or is_timestamp_tz(first):
        zone = first.zone if first.zone == second.zone else None
        return replace(max(first, second, key=lambda kind: kind.numbers), zone=zone)
    return RAW_JSON if RAW_JSON in {first, second} else _widen_items(first, second)


def _widen_items(first: Type, second: Type) -> Type | None:
    """Containers of as many items, item by item."""
    if len(first.items) != len(second.items) or not first.items:
        return None
    items = [common_super_type(a, b) for a, b in zip(first.items, second.items, strict=True)]
    if any(item is None for item in items):
        return None
    fields = tuple(a if a == b else None for a, b in zip(first.fields, second.fields, strict=True))
    return replace(first, items=tuple(item for item in items if item is not None), fields=fields)


def _numeric_super_type(first: Type, second: Type) -> Type | None:
    if DOUBLE in (first, second):
        return DOUBLE
    if first in INTEGERS and second in INTEGERS:
        return max(first, second, key=INTEGERS.index)
    return _widen(as_decimal(first), as_decimal(second))


def _temporal_super_type(first: Type, second: Type) -> Type | None:
    """A date becomes a timestamp, a timestamp one with a time zone (the session's, which is UTC in Athena)."""
    if first == DATE and is_timestamp(second):
        return second
    if first == DATE and is_timestamp_tz(second):
        return second
    if is_timestamp(first) and is_timestamp_tz(second):
        return timestamp_tz(max(first.numbers[0], second.numbers[0]), second.zone)
    return None


_SIMPLE = {
    exp.DType.BOOLEAN: BOOLEAN,
    exp.DType.TINYINT: TINYINT,
    exp.DType.SMALLINT: SMALLINT,
    exp.DType.INT: INTEGER,
    exp.DType.BIGINT: BIGINT,
    exp.DType.DOUBLE: DOUBLE,
    exp.DType.TEXT: VARCHAR,
    exp.DType.VARBINARY: VARBINARY,
    exp.DType.BINARY: VARBINARY,
    exp.DType.DATE: DATE,
    exp.DType.JSON: JSON,
}


def from_expression(kind: exp.DataType) -> Type:
    """The type that a parsed type name means.

    Raises:
        StatementFailed: if the type is not on the proven list.
    """
    base = kind.this
    parameters = [int(p.name) for p in kind.expressions if isinstance(p, exp.DataTypeParam) and p.name.isdigit()]
    if base in _SIMPLE and not kind.expressions:
        return _SIMPLE[base]
    if base in _PARAMETRIC:
        return _PARAMETRIC[base](parameters)
    if kind.expressions and base == exp.DType.STRUCT:
        return _row(kind)
    if kind.expressions and base in {exp.DType.ARRAY, exp.DType.MAP}:
        items = tuple(from_expression(item) for item in kind.expressions)
        return Type("array" if base == exp.DType.ARRAY else "map", items=items)
    raise not_proven(f"Type '{kind.sql('trino').lower()}'", "Cast to decimal, double, varchar, date or timestamp(3).")


def _checked_decimal(parameters: list[int]) -> Type:
    precision, scale = (*parameters, 0)[:2] if parameters else (MAX_PRECISION, 0)
    if not 1 <= precision <= MAX_PRECISION or scale > precision:
        raise StatementFailed("INVALID_FUNCTION_ARGUMENT", f"DECIMAL precision must be in range [1, {MAX_PRECISION}]")
    return decimal(precision, scale)


def _precision(parameters: list[int]) -> int:
    precision = parameters[0] if parameters else DEFAULT_PRECISION
    if precision > MICROSECONDS:
        raise not_proven(f"Type 'timestamp({precision})'", "Use timestamp(6) or a lower precision.")
    return precision


_PARAMETRIC: dict[exp.DType, Callable[[list[int]], Type]] = {
    exp.DType.DECIMAL: _checked_decimal,
    exp.DType.VARCHAR: lambda parameters: varchar(*parameters),
    exp.DType.TIMESTAMP: lambda parameters: timestamp(_precision(parameters)),
    exp.DType.TIMESTAMPTZ: lambda parameters: timestamp_tz(_precision(parameters), "UTC"),
}


def _row(kind: exp.DataType) -> Type:
    items: list[Type] = []
    fields: list[str | None] = []
    for item in kind.expressions:
        named = isinstance(item, exp.ColumnDef)
        items.append(from_expression(item.args["kind"] if named else item))
        fields.append(_field_name(item.this) if named else None)
    return row(tuple(items), tuple(fields))


def _field_name(name: exp.Identifier) -> str:
    return name.name if name.args.get("quoted") else name.name.lower()


def from_hive(name: str) -> Type:
    """The type of a Glue column, e.g. `array<struct<a:int>>`.

    Raises:
        StatementFailed: if the type is not on the proven list.
    """
    try:
        kind = exp.DataType.build(name, dialect="hive")
    except (ValueError, SqlglotError):
        raise not_proven(f"Column type '{name}'", "Declare the column with a type Athena lists.") from None
    return from_expression(kind)
