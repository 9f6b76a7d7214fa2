"""Which conditions of WHERE let files go unread: comparisons of a table's own column with literals, joined by AND.

Every row of the result meets them, whatever is joined to the table: a comparison is not true for NULL either.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from sqlglot import exp

from local.athena.translate.rules.names import dotted
from local.athena.translate.statement import Predicate

if TYPE_CHECKING:
    from local.athena.translate.scope import Column, Scope

_OPERATORS: dict[type[exp.Expr], tuple[str, str]] = {  # as written, and with its sides exchanged
    exp.EQ: ("=", "="),
    exp.LT: ("<", ">"),
    exp.LTE: ("<=", ">="),
    exp.GT: (">", "<"),
    exp.GTE: (">=", "<="),
}


def add_predicates(condition: exp.Expr, scope: Scope) -> None:
    """Notes the usable parts of a condition at the scans they concern."""
    if isinstance(condition, exp.Paren):
        add_predicates(condition.this, scope)
    elif isinstance(condition, exp.And):
        add_predicates(condition.left, scope)
        add_predicates(condition.right, scope)
    else:
        for side, operator, values in _comparisons(condition):
            found = _column(side, scope)
            if found is not None and found.source and all(value is not None for value in values):
                scan, name = found.source
                scan.predicates.append(Predicate(name, operator, tuple(values)))


def _comparisons(node: exp.Expr) -> list[tuple[exp.Expr, str, list[object]]]:
    if isinstance(node, exp.Binary) and type(node) in _OPERATORS:
        forward, backward = _OPERATORS[type(node)]
        return [(node.left, forward, [literal(node.right)]), (node.right, backward, [literal(node.left)])]
    if isinstance(node, exp.Between):
        return [(node.this, ">=", [literal(node.args["low"])]), (node.this, "<=", [literal(node.args["high"])])]
    if isinstance(node, exp.In) and not node.args.get("query"):
        return [(node.this, "in", [literal(item) for item in node.expressions])]
    return []


def _column(node: exp.Expr, scope: Scope) -> Column | None:
    """The column of this FROM (not of a query further out) that `node` is."""
    parts = dotted(node)
    if parts is None:
        return None
    found = [c for r in scope.relations if r.matches(parts[:-1]) for c in r.columns if c.name == parts[-1]]
    return found[0] if len(found) == 1 else None


def literal(node: exp.Expr) -> object | None:
    """The value of a literal as Python has it; None for what is none, or NULL."""
    if isinstance(node, exp.Paren):
        return literal(node.this)
    if isinstance(node, exp.Literal):
        if node.is_string:
            return str(node.this)
        return Decimal(node.this)
    if isinstance(node, exp.Neg):
        value = literal(node.this)
        return -value if isinstance(value, Decimal) else None
    if isinstance(node, exp.Cast) and node.meta.get("typed_literal") and isinstance(node.this, exp.Literal):
        return _typed(node.to.this, node.this.name)
    return None


def _typed(kind: exp.DType, text: str) -> object | None:
    try:
        if kind == exp.DType.DATE:
            return date.fromisoformat(text)
        if kind == exp.DType.TIMESTAMP:
            return datetime.fromisoformat(text)
    except ValueError:
        return None
    return None
