"""Decimals in functions, and functions whose result type depends on their arguments."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from local.athena.translate.functions.signatures import call_by_signature
from local.athena.translate.registry import function
from local.athena.translate.rules import decimals
from local.athena.translate.typed import Typed, call, cast, number, text_value
from local.athena.translate.types import DOUBLE, INTEGERS, TINYINT, UNKNOWN, as_decimal, decimal, is_decimal, is_varchar

if TYPE_CHECKING:
    from local.athena.translate.functions.call import Call


def _decimal_argument(made: Call) -> Typed | None:
    value = made.binder.bind(made.arguments[0]) if made.arguments else None
    return value if value is not None and is_decimal(value.type) else None


@function("abs")
def absolute(made: Call) -> Typed:
    """The type stays."""
    made.expect(1)
    value = _decimal_argument(made)
    return Typed(cast(call("abs", value.node), value.type), value.type) if value else call_by_signature(made)


@function("ceiling", "ceil", "floor")
def towards(made: Call) -> Typed:
    """A decimal loses its scale: decimal(p - s + 1, 0)."""
    made.expect(1)
    value = _decimal_argument(made)
    if value is None:
        name = "ceiling" if made.name == "ceil" else made.name
        return call_by_signature(type(made)(made.binder, name, made.node, made.arguments))
    (precision, scale), target = value.type.numbers, "floor" if made.name == "floor" else "ceil"
    kind = decimal(precision - scale + min(scale, 1), 0)
    return Typed(cast(call(target, value.node), kind), kind)


@function("round")
def rounded(made: Call) -> Typed:
    """Halves away from zero. round(decimal(p,s), n) keeps the scale s; DuckDB shortens it."""
    made.expect(1, 2)
    value = _decimal_argument(made)
    if value is not None:
        precision, scale = value.type.numbers
        if len(made.arguments) == 1:
            kind = decimal(precision - scale + min(scale, 1), 0)
            return Typed(decimals.rounded(value, 0, kind), kind)
        kind = decimal(precision + 1, scale)
        return Typed(decimals.rounded(value, made.literal_integer(1, "number of digits"), kind), kind)
    if len(made.arguments) == 1:
        return call_by_signature(made)
    given = made.binder.bind(made.arguments[0])
    places = number(made.literal_integer(1, "number of digits"))
    if given.type in INTEGERS or given.type == UNKNOWN:
        kind = TINYINT if given.type == UNKNOWN else given.type
        return Typed(cast(call("round", given.node, places), kind), kind)
    return Typed(call("trino_round_to", made.value(0, DOUBLE).node, places), DOUBLE)


@function("truncate")
def truncated(made: Call) -> Typed:
    """Digits after the point are dropped. Integers, and an untyped NULL, become decimals."""
    made.expect(1, 2)
    if made.arguments[1:]:
        raise made.refusal("truncate with a number of digits", "Use CAST or round.")
    value = made.binder.bind(made.arguments[0])
    if value.type in INTEGERS or value.type == UNKNOWN:
        kind = decimal(1, 0) if value.type == UNKNOWN else as_decimal(value.type)
        return made.binder.coerce(value, kind, made.node)
    if not is_decimal(value.type):
        return call_by_signature(made)
    precision, scale = value.type.numbers
    kind = decimal(max(1, precision - scale), 0)
    return Typed(cast(call("trunc", value.node), kind), kind)


@function("sign")
def sign(made: Call) -> Typed:
    """decimal(1,0) for a decimal."""
    made.expect(1)
    value = _decimal_argument(made)
    kind = decimal(1, 0)
    return Typed(cast(call("sign", value.node), kind), kind) if value else call_by_signature(made)


@function("mod")
def modulus(made: Call) -> Typed:
    """mod(a, b) is a % b."""
    made.expect(2)
    return made.binder.bind(
        exp.Mod(this=exp.Paren(this=made.arguments[0]), expression=exp.Paren(this=made.arguments[1]))
    )


@function("typeof")
def type_of(made: Call) -> Typed:
    """The type's name, known beforehand. Lengths of texts that functions return are not tracked."""
    made.expect(1)
    kind = made.binder.bind(made.arguments[0]).type
    if "varchar" in str(kind) and not (is_varchar(kind) and isinstance(made.arguments[0], (exp.Literal, exp.Cast))):
        raise made.refusal("typeof of a computed varchar", "Cast it to the length that is meant.")
    return text_value(str(kind))
