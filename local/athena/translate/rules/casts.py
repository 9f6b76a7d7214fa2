"""Casts: which pairs of types Trino converts, and how DuckDB is made to give the same value or the same refusal.

DuckDB's own cast is laxer from text (`'12.7'` to integer gives 13) and rounds doubles to even. The `trino_…` macros
take exactly the texts that Trino documents and fail with its error code for all others.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from local.athena.errors import not_proven
from local.athena.translate.typed import Typed, binary, call, case, cast, is_null, number, text
from local.athena.translate.types import (
    BIGINT,
    INTEGERS,
    MAX_PRECISION,
    MICROSECONDS,
    UNKNOWN,
    VARCHAR,
    Type,
    decimal,
    is_decimal,
    is_timestamp,
    is_varchar,
)

if TYPE_CHECKING:
    from collections.abc import Callable

_SHORT = 18  # digits of a decimal that Trino keeps in 64 bits
_INTEGER_NAMES = tuple(kind.name for kind in INTEGERS)
_JSON_ITEMS = (*_INTEGER_NAMES, "varchar", "boolean")


def convert(value: Typed, target: Type) -> Typed:
    """`value` cast to `target`.

    Raises:
        StatementFailed: if the pair is not proven.
    """
    source = value.type
    if source == target or (source.name == target.name == "json"):
        return Typed(value.node, target)
    if source == UNKNOWN:
        return Typed(cast(value.node, target), target)
    made = _RULES.get((source.name, target.name))
    node = made(value, target) if made else None
    if node is None:
        raise not_proven(f"CAST({source} AS {target})", "Cast in steps, for instance through decimal.")
    return Typed(node, target)


def _plain(value: Typed, target: Type) -> exp.Expr:
    """DuckDB's cast gives the same value, and fails for the same ones."""
    return cast(value.node, target)


def _same(value: Typed, target: Type) -> exp.Expr:
    """Both are held by one DuckDB type."""
    del target
    return value.node


def _double_to_integer(value: Typed, target: Type) -> exp.Expr:
    """Trino rounds halves away from zero, DuckDB's cast to even. Bigint's bounds have a code of their own."""
    if target == BIGINT:
        return call("trino_double_to_bigint", value.node)
    return cast(call("round", value.node), target)


def _double_to_decimal(value: Typed, target: Type) -> exp.Expr:
    """Trino rounds the shortest text of the double: 2.675 is 2.68, although the double lies below it."""
    return cast(cast(value.node, VARCHAR), target)


def _decimal_to_double(value: Typed, target: Type) -> exp.Expr:
    """The nearest double; of a short decimal, its digits divided by a power of ten. DuckDB's is one off at times."""
    precision, scale = value.type.numbers
    if precision > _SHORT:
        return cast(cast(value.node, VARCHAR), target)
    digits = call("trino_digits", cast(value.node, decimal(MAX_PRECISION, scale)), text(f"1{'0' * scale}"))
    return binary(exp.Div, cast(digits, target), cast(text(f"1e{scale}"), target))


def _from_varchar(value: Typed, target: Type) -> exp.Expr:
    """Only the texts that Trino takes; DuckDB takes many more."""
    name = f"trino_varchar_to_{target.name}"
    if is_decimal(target):
        return cast(call(name, value.node), target)
    if not is_timestamp(target):
        return call(name, value.node)
    digits = target.numbers[0]
    return _round_to(call(name, value.node, number(digits)), MICROSECONDS, digits)


def _shorten(value: Typed, target: Type) -> exp.Expr:
    """An explicit cast to varchar(n) cuts the text; to a longer one it changes nothing."""
    fits = not target.numbers or (value.type.numbers and value.type.numbers[0] <= target.numbers[0])
    return value.node if fits else call("substring", value.node, number(1), number(target.numbers[0]))


def _to_varchar(value: Typed, target: Type) -> exp.Expr:
    """The same digits in both; a varchar(n) that is too short fails rather than cut a number."""
    return _fitting(cast(value.node, VARCHAR), target)


def _decimal_to_varchar(value: Typed, target: Type) -> exp.Expr:
    """0.05; where all digits follow the point, DuckDB writes .05."""
    precision, scale = value.type.numbers
    if precision > scale:
        return _to_varchar(value, target)
    if precision == MAX_PRECISION:
        raise not_proven(f"CAST({value.type} AS varchar)", "Cast to a decimal with digits before the point.")
    return _fitting(cast(cast(value.node, decimal(precision + 1, scale)), VARCHAR), target)


def _double_to_varchar(value: Typed, target: Type) -> exp.Expr:
    """Always with an exponent: 1.0E0."""
    return _fitting(call("trino_double_to_varchar", value.node), target)


def _fitting(node: exp.Expr, target: Type) -> exp.Expr:
    return call("trino_fit_varchar", node, number(target.numbers[0])) if target.numbers else node


def _date_to_varchar(value: Typed, target: Type) -> exp.Expr:
    """Years before ours have a minus; DuckDB writes (BC)."""
    return _fitting(call("trino_date_text", value.node), target)


def _timestamp_to_varchar(value: Typed, target: Type) -> exp.Expr:
    """Trino prints as many digits as the precision says; DuckDB leaves trailing zeros out."""
    return _fitting(call("trino_timestamp_text", value.node, number(value.type.numbers[0])), target)


def _timestamp_tz_to_varchar(value: Typed, target: Type) -> exp.Expr:
    """Trino prints local time and the zone's name; DuckDB prints the session's local time and an offset."""
    local = call("trino_timestamp_text", local_time(value), number(value.type.numbers[0]))
    return _fitting(exp.DPipe(this=local, expression=text(f" {value.type.zone}")), target)


def _between_timestamps(value: Typed, target: Type) -> exp.Expr:
    """A lower precision rounds half up; DuckDB keeps the microseconds."""
    return _round_to(value.node, value.type.numbers[0], target.numbers[0])


def _round_to(node: exp.Expr, source: int, target: int) -> exp.Expr:
    return node if source <= target else call("trino_round_timestamp", node, number(target))


def local_time(value: Typed) -> exp.Expr:
    """The wall-clock time of a timestamp with time zone, in the zone it is shown in.

    Raises:
        StatementFailed: if the zone is only known row by row.
    """
    if value.type.zone is None:
        raise not_proven(
            "The local time of a timestamp whose zone differs by row", "Convert it with AT TIME ZONE '…' first."
        )
    return call("timezone", text(value.type.zone), value.node)


def _tz_to_timestamp(value: Typed, target: Type) -> exp.Expr:
    """The wall-clock time in the value's own zone; DuckDB would take the session's."""
    return _round_to(local_time(value), value.type.numbers[0], target.numbers[0])


def _tz_to_date(value: Typed, target: Type) -> exp.Expr:
    """The calendar day in the value's own zone."""
    return cast(local_time(value), target)


def _to_timestamp_tz(value: Typed, target: Type) -> exp.Expr:
    """A value without zone is taken as UTC, which is Athena's session zone."""
    naive = value.node if is_timestamp(value.type) else cast(value.node, Type("timestamp"))
    rounded = _round_to(naive, value.type.numbers[0] if value.type.numbers else 0, target.numbers[0])
    return call("timezone", text("UTC"), rounded)


def _between_timestamps_tz(value: Typed, target: Type) -> exp.Expr | None:
    """The instant stays; so does the zone it is shown in."""
    if value.type.numbers[0] <= target.numbers[0]:
        return value.node
    utc = _round_to(call("timezone", text("UTC"), value.node), value.type.numbers[0], target.numbers[0])
    return call("timezone", text("UTC"), utc)


def _array_to_array(value: Typed, target: Type) -> exp.Expr | None:
    """Item by item; an empty array, or one of NULLs, as a whole."""
    if value.type.items[0] == UNKNOWN:
        return cast(value.node, target)
    return _each_item(value, value.type.items[0], target.items[0], target)


def _each_item(value: Typed, source: Type, item: Type, target: Type) -> exp.Expr | None:
    parameter = exp.Column(this=exp.to_identifier("item", quoted=True))
    converted = convert(Typed(parameter, source), item).node
    if converted is parameter:
        return value.node
    body = exp.Lambda(this=converted, expressions=[exp.to_identifier("item", quoted=True)])
    return cast(call("list_transform", value.node, body), target)


def _row_to_row(value: Typed, target: Type) -> exp.Expr | None:
    """Field by field, by position; names are the target's."""
    if len(value.type.items) != len(target.items):
        return None
    fields = [
        convert(Typed(call("struct_extract_at", value.node, number(place + 1)), source), item).node
        for place, (source, item) in enumerate(zip(value.type.items, target.items, strict=True))
    ]
    return case((is_null(value.node), exp.Null()), default=cast(call("row", *fields), target))


def _map_to_map(value: Typed, target: Type) -> exp.Expr | None:
    """Only where keys and values keep their DuckDB type."""
    same = all(
        convert(Typed(value.node, a), b).node is value.node for a, b in zip(value.type.items, target.items, strict=True)
    )
    return value.node if same else None


def _to_json(value: Typed, target: Type) -> exp.Expr | None:
    """Numbers, booleans, texts and arrays of them have one JSON text in both engines."""
    del target
    plain = value.type.items[0] if value.type.name == "array" else value.type
    return call("to_json", value.node) if plain.name in _JSON_ITEMS else None


def _map_to_json(value: Typed, target: Type) -> exp.Expr | None:
    """With texts as keys, which Trino sorts."""
    del target
    key, item = value.type.items
    return call("trino_map_to_json", value.node) if is_varchar(key) and item.name in _JSON_ITEMS else None


def _json_to_array(value: Typed, target: Type) -> exp.Expr | None:
    """Arrays of texts, integers or booleans; items of another kind fail instead of being converted."""
    item = target.items[0]
    if item.name not in _JSON_ITEMS:
        return None
    node, name = value.node, f"trino_json_to_{'varchar' if is_varchar(item) else 'scalar'}_array"
    if isinstance(node, exp.Anonymous) and node.name == "trino_json_parse":
        node = call("trino_json_parse_to_cast", *node.expressions)
    return cast(call(name, node), target)


def _rules() -> dict[tuple[str, str], Callable[[Typed, Type], exp.Expr | None]]:
    integers, numbers = _INTEGER_NAMES, (*_INTEGER_NAMES, "decimal", "double")
    table: dict[tuple[str, str], Callable[[Typed, Type], exp.Expr | None]] = {}
    table |= {(a, b): _plain for a in (*integers, "boolean") for b in (*numbers, "boolean") if a != b}
    table |= {("decimal", b): _plain for b in (*numbers, "boolean")}
    table |= {("double", b): _double_to_integer for b in integers}
    table |= {(a, "varchar"): _to_varchar for a in (*integers, "boolean")}
    table |= {("varchar", b): _from_varchar for b in (*numbers, "boolean", "date", "timestamp")}
    table |= {(a, "json"): _to_json for a in (*_JSON_ITEMS, "array")}
    timestamp_tz = "timestamp with time zone"
    return table | {
        ("decimal", "double"): _decimal_to_double,
        ("decimal", "varchar"): _decimal_to_varchar,
        ("double", "varchar"): _double_to_varchar,
        ("double", "decimal"): _double_to_decimal,
        ("double", "boolean"): _plain,
        ("varchar", "varchar"): _shorten,
        ("varchar", "varbinary"): lambda value, _: call("encode", value.node),
        ("date", "varchar"): _date_to_varchar,
        ("date", "timestamp"): _plain,
        ("date", timestamp_tz): _to_timestamp_tz,
        ("timestamp", "date"): _plain,
        ("timestamp", "timestamp"): _between_timestamps,
        ("timestamp", "varchar"): _timestamp_to_varchar,
        ("timestamp", timestamp_tz): _to_timestamp_tz,
        (timestamp_tz, "date"): _tz_to_date,
        (timestamp_tz, "timestamp"): _tz_to_timestamp,
        (timestamp_tz, "varchar"): _timestamp_tz_to_varchar,
        (timestamp_tz, timestamp_tz): _between_timestamps_tz,
        ("array", "array"): _array_to_array,
        ("row", "row"): _row_to_row,
        ("map", "map"): _map_to_map,
        ("map", "json"): _map_to_json,
        ("json", "array"): _json_to_array,
    }


_RULES = _rules()
