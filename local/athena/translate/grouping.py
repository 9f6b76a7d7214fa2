"""GROUP BY: its keys, and what an expression of a grouped query may refer to."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sqlglot import exp

from local.athena.errors import StatementFailed
from local.athena.translate.binder import Binder, check_parts
from local.athena.translate.functions.dispatch import AGGREGATION
from local.athena.translate.registry import AGGREGATES, PARTS
from local.athena.translate.scope import Column, Scope
from local.athena.translate.typed import Typed, column

if TYPE_CHECKING:
    from collections.abc import Callable

    from local.athena.errors import Position
    from local.athena.translate.statement import Statement

PARTS |= {
    exp.Group: frozenset({"expressions"}),
    exp.GroupingSets: frozenset({"expressions"}),
    exp.Rollup: frozenset({"expressions"}),
    exp.Cube: frozenset({"expressions"}),
}
_UNGROUPABLE = ("map", "json")


class Groups:
    """The group keys of one SELECT, by the DuckDB text of the key: (generated name, key)."""

    def __init__(self, statement: Statement, source: Binder) -> None:
        self.statement = statement
        self.source = source
        self.keys: dict[str, tuple[str, Typed]] = {}
        self._clause = exp.Group()

    def read(self, group: exp.Group, item_at: Callable[[exp.Expr, str], exp.Expr]) -> None:
        """Takes in GROUP BY; numbers are positions of the select list."""
        check_parts(group, self.statement)
        self._clause.set("expressions", [made for item in group.expressions for made in self._element(item, item_at)])

    def _element(self, item: exp.Expr, item_at: Callable[[exp.Expr, str], exp.Expr]) -> list[exp.Expr]:
        """One element of GROUP BY: a key, several in parentheses, or several sets of keys."""
        if isinstance(item, exp.Tuple):
            return [self._key(part, item_at) for part in item.expressions]
        if not isinstance(item, (exp.GroupingSets, exp.Rollup, exp.Cube)):
            return [self._key(item.this if isinstance(item, exp.Paren) else item, item_at)]
        check_parts(item, self.statement)
        return [type(item)(expressions=[self._set(several, item_at) for several in item.expressions])]

    def _set(self, item: exp.Expr, item_at: Callable[[exp.Expr, str], exp.Expr]) -> exp.Expr:
        """One set of keys: `(a, b)`, `(a)`, `a` or `()`."""
        if isinstance(item, exp.Tuple):
            return exp.Tuple(expressions=[self._key(part, item_at) for part in item.expressions])
        if isinstance(item, exp.Paren):
            return exp.Tuple(expressions=[self._key(item.this, item_at)])
        return self._key(item, item_at)

    def _key(self, item: exp.Expr, item_at: Callable[[exp.Expr, str], exp.Expr]) -> exp.Expr:
        node = item_at(item, "GROUP BY") if isinstance(item, exp.Literal) and item.is_int else item
        key = replace(self.source, clause="GROUP BY").bind(node)
        if key.type.name in _UNGROUPABLE:
            raise StatementFailed(
                "TYPE_MISMATCH",
                f"{key.type} is not comparable, and therefore cannot be used in GROUP BY",
                self.statement.position(item),
            )
        text = key.node.sql("duckdb")
        name, _ = self.keys.setdefault(text, (self.statement.new_name("g"), key))
        return column(name)

    def clause(self) -> exp.Group:
        """GROUP BY over the generated names."""
        return self._clause

    def binder(self, named_windows: dict[str, exp.Window]) -> Binder:
        """The binder for the select list, HAVING and ORDER BY."""
        scope = Scope(self.source.scope.relations, self.source.scope.parent, self._translate)
        return Binder(
            self.statement,
            scope,
            self.source.query,
            "SELECT",
            aggregates=replace(self.source, clause=AGGREGATION),
            windows=True,
            group_key=self._whole_key,
            named_windows=named_windows,
        )

    def _whole_key(self, node: exp.Expr) -> Typed | None:
        """The key that `node` as a whole equals."""
        if not self.keys or isinstance(node, (exp.Literal, exp.Null, exp.Boolean)) or _is_composed(node):
            return None
        try:
            value = self.source.bind(node)
        except StatementFailed:
            return None
        found = self.keys.get(value.node.sql("duckdb"))
        return Typed(column(found[0]), value.type) if found else None

    def _translate(self, item: Column, position: Position | None) -> Column:
        """A column outside of aggregate functions must be a key."""
        found = self.keys.get(item.use().node.sql("duckdb"))
        if found is None:
            message = f"'{item.name}' must be an aggregate expression or appear in GROUP BY clause"
            raise StatementFailed("EXPRESSION_NOT_AGGREGATE", message, position)
        return replace(item, value=Typed(column(found[0]), item.use().type))


def _is_composed(node: exp.Expr) -> bool:
    """Whether there is an aggregate, a window or a subquery in it: no key can equal that."""
    return any(
        isinstance(found, (exp.Query, exp.Window, exp.Filter, exp.GroupConcat))
        or (isinstance(found, exp.Anonymous) and found.name.lower() in AGGREGATES)
        for found in node.walk()
    )
