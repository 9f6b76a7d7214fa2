"""ORDER BY items and LIMIT: NULLs come last unless the statement says otherwise, upwards and downwards."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from local.athena.errors import StatementFailed, not_proven
from local.athena.translate.binder import check_parts
from local.athena.translate.registry import PARTS
from local.athena.translate.types import DOUBLE

if TYPE_CHECKING:
    from local.athena.translate.statement import Statement
    from local.athena.translate.typed import Typed

PARTS |= {
    exp.Limit: frozenset({"expression"}),
    exp.Fetch: frozenset({"direction", "count", "limit_options"}),
    exp.Offset: frozenset({"expression"}),
    exp.Ordered: frozenset({"this", "desc", "nulls_first"}),
    exp.Order: frozenset({"expressions"}),
}


def ordered(value: Typed, item: exp.Ordered, statement: Statement) -> exp.Ordered:
    """`value` in the direction of `item`. DuckDB is always told where NULLs go.

    Raises:
        StatementFailed: for a type that has no order, or whose order depends on NULLs inside, on which Trino fails.
    """
    if value.type.name in {"map", "json"}:
        message = f"Type {value.type} is not orderable, and therefore cannot be used in ORDER BY"
        raise StatementFailed("TYPE_MISMATCH", message, statement.position(item.this))
    if value.type.items:
        raise not_proven(f"ORDER BY {value.type}", "Order by its parts.", statement.position(item.this))
    if value.type == DOUBLE and item.args.get("nulls_first"):
        construct = "NULLS FIRST on doubles, where Trino moves NaN to the other end,"
        raise not_proven(construct, "Order by `x IS NOT NULL` first.", statement.position(item.this))
    node, reverse, first = value.node, item.args.get("desc"), item.args.get("nulls_first")
    return exp.Ordered(this=node, desc=bool(reverse), nulls_first=bool(first))


def limits(made: exp.Expr, node: exp.Expr, statement: Statement) -> None:
    """Copies OFFSET and LIMIT (or FETCH FIRST n ROWS ONLY) of `node` to `made`.

    Raises:
        StatementFailed: for a computed number, or WITH TIES.
    """
    limit, offset = node.args.get("limit"), node.args.get("offset")
    if limit is not None:
        check_parts(limit, statement)
        options = limit.args.get("limit_options")
        if options is not None and any(options.args.get(part) for part in ("percent", "with_ties")):
            raise not_proven("FETCH with PERCENT or TIES", "Use LIMIT.", statement.position(node))
        count = limit.expression if isinstance(limit, exp.Limit) else limit.args.get("count")
        if not (isinstance(count, exp.Var) and count.name.upper() == "ALL"):
            made.set("limit", exp.Limit(expression=_whole(count, statement, node)))
    if offset is not None:
        check_parts(offset, statement)
        made.set("offset", exp.Offset(expression=_whole(offset.expression, statement, node)))


def _whole(node: exp.Expr | None, statement: Statement, around: exp.Expr) -> exp.Expr:
    if isinstance(node, exp.Literal) and node.is_int:
        return node.copy()
    if isinstance(node, exp.Neg):
        raise StatementFailed("SYNTAX_ERROR", "mismatched input '-'", statement.position(node))
    raise not_proven("A computed LIMIT or OFFSET", "Write a number.", statement.position(around))
