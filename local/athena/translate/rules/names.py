"""Names: columns, fields of rows, parentheses, the current time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from local.athena.translate.registry import rule
from local.athena.translate.typed import Typed, call, cast, number, text
from local.athena.translate.types import DATE, timestamp, timestamp_tz

if TYPE_CHECKING:
    from local.athena.translate.binder import Binder


def dotted(node: exp.Expr) -> tuple[str, ...] | None:
    """The lower-case parts of `a.b.c`, or None if it starts with something that is not a name."""
    if isinstance(node, exp.Column):
        return tuple(part.name.lower() for part in node.parts)
    if isinstance(node, exp.Identifier):  # a lambda's parameter: the parser knows it is no column
        return (node.name.lower(),)
    if isinstance(node, exp.Dot) and isinstance(node.expression, exp.Identifier):
        before = dotted(node.this)
        return (*before, node.expression.name.lower()) if before else None
    return None


@rule(exp.Column, exp.Identifier, parts="this table db catalog quoted")
def column(binder: Binder, node: exp.Expr) -> Typed:
    """The longest part of `a.b.c` that names a column; what follows are fields of a row."""
    return _resolve(binder, node, dotted(node) or ())


@rule(exp.Dot)
def field_access(binder: Binder, node: exp.Dot) -> Typed:
    """`a.b.c.d.e`, or a field of an expression's row."""
    parts = dotted(node)
    if parts:
        return _resolve(binder, node, parts)
    if not isinstance(node.expression, exp.Identifier):
        raise binder.refusal("A call after a dot", "Call functions without a prefix.", node)
    return row_field(binder, binder.bind(node.this), node.expression.name.lower(), node)


def _resolve(binder: Binder, node: exp.Expr, parts: tuple[str, ...]) -> Typed:
    for length in range(len(parts), 0, -1):
        found = binder.resolve(parts[:length], node)
        if found is not None:
            value = found.use()
            for name in parts[length:]:
                value = row_field(binder, value, name, node)
            return value
    message = (
        f"Column '{'.'.join(parts)}' cannot be resolved or requester is not authorized to access requested resources"
    )
    raise binder.failure("COLUMN_NOT_FOUND", message, node)


def row_field(binder: Binder, value: Typed, name: str, node: exp.Expr) -> Typed:
    """The field `name` of a row."""
    if value.type.name != "row":
        raise binder.failure("TYPE_MISMATCH", f"Expression is not of type ROW: {value.type}", node)
    places = [place for place, field in enumerate(value.type.fields) if field and field.lower() == name]
    if len(places) != 1:
        raise binder.failure("COLUMN_NOT_FOUND", f"Field '{name}' cannot be resolved", node)
    return Typed(call("struct_extract_at", value.node, number(places[0] + 1)), value.type.items[places[0]])


@rule(exp.Paren, parts="this")
def parentheses(binder: Binder, node: exp.Paren) -> Typed:
    """Kept, so that the order of evaluation is the one that is written."""
    value = binder.bind(node.this)
    return Typed(exp.Paren(this=value.node), value.type)


@rule(exp.CurrentDate, parts="")
def current_date(binder: Binder, node: exp.CurrentDate) -> Typed:
    """The day on which the statement began, in UTC; the same for every row."""
    del node
    return Typed(cast(text(f"{binder.statement.now:%Y-%m-%d}"), DATE), DATE)


@rule(exp.CurrentTimestamp, parts="")
def current_timestamp(binder: Binder, node: exp.CurrentTimestamp) -> Typed:
    """The time at which the statement began: milliseconds, UTC, the same for every row."""
    del node
    return Typed(call("timezone", text("UTC"), _now(binder)), timestamp_tz(3, "UTC"))


@rule(exp.Localtimestamp, parts="")
def local_timestamp(binder: Binder, node: exp.Localtimestamp) -> Typed:
    """`current_timestamp` without its zone, which is UTC in Athena."""
    del node
    return Typed(_now(binder), timestamp(3))


def _now(binder: Binder) -> exp.Expr:
    now = binder.statement.now
    return cast(text(f"{now:%Y-%m-%d %H:%M:%S}.{now.microsecond // 1000:03d}"), timestamp(3))
