"""Conditional expressions: CASE, IF, COALESCE and its family, BETWEEN, IN, LIKE, IS NULL, TRY."""

from __future__ import annotations

import re
from functools import reduce
from typing import TYPE_CHECKING

from sqlglot import exp

from local.athena.translate import macros
from local.athena.translate.binder import check_parts
from local.athena.translate.functions.dispatch import is_aggregate_call
from local.athena.translate.pruning import literal
from local.athena.translate.registry import function, rule
from local.athena.translate.rules.castable import check_castable
from local.athena.translate.rules.casts import convert
from local.athena.translate.rules.operators import compare
from local.athena.translate.typed import Typed, binary, call, case, column, identifier, is_null, number, text
from local.athena.translate.types import (
    BOOLEAN,
    DOUBLE,
    UNKNOWN,
    from_expression,
    is_varchar,
)

if TYPE_CHECKING:
    from local.athena.translate.binder import Binder
    from local.athena.translate.functions.call import Call


@rule(exp.Case, parts="this ifs default")
def case_when(binder: Binder, node: exp.Case) -> Typed:
    """The results meet in one type; a simple CASE compares as IN does."""
    subject = binder.bind(node.this) if node.this else None
    conditions = []
    for branch in node.args["ifs"]:
        if subject is None:
            conditions.append(binder.bind_boolean(branch.this, "CASE WHEN clause"))
        else:
            conditions.append(_identical(binder, node.this, branch.this, subject, binder.bind(branch.this)))
    results = [branch.args["true"] for branch in node.args["ifs"]]
    default = node.args.get("default")
    values, kind = binder.bind_common([*results, default] if default else results, "All CASE results")
    last = values.pop() if default else None
    return Typed(case(*zip(conditions, values, strict=True), default=last), kind)


def _identical(binder: Binder, left: exp.Expr, right: exp.Expr, a: Typed, b: Typed) -> exp.Expr:
    """`left = right`, for IN and the simple CASE. Where both are computed, NaN may or may not be NaN to Trino."""
    if a.type == b.type == DOUBLE and literal(right) is None and literal(left) is None:
        raise binder.refusal("IN or CASE on computed doubles", "Compare with `=`, which says what NaN means.", left)
    return compare(binder, exp.EQ(this=left, expression=right), a, b).node


@rule(exp.If, parts="this true false")
def if_function(binder: Binder, node: exp.If) -> Typed:
    """IF(condition, a[, b])."""
    condition = binder.bind_boolean(node.this, "IF condition")
    results = [branch for branch in (node.args["true"], node.args.get("false")) if branch]
    values, kind = binder.bind_common(results, "Result types for IF")
    return Typed(case((condition, values[0]), default=values[1] if len(values) > 1 else None), kind)


@function("coalesce")
def coalesce(made: Call) -> Typed:
    """The first that is not NULL."""
    made.expect(2, None)
    values, kind = made.binder.bind_common(made.arguments, "All COALESCE operands")
    return Typed(exp.Coalesce(this=values[0], expressions=values[1:]), kind)


@function("nullif")
def nullif(made: Call) -> Typed:
    """The first argument's type is kept; the comparison uses the common one."""
    made.expect(2)
    first, second = (made.binder.bind(argument) for argument in made.arguments)
    equal = compare(made.binder, exp.EQ(this=made.arguments[0], expression=made.arguments[1]), first, second)
    return Typed(case((equal.node, exp.Null()), default=first.node), first.type)


@function("greatest", "least")
def extreme(made: Call) -> Typed:
    """NULL if any argument is NULL; DuckDB leaves NULLs out."""
    made.expect(1, None)
    values, kind = made.binder.bind_common(made.arguments, "All arguments")
    if kind == DOUBLE:
        raise made.binder.refusal(
            f"Function '{made.name}' on doubles", "Use CASE, which says what NaN means.", made.node
        )
    if kind.items:
        raise made.binder.refusal(f"Function '{made.name}' on values of type {kind}", "Compare their parts.", made.node)
    any_null = reduce(lambda a, b: exp.Or(this=a, expression=b), [is_null(value) for value in values])
    return Typed(case((any_null, exp.Null()), default=call(made.name, *values)), kind)


@function("try")
def try_function(made: Call) -> Typed:
    """NULL where the argument fails."""
    made.expect(1)
    value = made.binder.bind(made.arguments[0])
    return _tried(made.binder, value, made.node)


@rule(exp.TryCast, parts="this to")
def try_cast(binder: Binder, node: exp.TryCast) -> Typed:
    """NULL where the cast fails, but not where its argument does: that is bound to a name outside of TRY."""
    value, kind = binder.bind(node.this), from_expression(node.to)
    check_castable(binder, value.type, kind, node)
    if isinstance(value.node, (exp.Column, exp.Literal, exp.Null)):
        return _tried(binder, convert(value, kind), node)
    name = binder.statement.new_name("p")
    tried = _tried(binder, convert(Typed(column(name), value.type), kind), node)
    body = exp.Lambda(this=tried.node, expressions=[identifier(name)])
    listed = call("list_transform", call("list_value", value.node), body)
    return Typed(call("list_extract", listed, number(1)), kind)


def _tried(binder: Binder, value: Typed, node: exp.Expr) -> Typed:
    """TRY fails on what is refused only when its value is seen: it would become NULL."""
    for found in value.node.find_all(exp.Anonymous):
        if found.name in macros.incomplete():
            what = found.name.removeprefix("trino_")
            raise binder.refusal(
                f"TRY around a value that is not proven for every argument ({what})", "Leave TRY out.", node
            )
    if value.node.find(exp.Query, exp.Window) or any(is_aggregate_call(found) for found in node.walk()):
        raise binder.refusal("TRY around a subquery, an aggregate or a window", "Compute it in a subquery.", node)
    return Typed(call("try", value.node), value.type)


@rule(exp.Between, parts="this low high")
def between(binder: Binder, node: exp.Between) -> Typed:
    """`low <= x AND x <= high`, compared in the types those comparisons have."""
    value, low, high = (binder.bind(part) for part in (node.this, node.args["low"], node.args["high"]))
    above = compare(binder, exp.GTE(this=node.this, expression=node.args["low"]), value, low)
    below = compare(binder, exp.LTE(this=node.this, expression=node.args["high"]), value, high)
    return Typed(binary(exp.And, above.node, below.node), BOOLEAN)


@rule(exp.In, parts="this expressions query")
def in_list(binder: Binder, node: exp.In) -> Typed:
    """A list or a subquery, in the type that all of them meet in."""
    query = node.args.get("query")
    if query is None:
        return _in_values(binder, node)
    value = binder.bind(node.this)
    statement, relation = binder.query(query, binder.scope, binder.statement)
    if len(relation.columns) != 1:
        raise binder.failure("TYPE_MISMATCH", "Multiple columns returned by subquery are not yet supported", node)
    item = relation.columns[0].use()
    kind = binder.common_type([value, item], node, "value and result of subquery")
    if kind == DOUBLE or kind.name in {"row", "array", "map", "json"}:
        raise binder.refusal(f"IN (subquery) on values of type {kind}", "Use EXISTS with a comparison.", node)
    rows = exp.select(binder.coerce(item, kind, node).node).from_(exp.Subquery(this=statement, alias=_alias(binder)))
    return Typed(
        exp.Paren(this=exp.In(this=binder.coerce(value, kind, node).node, query=exp.Subquery(this=rows))), BOOLEAN
    )


def _alias(binder: Binder) -> exp.TableAlias:
    return exp.TableAlias(this=exp.to_identifier(binder.statement.new_name("r"), quoted=True))


def _in_values(binder: Binder, node: exp.In) -> Typed:
    nodes = [node.this, *node.expressions]
    values = [binder.bind(part) for part in nodes]
    kind = binder.common_type(values, node, "IN value and list items")
    for part, value in zip(nodes[1:], values[1:], strict=True):
        _identical(binder, node.this, part, values[0], value)
    head, *items = (binder.coerce(value, kind, part).node for value, part in zip(values, nodes, strict=True))
    return Typed(exp.Paren(this=exp.In(this=head, expressions=items)), BOOLEAN)


@rule(exp.Is)
def is_null_rule(binder: Binder, node: exp.Is) -> Typed:
    """Only IS [NOT] NULL: Trino has no IS TRUE."""
    if not isinstance(node.expression, exp.Null):
        raise binder.failure("SYNTAX_ERROR", "mismatched input. Expecting: 'NULL'", node)
    return Typed(exp.Paren(this=is_null(binder.bind(node.this).node)), BOOLEAN)


@rule(exp.Like, parts="this expression negate")
def like(binder: Binder, node: exp.Like) -> Typed:
    """Case counts, `%` and `_` are wild, and a backslash is a backslash unless ESCAPE names it."""
    return _like(binder, node, node.expression, None)


@rule(exp.Escape)
def like_escape(binder: Binder, node: exp.Escape) -> Typed:
    """X LIKE pattern ESCAPE c."""
    inner = node.this
    if not isinstance(inner, exp.Like):
        raise binder.refusal("ESCAPE without LIKE", "Write x LIKE pattern ESCAPE c.", node)
    check_parts(inner, binder.statement)
    return _like(binder, inner, inner.expression, node.expression)


def _like(binder: Binder, node: exp.Like, pattern: exp.Expr, escape: exp.Expr | None) -> Typed:
    sides = [binder.bind(node.this), binder.bind(pattern)]
    for side in sides:
        if not is_varchar(side.type) and side.type != UNKNOWN:
            raise binder.failure(
                "TYPE_MISMATCH", f"Left side of LIKE expression must evaluate to a varchar (actual: {side.type})", node
            )
    made: exp.Expr = exp.Like(this=sides[0].node, expression=sides[1].node)
    if escape is not None:
        made = exp.Escape(this=made, expression=text(_escape_sign(binder, node, pattern, escape)))
    made = exp.Paren(this=made)
    return Typed(exp.Paren(this=exp.Not(this=made)) if node.args.get("negate") else made, BOOLEAN)


def _escape_sign(binder: Binder, node: exp.Expr, pattern: exp.Expr, escape: exp.Expr) -> str:
    """The escape character. It may only stand before a wild card or itself, so the pattern must be known too."""
    written = [part.name for part in (pattern, escape) if isinstance(part, exp.Literal) and part.is_string]
    if len(written) != len((pattern, escape)):
        raise binder.refusal("A computed pattern with ESCAPE", "Write the pattern and the character as literals.", node)
    sign = written[1]
    if len(sign) != 1:
        raise binder.failure("INVALID_FUNCTION_ARGUMENT", "Escape string must be a single character", node)
    if not re.fullmatch(f"(?:{re.escape(sign)}[%_{re.escape(sign)}]|[^{re.escape(sign)}])*", written[0], re.DOTALL):
        message = "Escape character must be followed by '%', '_' or the escape character itself"
        raise binder.failure("INVALID_FUNCTION_ARGUMENT", message, node)
    return sign
