"""Queries: WITH, UNION and its kin, VALUES, parentheses. `select.py` does SELECT itself."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sqlglot import exp

from local.athena.errors import StatementFailed, not_proven
from local.athena.translate.binder import Binder, check_parts
from local.athena.translate.ordering import limits, ordered
from local.athena.translate.registry import PARTS
from local.athena.translate.relations import alias_of
from local.athena.translate.scope import Column, Relation, Scope
from local.athena.translate.select import SelectBinder
from local.athena.translate.typed import Typed, column, identifier, number
from local.athena.translate.types import Type, common_super_type

if TYPE_CHECKING:
    from local.athena.translate.statement import Statement

_SET_PARTS = frozenset({"this", "expression", "distinct", "order", "limit", "offset", "with_"})
PARTS |= {
    exp.Union: _SET_PARTS,
    exp.Intersect: _SET_PARTS,
    exp.Except: _SET_PARTS,
    exp.With: frozenset({"expressions"}),
    exp.CTE: frozenset({"this", "alias"}),
}
_QUERY_SUBQUERY = frozenset({"this", "order", "limit", "offset", "with_"})


@dataclass(frozen=True)
class Common:
    """One query of WITH, under the name it has in DuckDB."""

    name: str
    columns: tuple[Column, ...]


class QueryBinder:
    """Binds queries; holds what WITH has defined so far, innermost last."""

    def __init__(self) -> None:
        self._common: list[dict[str, Common]] = []

    @staticmethod
    def fresh() -> QueryBinder:
        """A binder that sees no WITH: for the text of a view."""
        return QueryBinder()

    def find_common(self, name: str) -> Common | None:
        """The query of WITH called `name`, the innermost first."""
        return next((level[name] for level in reversed(self._common) if name in level), None)

    def bind(self, node: exp.Expr, outer: Scope | None, statement: Statement) -> tuple[exp.Expr, Relation]:
        """The DuckDB query for `node`, and the columns it gives.

        Raises:
            StatementFailed: for whatever Trino refuses, and for what is not proven.
        """
        level: dict[str, Common] = {}
        self._common.append(level)
        try:
            ctes = self._with(node.args.get("with_"), level, outer, statement)
            made, relation = self._body(node, outer, statement)
        finally:
            self._common.pop()
        if ctes:
            made.set(
                "with_",
                exp.With(expressions=[*ctes, *(made.args["with_"].expressions if made.args.get("with_") else [])]),
            )
        return made, relation

    def _body(self, node: exp.Expr, outer: Scope | None, statement: Statement) -> tuple[exp.Expr, Relation]:
        if isinstance(node, exp.Select):
            return SelectBinder(self, statement, outer).bind(node)
        if isinstance(node, exp.SetOperation):
            return self._set_operation(node, outer, statement)
        if isinstance(node, exp.Subquery):
            return self._parenthesised(node, outer, statement)
        if isinstance(node, exp.Values):
            return self.values(node, outer, statement)
        raise self.refused(statement, node, f"'{node.key}' as a query", "Write a SELECT.")

    def _with(
        self, node: exp.Expr | None, level: dict[str, Common], outer: Scope | None, statement: Statement
    ) -> list[exp.Expr]:
        """The queries of WITH, each seeing those before it."""
        made: list[exp.Expr] = []
        if node is None:
            return made
        check_parts(node, statement)
        for item in node.expressions:
            check_parts(item, statement)
            query, relation = self.bind(item.this, outer, statement)
            if item.alias.lower() in level:
                raise StatementFailed(
                    "DUPLICATE_NAMED_QUERY",
                    f"WITH query name '{item.alias}' specified more than once",
                    statement.position(item),
                )
            names = [name.name.lower() for name in item.args["alias"].columns]
            columns = relation.with_names(names, statement.position(item)).columns
            name = statement.new_name("with")
            level[item.alias.lower()] = Common(name, columns)
            made.append(exp.CTE(this=query, alias=exp.TableAlias(this=identifier(name))))
        return made

    def _parenthesised(
        self, node: exp.Subquery, outer: Scope | None, statement: Statement
    ) -> tuple[exp.Expr, Relation]:
        """(query) [ORDER BY …] [LIMIT …]."""
        for part, value in node.args.items():
            if value and part not in _QUERY_SUBQUERY:
                raise self.refused(statement, node, f"'{part}' of a query in parentheses", "Leave it out.")
        made, relation = self.bind(node.this, outer, statement)
        if not any(node.args.get(part) for part in ("order", "limit", "offset")):
            return made, relation
        return self._with_order(made, relation, node, statement)

    def _with_order(
        self, made: exp.Expr, relation: Relation, node: exp.Expr, statement: Statement
    ) -> tuple[exp.Expr, Relation]:
        """A query as a whole, ordered and cut: names mean its output columns only."""
        names = [statement.new_name("o") for _ in relation.columns]
        fresh = tuple(
            replace(c, value=Typed(column(n), c.use().type)) for c, n in zip(relation.columns, names, strict=True)
        )
        outer = exp.select(*(column(n) for n in names)).from_(
            exp.Subquery(this=made, alias=alias_of(statement.new_name("r"), names))
        )
        order = node.args.get("order")
        if order:
            binder = Binder(statement, Scope([Relation((), fresh)]), self.bind, "ORDER BY")
            items = [
                ordered(self._ordinal(item.this, fresh, statement) or binder.bind(item.this), item, statement)
                for item in order.expressions
            ]
            outer.set("order", exp.Order(expressions=items))
        limits(outer, node, statement)
        return outer, Relation((), fresh)

    @staticmethod
    def _ordinal(node: exp.Expr, columns: tuple[Column, ...], statement: Statement) -> Typed | None:
        if not (isinstance(node, exp.Literal) and node.is_int):
            return None
        if not 1 <= int(node.this) <= len(columns):
            raise StatementFailed(
                "INVALID_COLUMN_REFERENCE",
                f"ORDER BY position {node.this} is not in select list",
                statement.position(node),
            )
        return Typed(number(int(node.this)), columns[int(node.this) - 1].use().type)

    def _set_operation(
        self, node: exp.SetOperation, outer: Scope | None, statement: Statement
    ) -> tuple[exp.Expr, Relation]:
        """UNION, INTERSECT, EXCEPT: column by column in the types they meet in, named by the first query."""
        check_parts(node, statement)
        sides = [self.bind(side, outer, statement) for side in (node.this, node.expression)]
        left, right = (relation.columns for _, relation in sides)
        kind_of = node.key.upper()
        if len(left) != len(right):
            raise StatementFailed(
                "TYPE_MISMATCH",
                f"{kind_of} query has different number of fields: {len(left)}, {len(right)}",
                statement.position(node),
            )
        kinds = []
        for place, (a, b) in enumerate(zip(left, right, strict=True)):
            kind = common_super_type(a.use().type, b.use().type)
            if kind is None:
                message = (
                    f"column {place + 1} in {kind_of} query has incompatible types: {a.use().type}, {b.use().type}"
                )
                raise StatementFailed("TYPE_MISMATCH", message, statement.position(node))
            kinds.append(kind)
        queries = [self._cast_columns(query, relation, kinds, node, statement) for query, relation in sides]
        made = type(node)(this=queries[0], expression=queries[1], distinct=bool(node.args.get("distinct")))
        columns = tuple(
            replace(c, value=Typed(c.use().node, kind), source=None) for c, kind in zip(left, kinds, strict=True)
        )
        renamed, relation = self._with_order(made, Relation((), columns), node, statement)
        return renamed, relation

    def _cast_columns(
        self, query: exp.Expr, relation: Relation, kinds: list[Type], node: exp.Expr, statement: Statement
    ) -> exp.Expr:
        names = [statement.new_name("c") for _ in relation.columns]
        binder = Binder(statement, Scope([]), self.bind, "UNION")
        items = [
            binder.coerce(Typed(column(name), item.use().type), kind, node).node
            for name, item, kind in zip(names, relation.columns, kinds, strict=True)
        ]
        return exp.select(*items).from_(exp.Subquery(this=query, alias=alias_of(statement.new_name("r"), names)))

    def values(self, node: exp.Values, outer: Scope | None, statement: Statement) -> tuple[exp.Expr, Relation]:
        """VALUES (…), (…): each column in the type its values meet in."""
        binder = Binder(statement, Scope([], outer), self.bind, "VALUES")
        rows = [self._row(item) for item in node.expressions]
        if len({len(row) for row in rows}) != 1:
            raise StatementFailed("TYPE_MISMATCH", "Values rows have mismatched sizes", statement.position(node))
        columns = [binder.bind_common([row[place] for row in rows], "All VALUES rows") for place in range(len(rows[0]))]
        names = [statement.new_name("o") for _ in columns]
        tuples = [exp.Tuple(expressions=[values[place] for values, _ in columns]) for place in range(len(rows))]
        made = exp.select(*(column(name) for name in names)).from_(
            exp.Values(expressions=tuples, alias=alias_of(statement.new_name("r"), names))
        )
        return made, Relation(
            (), tuple(Column(None, Typed(column(name), kind)) for name, (_, kind) in zip(names, columns, strict=True))
        )

    @staticmethod
    def _row(item: exp.Expr) -> list[exp.Expr]:
        items = list(item.expressions) if isinstance(item, exp.Tuple) else [item]
        only = items[0] if len(items) == 1 else None
        return list(only.expressions) if isinstance(only, exp.Anonymous) and only.name.lower() == "row" else items

    @staticmethod
    def refused(statement: Statement, node: exp.Expr, construct: str, alternative: str) -> StatementFailed:
        """The failure of what Athena knows and the proven list does not."""
        return not_proven(construct, alternative, statement.position(node))
