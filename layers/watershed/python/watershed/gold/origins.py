"""Which columns of the lake an output column can give away: the reason a gold column counts as personal data."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

from sqlglot import exp

if TYPE_CHECKING:
    from sqlglot.optimizer.scope import Scope

Origin = tuple[str, str]  # (table as `database.table`, column)


def origins(scope: Scope, place: int, scopes: list[Scope]) -> frozenset[Origin]:
    """The lake's columns that the output at `place` (0-based) of a query is worked out from, through every subquery.

    A column that is only counted gives nothing away. What is compared or filtered elsewhere in the query is not
    followed: it shapes which rows there are, not what they say.

    Args:
        scope: The query, with every column's table resolved.
        place: Which of its outputs.
        scopes: All scopes of the statement, from `traverse_scope`.
    """
    if scope.set_operation_scopes:
        return frozenset(chain.from_iterable(origins(part, place, scopes) for part in scope.set_operation_scopes))
    if not isinstance(scope.expression, exp.Select):  # a table function: everything that goes into it
        return _behind(scope.expression, scopes)
    return _behind(scope.expression.selects[place], scopes)


def _behind(expression: exp.Expr, scopes: list[Scope]) -> frozenset[Origin]:
    found: set[Origin] = set()
    for column in expression.find_all(exp.Column):
        if _is_counted(column, expression):
            continue
        source = _source(column, scopes)
        if isinstance(source, exp.Table):
            found.add((f"{source.db}.{source.name}", column.name))
        elif source is not None:
            found |= origins(source, _place(column.name, source), scopes)
    return frozenset(found)


def _is_counted(column: exp.Column, within: exp.Expr) -> bool:
    node: exp.Expr | None = column
    while node is not None and node is not within.parent:
        if isinstance(node, exp.Count):
            return True
        node = node.parent
    return False


def _source(column: exp.Column, scopes: list[Scope]) -> exp.Table | Scope | None:
    """What a column's table name stands for: looked up in its own query, then in those around it."""
    node: exp.Expr | None = column
    while node is not None:
        for scope in scopes:
            if scope.expression is node and column.table in scope.sources:
                source: exp.Table | Scope = scope.sources[column.table]
                return source
        node = node.parent
    return None


def _place(name: str, scope: Scope) -> int:
    """Where a query puts out the column called `name`; 0 for a table function, whose outputs are one."""
    return scope.expression.named_selects.index(name) if isinstance(scope.expression, exp.Query) else 0
