"""Arrays and maps with lambdas, maps from parts, JSON."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sqlglot import exp

from local.athena.translate.registry import function
from local.athena.translate.rules.casts import convert
from local.athena.translate.scope import Column, Relation, Scope
from local.athena.translate.typed import Typed, call, cast, column, identifier, is_null, number, text
from local.athena.translate.types import (
    BOOLEAN,
    JSON,
    RAW_JSON,
    UNKNOWN,
    VARCHAR,
    Type,
    array,
    duckdb_type,
    is_varchar,
    map_of,
    row,
)

if TYPE_CHECKING:
    from local.athena.translate.functions.call import Call

# $.name and $[0], nested: what both engines read alike.
_JSON_PATH = re.compile(r"\$(?:\.[A-Za-z_][A-Za-z0-9_]*|\[\d+\])*")
_TEXT_PATH = re.compile(r"\$(?:\.[A-Za-z_][A-Za-z0-9_]*|\[\d+\]|\[\"[^\"\\]*\"\])*")
_EXTRACT_OF_TEXT = "trino_json_extract_of_text"


def _lambda(made: Call, place: int, *kinds: Type) -> tuple[exp.Lambda, Type]:
    """The lambda at `place` with parameters of these types, and the type of what it gives."""
    given = made.arguments[place]
    if not isinstance(given, exp.Lambda) or len(given.expressions) != len(kinds):
        raise made.binder.failure(
            "FUNCTION_NOT_FOUND", f"Unexpected parameters for function {made.name}: a lambda is needed", made.node
        )
    names = [made.binder.statement.new_name("p") for _ in kinds]
    parameters = [
        Column(parameter.name.lower(), Typed(column(name), kind))
        for parameter, name, kind in zip(given.expressions, names, kinds, strict=True)
    ]
    scope = Scope([Relation((), tuple(parameters))], made.binder.scope)
    body = made.binder.within(scope).bind(given.this)
    return exp.Lambda(this=body.node, expressions=[identifier(name) for name in names]), body.type


def _array(made: Call, place: int = 0) -> Typed:
    value = made.binder.bind(made.arguments[place])
    if value.type.name != "array":
        raise made.unexpected([value.type])
    return value


def _predicate(made: Call) -> tuple[Typed, exp.Lambda]:
    made.expect(2)
    value = _array(made)
    test, kind = _lambda(made, 1, value.type.items[0])
    if kind not in (BOOLEAN, UNKNOWN):
        raise made.binder.failure(
            "TYPE_MISMATCH", f"Expected a lambda that gives boolean, but it gives {kind}", made.node
        )
    return value, test


@function("filter")
def filter_array(made: Call) -> Typed:
    """The items for which the lambda is true."""
    value, test = _predicate(made)
    return Typed(call("list_filter", value.node, test), value.type)


@function("transform")
def transform(made: Call) -> Typed:
    """The lambda of every item."""
    made.expect(2)
    value = _array(made)
    body, kind = _lambda(made, 1, value.type.items[0])
    return Typed(call("list_transform", value.node, body), array(kind))


@function("any_match", "all_match", "none_match")
def match(made: Call) -> Typed:
    """Three-valued: NULL decides nothing, but keeps the answer from being certain."""
    value, test = _predicate(made)
    negated = made.name == "all_match"
    hit = exp.Lambda(
        this=exp.Not(this=exp.Paren(this=test.this)) if negated else test.this, expressions=test.expressions
    )
    unknown = exp.Lambda(
        this=is_null(exp.Paren(this=test.this.copy())), expressions=[e.copy() for e in test.expressions]
    )
    counts = [call("len", call("list_filter", value.node.copy(), which)) for which in (hit, unknown)]
    found = exp.Boolean(this=made.name == "any_match")
    rest = exp.Boolean(this=made.name != "any_match")
    branches = [
        exp.If(this=is_null(value.node.copy()), true=exp.Null()),
        exp.If(this=exp.GT(this=counts[0], expression=number(0)), true=found),
        exp.If(this=exp.GT(this=counts[1], expression=number(0)), true=exp.Null()),
    ]
    return Typed(exp.Case(ifs=branches, default=rest), BOOLEAN)


@function("reduce")
def reduce_array(made: Call) -> Typed:
    """From the left, starting with the state; the state must have the items' type."""
    made.expect(4)
    value = _array(made)
    state = made.binder.bind(made.arguments[1])
    kind = made.binder.common_type([state, Typed(value.node, value.type.items[0])], made.node, "State and items")
    step, stepped = _lambda(made, 2, kind, kind)
    if kind != value.type.items[0] or stepped != kind:
        raise made.refusal(
            "reduce with a state of another type than the items", "Cast the items and the state to one type."
        )
    folded = call("list_reduce", value.node, step, made.binder.coerce(state, kind, made.node).node)
    final = made.arguments[3]
    if not isinstance(final, exp.Lambda) or len(final.expressions) != 1:
        raise made.binder.failure(
            "FUNCTION_NOT_FOUND", "Unexpected parameters for function reduce: a lambda is needed", made.node
        )
    scope = Scope([Relation((), (Column(final.expressions[0].name.lower(), Typed(folded, kind)),))], made.binder.scope)
    return made.binder.within(scope).bind(final.this)


@function("map")
def map_from_arrays(made: Call) -> Typed:
    """MAP(keys, values): keys must differ."""
    if not made.arguments:
        kind = map_of(UNKNOWN, UNKNOWN)
        return Typed(exp.Cast(this=call("map"), to=duckdb_type(kind)), kind)
    made.expect(2)
    keys, values = _array(made, 0), _array(made, 1)
    return Typed(call("map", keys.node, values.node), made.map_type(keys.type.items[0], values.type.items[0]))


@function("array_join")
def array_join(made: Call) -> Typed:
    """The items as texts, NULLs left out or replaced; items that are no texts are cast as CAST(… AS varchar) does."""
    made.expect(2, 3)
    value = _array(made)
    item = value.type.items[0]
    if item != UNKNOWN and not is_varchar(item) and item.items:
        raise made.refusal(f"array_join of an {value.type}", "Join texts, numbers or dates.")
    texts = convert(value, array(VARCHAR)).node
    separator = made.value(1, VARCHAR).node
    if not made.arguments[2:]:
        return Typed(call("trino_array_join", texts, separator), VARCHAR)
    return Typed(call("trino_array_join_with", texts, separator, made.value(2, VARCHAR).node), VARCHAR)


@function("zip")
def zip_arrays(made: Call) -> Typed:
    """Rows of the items at each position; shorter arrays are filled with NULL."""
    made.expect(2, 5)
    values = [_array(made, place) for place in range(len(made.arguments))]
    kind = array(row(tuple(value.type.items[0] for value in values)))
    return Typed(cast(call("list_zip", *(value.node for value in values)), kind), kind)


def _json_path(made: Call, document: Typed) -> exp.Expr:
    """The path. Of a text it may be computed, and name a field in brackets."""
    argument = made.arguments[1]
    if is_varchar(document.type) and not isinstance(argument, exp.Literal):
        return made.value(1, VARCHAR).node
    path = made.literal_text(1, "JSON path")
    if not (_TEXT_PATH if is_varchar(document.type) else _JSON_PATH).fullmatch(path):
        raise made.refusal(f"JSON path '{path}'", "Use $.name and $[0].")
    return text(path)


def _json(made: Call) -> Typed:
    value = made.binder.bind(made.arguments[0])
    if value.type.name != "json" and not is_varchar(value.type):
        raise made.unexpected([value.type])
    return value


@function("json_extract_scalar")
def json_extract_scalar(made: Call) -> Typed:
    """Text, number or boolean as text; NULL for an object or array. Of a text, numbers keep their digits."""
    made.expect(2)
    document = _json(made)
    name = "trino_json_text_scalar" if is_varchar(document.type) else "trino_json_extract_scalar"
    return Typed(call(name, document.node, _json_path(made, document)), VARCHAR)


@function("json_extract")
def json_extract(made: Call) -> Typed:
    """A part of the document, to be taken further apart, or printed."""
    made.expect(2)
    document = _json(made)
    name = _EXTRACT_OF_TEXT if is_varchar(document.type) else "trino_json_extract"
    return Typed(call(name, document.node, _json_path(made, document)), RAW_JSON)


@function("json_parse")
def json_parse(made: Call) -> Typed:
    """The document, to be taken apart. Trino would also sort its keys, so it cannot be printed here."""
    made.expect(1)
    return Typed(call("trino_json_parse", made.value(0, VARCHAR).node), RAW_JSON)


@function("json_format")
def json_format(made: Call) -> Typed:
    """The text of JSON made by CAST(… AS JSON); of parsed JSON Trino prints a canonical form that DuckDB has not."""
    made.expect(1)
    value = made.binder.bind(made.arguments[0])
    if isinstance(value.node, exp.Anonymous) and value.node.name == _EXTRACT_OF_TEXT:
        return Typed(call("trino_json_text_format", *value.node.expressions), VARCHAR)
    if value.type == RAW_JSON:
        raise made.refusal(
            "json_format of parsed JSON", "Keep the text as it was, or take it apart with json_extract_scalar."
        )
    if value.type != JSON:
        raise made.unexpected([value.type])
    return Typed(call("trino_json_text", value.node), VARCHAR)
