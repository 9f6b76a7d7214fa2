"""Parameters of a query: its `?`, replaced by the expressions that EXECUTE or the request gives."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp
from sqlglot.errors import ParseError

from local.athena.errors import StatementFailed
from local.athena.translate.dialect import AthenaSql, parse, tokenize

if TYPE_CHECKING:
    from local.athena.statements import Query


def bind_parameters(query: exp.Expr, values: list[str]) -> exp.Expr:
    """The query with its `?` replaced, in the order in which they are written.

    Raises:
        StatementFailed: `INVALID_PARAMETER_USAGE` for a wrong number, and for values that name columns.
    """
    places = sorted(query.find_all(exp.Placeholder), key=lambda node: int(node.meta["start"]))
    if any(node.this for node in places) or len(places) != len(values):
        message = f"line 1:1: Incorrect number of parameters: expected {len(places)} but found {len(values)}"
        raise StatementFailed("INVALID_PARAMETER_USAGE", message)
    for node, value in zip(places, values, strict=True):
        node.replace(_parameter(value))
    return query


def _parameter(value: str) -> exp.Expr:
    tree = parse_expression(value)
    if tree.find(exp.Column, exp.Query, exp.Placeholder):
        raise StatementFailed("INVALID_PARAMETER_USAGE", "A parameter must be a literal; put texts in single quotes.")
    for node in tree.walk():
        node.meta.pop("start", None)  # its position is in another text
    return tree


def parse_expression(text: str) -> exp.Expr:
    """The tree of one expression.

    Raises:
        StatementFailed: `INVALID_PARAMETER_USAGE` if it is none.
    """
    try:
        found = AthenaSql().parser().parse_into(exp.Condition, tokenize(text), text)
    except (ParseError, StatementFailed) as error:
        raise StatementFailed("INVALID_PARAMETER_USAGE", "A parameter is not an expression.") from error
    tree = found[0] if len(found) == 1 else None
    if tree is None:
        raise StatementFailed("INVALID_PARAMETER_USAGE", "A parameter is not an expression.")
    return tree


def parse_query(query: Query, values: list[str]) -> exp.Expr:
    """The tree of a query, with its parameters replaced."""
    return bind_parameters(parse(query.sql), values)
