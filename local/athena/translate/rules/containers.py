"""Arrays, maps and rows: constructors and subscripts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from local.athena.translate.registry import function, rule
from local.athena.translate.typed import Typed, call, cast, number
from local.athena.translate.types import BIGINT, DOUBLE, INTEGERS, UNKNOWN, array, can_coerce, row

if TYPE_CHECKING:
    from local.athena.translate.binder import Binder
    from local.athena.translate.functions.call import Call


@rule(exp.Array, parts="expressions")
def array_constructor(binder: Binder, node: exp.Array) -> Typed:
    """ARRAY[a, b]: the items meet in one type."""
    if not node.expressions:
        return Typed(call("list_value"), array(UNKNOWN))
    values, kind = binder.bind_common(node.expressions, "All ARRAY elements")
    return Typed(call("list_value", *values), array(kind))


@function("row")
def row_constructor(made: Call) -> Typed:
    """ROW(a, b): fields without names."""
    values = [made.binder.bind(argument) for argument in made.arguments]
    kind = row(tuple(value.type for value in values))
    return Typed(cast(call("row", *(value.node for value in values)), kind), kind)


@rule(exp.Bracket, parts="this expressions")
def subscript(binder: Binder, node: exp.Bracket) -> Typed:
    """`a[i]` counts from 1 and fails outside the array, `m[k]` fails without the key; DuckDB gives NULL."""
    base = binder.bind(node.this)
    if len(node.expressions) != 1:
        raise binder.failure("SYNTAX_ERROR", "mismatched input ','. Expecting: ']'", node)
    index = node.expressions[0]
    if base.type.name == "row":
        return _row_item(binder, base, index, node)
    key = binder.bind(index)
    if base.type.name == "array" and key.type in INTEGERS:
        return Typed(call("trino_subscript", base.node, binder.coerce(key, BIGINT, index).node), base.type.items[0])
    if base.type.name == "map" and base.type.items[0] == DOUBLE:
        raise binder.refusal("A map with doubles as keys", "Use decimals.", node)
    if base.type.name == "map" and can_coerce(key.type, base.type.items[0]):
        wanted = binder.coerce(key, base.type.items[0], index).node
        return Typed(call("trino_map_subscript", base.node, wanted), base.type.items[1])
    raise binder.failure("TYPE_MISMATCH", f"Cannot apply operator: {base.type}[{key.type}]", node)


def _row_item(binder: Binder, base: Typed, index: exp.Expr, node: exp.Expr) -> Typed:
    """`r[1]`: the first field. The number must be written out, because each field has its own type."""
    place = int(index.this) if isinstance(index, exp.Literal) and index.is_int else 0
    if not 1 <= place <= len(base.type.items):
        raise binder.failure("INVALID_FUNCTION_ARGUMENT", "Subscript of ROW must be a constant within its fields", node)
    return Typed(call("struct_extract_at", base.node, number(place)), base.type.items[place - 1])
