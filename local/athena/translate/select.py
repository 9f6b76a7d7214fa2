"""SELECT: its clauses in the order in which Trino gives them meaning."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sqlglot import exp

from local.athena.errors import StatementFailed
from local.athena.translate.binder import Binder, check_parts
from local.athena.translate.functions.dispatch import is_aggregate_call
from local.athena.translate.grouping import Groups
from local.athena.translate.ordering import limits, ordered
from local.athena.translate.pruning import add_predicates
from local.athena.translate.registry import PARTS
from local.athena.translate.relations import FromClause, Relations
from local.athena.translate.rules.names import dotted
from local.athena.translate.scope import Column, Relation, Scope
from local.athena.translate.typed import Typed, column, number

if TYPE_CHECKING:
    from collections.abc import Callable

    from local.athena.translate.query import QueryBinder
    from local.athena.translate.statement import Statement

PARTS[exp.Select] = frozenset(
    [
        "expressions",
        "from_",
        "joins",
        "where",
        "group",
        "having",
        "order",
        "limit",
        "offset",
        "distinct",
        "windows",
        "with_",
        "kind",
        "hint",
    ]
) - {"kind", "hint"}
PARTS[exp.Distinct] = frozenset({"expressions"})


class Output:
    """One item of the select list: its syntax, its value, and the names it goes by."""

    def __init__(self, node: exp.Expr | None, value: Typed, label: str | None) -> None:
        self.node = node  # None for a column that * stands for
        self.value = value
        self.label = label

    @property
    def name(self) -> str | None:
        """The name for references, lower case."""
        return self.label.lower() if self.label else None


class SelectBinder:
    """Binds one SELECT."""

    def __init__(self, query: QueryBinder, statement: Statement, outer: Scope | None) -> None:
        self.query = query
        self.statement = statement
        self.outer = outer

    def bind(self, node: exp.Select) -> tuple[exp.Expr, Relation]:
        """The DuckDB SELECT, and the columns it gives."""
        check_parts(node, self.statement)
        if not node.expressions:
            raise StatementFailed("SYNTAX_ERROR", "mismatched input '<EOF>'", self.statement.position(node))
        made = exp.Select()
        source = Relations(self.query, self.statement, self.outer).bind(node) if node.args.get("from_") else None
        scope = Scope(source.relations if source else [], self.outer)
        where = self._where(node, scope)
        named = self._named_windows(node)
        plain = Binder(self.statement, scope, self.query.bind, "SELECT", named_windows=named)
        groups = self._groups(node, plain)
        if groups:
            binder = groups.binder(named)
            self._grouped_source(made, source, where, groups)
        else:
            binder = plain
            binder.windows = True
            self._plain_source(made, source, where)
        outputs = self._outputs(node, binder)
        names = [self.statement.new_name("o") for _ in outputs]
        made.set(
            "expressions",
            [exp.alias_(item.value.node, name, quoted=True) for item, name in zip(outputs, names, strict=True)],
        )
        if node.args.get("having"):
            made.set("having", exp.Having(this=self._having(node, binder, groups)))
        distinct = node.args.get("distinct")
        if distinct:
            check_parts(distinct, self.statement)
            made.set("distinct", exp.Distinct())
        self._order(made, node, binder, outputs, is_distinct=bool(distinct))
        limits(made, node, self.statement)
        columns = tuple(
            Column(item.name, Typed(column(name), item.value.type), label=item.label)
            for item, name in zip(outputs, names, strict=True)
        )
        return made, Relation((), columns)

    def _where(self, node: exp.Select, scope: Scope) -> exp.Expr | None:
        where = node.args.get("where")
        if where is None:
            return None
        condition = Binder(self.statement, scope, self.query.bind, "WHERE").bind_boolean(where.this, "WHERE clause")
        add_predicates(where.this, scope)
        return condition

    def _groups(self, node: exp.Select, plain: Binder) -> Groups | None:
        """How rows are grouped: by GROUP BY, or all into one if there is an aggregate."""
        group = node.args.get("group")
        clauses = [*node.expressions, node.args.get("having"), node.args.get("order")]
        if (
            group is None
            and not node.args.get("having")
            and not any(self._aggregates(clause) for clause in clauses if clause)
        ):
            return None
        groups = Groups(self.statement, plain)
        if group is not None:
            groups.read(group, self._item_at(node))
        return groups

    def _item_at(self, node: exp.Select) -> Callable[[exp.Expr, str], exp.Expr]:
        def item(ordinal: exp.Expr, clause: str) -> exp.Expr:
            place = int(ordinal.this)
            if not 1 <= place <= len(node.expressions) or any(
                isinstance(e, exp.Star) for e in node.expressions[:place]
            ):
                message = f"{clause} position {place} is not in select list"
                raise StatementFailed("INVALID_COLUMN_REFERENCE", message, self.statement.position(ordinal))
            found: exp.Expr = node.expressions[place - 1]
            inner: exp.Expr = found.this if isinstance(found, exp.Alias) else found
            return inner

        return item

    @staticmethod
    def _aggregates(node: exp.Expr) -> bool:
        """Whether an aggregate function is called in `node`, subqueries left out."""
        return any(is_aggregate_call(found) for found in node.walk(prune=lambda n: isinstance(n, exp.Query)))

    def _plain_source(self, made: exp.Select, source: FromClause | None, where: exp.Expr | None) -> None:
        if source:
            made.set("from_", exp.From(this=source.first))
            made.set("joins", source.joins)
        if where is not None:
            made.set("where", exp.Where(this=where))

    def _grouped_source(
        self, made: exp.Select, source: FromClause | None, where: exp.Expr | None, groups: Groups
    ) -> None:
        """All rows with their group keys beside them; the SELECT around it groups by those."""
        if not groups.keys:
            self._plain_source(made, source, where)
            return
        keys = [exp.alias_(key.node, name, quoted=True) for name, key in groups.keys.values()]
        inner = exp.Select()
        inner.set("expressions", [*([exp.Star()] if source else []), *keys])
        self._plain_source(inner, source, where)
        alias = exp.TableAlias(this=exp.to_identifier(self.statement.new_name("r"), quoted=True))
        made.set("from_", exp.From(this=exp.Subquery(this=inner, alias=alias)))
        made.set("group", groups.clause())

    def _named_windows(self, node: exp.Select) -> dict[str, exp.Window]:
        return {window.this.name.lower(): window for window in node.args.get("windows") or []}

    def _having(self, node: exp.Select, binder: Binder, groups: Groups | None) -> exp.Expr:
        having = node.args["having"]
        if groups is None:
            raise binder.failure("GENERIC_INTERNAL_ERROR", "HAVING without groups", having)
        windows, binder.windows = binder.windows, False
        condition = binder.bind_boolean(having.this, "HAVING clause")
        binder.windows = windows
        return condition

    def _outputs(self, node: exp.Select, binder: Binder) -> list[Output]:
        outputs: list[Output] = []
        for item in node.expressions:
            star = self._star(item, binder)
            if star is not None:
                outputs += [
                    Output(None, binder.scope.take(c, self.statement.position(item)).use(), c.name) for c in star
                ]
                continue
            label, inner = None, item
            if isinstance(item, exp.Alias):
                label, inner = item.alias, item.this
            elif isinstance(item, (exp.Column, exp.Dot)) and dotted(item):
                label = item.parts[-1].name if isinstance(item, exp.Column) else item.expression.name
            outputs.append(Output(inner, binder.bind(inner), label))
        return outputs

    def _star(self, item: exp.Expr, binder: Binder) -> list[Column] | None:
        """The columns of `*` or `t.*`; None if `item` is neither."""
        star = (
            item
            if isinstance(item, exp.Star)
            else item.this
            if isinstance(item, exp.Column) and isinstance(item.this, exp.Star)
            else None
        )
        if star is None:
            return None
        if any(star.args.values()):
            raise binder.failure("SYNTAX_ERROR", "mismatched input after '*'", item)
        prefix = tuple(part.name.lower() for part in item.parts[:-1]) if isinstance(item, exp.Column) else ()
        columns = binder.scope.columns(prefix)
        if not columns:
            if prefix:
                raise binder.failure("TABLE_NOT_FOUND", f"Table '{'.'.join(prefix)}' not found", item)
            raise binder.failure("COLUMN_NOT_FOUND", "SELECT * not allowed in queries without FROM clause", item)
        return columns

    def _order(
        self, made: exp.Select, node: exp.Select, binder: Binder, outputs: list[Output], *, is_distinct: bool
    ) -> None:
        order = node.args.get("order")
        if order is None:
            return
        check_parts(order, self.statement)
        items = []
        binder = replace(binder, clause="ORDER BY")
        for item in order.expressions:
            check_parts(item, self.statement)
            value = self._order_item(item.this, binder, outputs, is_distinct=is_distinct)
            items.append(ordered(value, item, self.statement))
        made.set("order", exp.Order(expressions=items))

    def _order_item(self, node: exp.Expr, binder: Binder, outputs: list[Output], *, is_distinct: bool) -> Typed:
        """A position, an output column by name, or an expression in which output names come before columns."""
        if isinstance(node, exp.Literal) and node.is_int:
            if not 1 <= int(node.this) <= len(outputs):
                raise binder.failure(
                    "INVALID_COLUMN_REFERENCE", f"ORDER BY position {node.this} is not in select list", node
                )
            return _at(outputs, int(node.this) - 1)
        parts = dotted(node)
        if parts and len(parts) == 1:
            places = [place for place, item in enumerate(outputs) if item.name == parts[0]]
            if len(places) > 1 and len({outputs[p].value.node.sql("duckdb") for p in places}) > 1:
                raise binder.failure("AMBIGUOUS_NAME", f"Column '{parts[0]}' is ambiguous", node)
            if places:
                return _at(outputs, places[0])
        value = binder.bind(self._with_outputs(node, outputs))
        for place, item in enumerate(outputs):
            if item.value.node.sql("duckdb") == value.node.sql("duckdb"):
                return _at(outputs, place)
        if is_distinct:
            raise binder.failure(
                "EXPRESSION_NOT_IN_DISTINCT",
                "For SELECT DISTINCT, ORDER BY expressions must appear in select list",
                node,
            )
        return value

    @staticmethod
    def _with_outputs(node: exp.Expr, outputs: list[Output]) -> exp.Expr:
        """`node` with the names of output columns replaced by what those stand for."""
        known = {item.name: item.node for item in outputs if item.name and item.node is not None}

        def meaning(found: exp.Expr) -> exp.Expr:
            parts = dotted(found) if isinstance(found, exp.Column) else None
            inner = known.get(parts[0]) if parts and len(parts) == 1 else None
            return exp.Paren(this=inner.copy()) if inner is not None and inner != found else found

        return node.copy().transform(meaning)


def _at(outputs: list[Output], place: int) -> Typed:
    """The output column at that place, by its number."""
    return Typed(number(place + 1), outputs[place].value.type)
