"""FROM: tables, views, subqueries, VALUES, UNNEST and joins, each as DuckDB SQL with uniquely named columns.

Every column gets a name that nothing else in the statement has, so DuckDB never has to resolve one: its own rules
(aliases in WHERE, lateral aliases, names before positions) cannot come into play.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sqlglot import exp

from local.athena.errors import StatementFailed
from local.athena.translate.binder import Binder, check_parts
from local.athena.translate.dialect import parse
from local.athena.translate.registry import PARTS
from local.athena.translate.rules.operators import compare
from local.athena.translate.scope import Column, Relation, Scope
from local.athena.translate.statement import CATALOG, Statement, View
from local.athena.translate.typed import Typed, call, cast, column, identifier, number
from local.athena.translate.types import BIGINT, Type, common_super_type

if TYPE_CHECKING:
    from local.athena.translate.query import QueryBinder

PARTS |= {
    exp.Table: frozenset({"this", "db", "catalog", "alias"}),
    exp.Subquery: frozenset({"this", "alias"}),
    exp.Values: frozenset({"expressions", "alias"}),
    exp.Unnest: frozenset({"expressions", "alias", "offset"}),
    exp.Lateral: frozenset({"this", "alias"}),
    exp.Join: frozenset({"this", "on", "using", "kind", "side"}),
    exp.TableAlias: frozenset({"this", "columns"}),
    exp.Tuple: frozenset({"expressions"}),
}
_JOIN_SIDES = {"": "", "LEFT": "LEFT", "RIGHT": "RIGHT", "FULL": "FULL"}


@dataclass
class FromClause:
    """The translated FROM: DuckDB's item with its joins, and the scope it offers."""

    first: exp.Expr
    joins: list[exp.Join]
    relations: list[Relation]


def alias_of(name: str, columns: list[str]) -> exp.TableAlias:
    """`AS name(columns…)`."""
    return exp.TableAlias(this=identifier(name), columns=[identifier(item) for item in columns])


class Relations:
    """Binds the items of one FROM, left to right; UNNEST and LATERAL see what stands before them."""

    def __init__(self, query: QueryBinder, statement: Statement, outer: Scope | None) -> None:
        self.query = query
        self.statement = statement
        self.outer = outer

    def bind(self, select: exp.Select) -> FromClause:
        """The FROM of `select`, with its joins."""
        first = select.args["from_"].this
        node, relation = self.item(first, [])
        made = FromClause(node, [], [relation])
        for join in select.args.get("joins") or []:
            self.join(made, join)
        return made

    def item(self, node: exp.Expr, before: list[Relation]) -> tuple[exp.Expr, Relation]:
        """One item of FROM."""
        if type(node) not in PARTS:
            raise self.query.refused(
                self.statement, node, f"'{node.key}' in FROM", "Use tables, subqueries, VALUES or UNNEST."
            )
        check_parts(node, self.statement)
        alias = node.args.get("alias")
        if isinstance(node, exp.Table):
            return self.table(node)
        if isinstance(node, exp.Subquery):
            return self.derived(node.this, alias, self.outer, node)
        if isinstance(node, exp.Values):
            return self.values(node)
        if isinstance(node, exp.Unnest):
            return self.unnest(node, before)
        if isinstance(node, exp.Lateral) and isinstance(node.this, exp.Subquery):
            made, relation = self.derived(node.this.this, alias, Scope(before, self.outer), node)
            return exp.Lateral(this=made, alias=made.args.pop("alias")), relation
        raise self.query.refused(
            self.statement, node, f"'{node.key}' in FROM", "Use tables, subqueries, VALUES or UNNEST."
        )

    def named(self, relation: Relation, alias: exp.TableAlias | None, node: exp.Expr) -> Relation:
        """`relation` under its alias, with the alias's column names if it has some."""
        if alias is None or not alias.this:
            return relation
        check_parts(alias, self.statement)
        names = [item.name.lower() for item in alias.columns]
        named = relation.with_names(names, self.statement.position(node))
        return Relation((alias.name.lower(),), named.columns)

    def table(self, node: exp.Table) -> tuple[exp.Expr, Relation]:
        """A table, a view, or a query of WITH."""
        name, database = node.name.lower(), node.db.lower()
        alias = node.args.get("alias")
        common = None if database else self.query.find_common(name)
        if common is not None:
            names = [self.statement.new_name("c") for _ in common.columns]
            table = exp.Table(this=identifier(common.name), alias=alias_of(self.statement.new_name("r"), names))
            columns = tuple(
                Column(item.name, Typed(column(n), item.use().type))
                for item, n in zip(common.columns, names, strict=True)
            )
            return table, self.named(Relation((name,), columns), alias, node)
        return self.stored(node, name, database or self.statement.database, alias)

    def stored(
        self, node: exp.Table, name: str, database: str, alias: exp.TableAlias | None
    ) -> tuple[exp.Expr, Relation]:
        """A table or view of the catalog."""
        catalog = (node.catalog or CATALOG).lower()
        if not database:
            raise StatementFailed(
                "MISSING_SCHEMA_NAME",
                "Schema must be specified when session schema is not set",
                self.statement.position(node),
            )
        found = self.statement.catalog.find(database, name) if catalog == CATALOG else None
        if found is None:
            raise self.missing(node, catalog, database, name)
        if isinstance(found, View):
            return self.view(found, alias, node)
        scan = self.statement.scan(found)
        names = [self.statement.new_name("c") for _ in found.columns]
        columns = tuple(
            Column(item.name, Typed(column(n), item.type) if item.type else None, (scan, item.name), item.problem)
            for item, n in zip(found.columns, names, strict=True)
        )
        made = exp.Table(this=identifier(scan.name), alias=alias_of(self.statement.new_name("r"), names))
        return made, self.named(Relation((catalog, database, name), columns), alias, node)

    def missing(self, node: exp.Expr, catalog: str, database: str, name: str) -> StatementFailed:
        """Trino's failure for what is not in the catalog."""
        position = self.statement.position(node)
        if catalog != CATALOG:
            return StatementFailed("CATALOG_NOT_FOUND", f"Catalog '{catalog}' does not exist", position)
        if "$" in name:
            return self.query.refused(
                self.statement, node, f"The metadata table '{name}'", "Read the table's metadata with pyiceberg."
            )
        if not self.statement.catalog.has_database(database):
            return StatementFailed("SCHEMA_NOT_FOUND", f"Schema '{database}' does not exist", position)
        return StatementFailed("TABLE_NOT_FOUND", f"Table '{catalog}.{database}.{name}' does not exist", position)

    def view(self, view: View, alias: exp.TableAlias | None, node: exp.Table) -> tuple[exp.Expr, Relation]:
        """A view's query, unfolded; its columns must still have the types they had when it was made."""
        if f"{view.database}.{view.name}" in self.statement.views:
            raise StatementFailed(
                "VIEW_IS_RECURSIVE", f"View '{view.database}.{view.name}' is recursive", self.statement.position(node)
            )
        made, relation = self.query.fresh().bind(parse(view.sql), None, self.statement.inside(view))
        kinds = [item.use().type for item in relation.columns]
        declared = [kind for _, kind in view.columns]
        if len(kinds) != len(declared) or any(
            common_super_type(a, b) != b for a, b in zip(kinds, declared, strict=True)
        ):
            raise StatementFailed(
                "VIEW_IS_STALE",
                f"View '{view.database}.{view.name}' is stale or in invalid state: its columns have changed",
                self.statement.position(node),
            )
        names = tuple(replace(item, name=name) for item, (name, _) in zip(relation.columns, view.columns, strict=True))
        renamed, fresh = self.rename(made, Relation((CATALOG, view.database, view.name), names))
        return renamed, self.named(fresh, alias, node)

    def derived(
        self, query: exp.Expr, alias: exp.TableAlias | None, outer: Scope | None, node: exp.Expr
    ) -> tuple[exp.Expr, Relation]:
        """A subquery in FROM."""
        made, relation = self.query.bind(query, outer, self.statement)
        renamed, fresh = self.rename(made, Relation((), relation.columns))
        return renamed, self.named(fresh, alias, node)

    def rename(self, made: exp.Expr, relation: Relation) -> tuple[exp.Subquery, Relation]:
        """`(made) AS r(c1, …)`: a relation with column names of its own."""
        names = [self.statement.new_name("c") for _ in relation.columns]
        columns = tuple(
            replace(item, value=Typed(column(n), item.use().type), source=None)
            for item, n in zip(relation.columns, names, strict=True)
        )
        return exp.Subquery(this=made, alias=alias_of(self.statement.new_name("r"), names)), Relation(
            relation.qualifier, columns
        )

    def values(self, node: exp.Values) -> tuple[exp.Expr, Relation]:
        """VALUES (…), (…) as an item of FROM."""
        made, relation = self.query.values(node, self.outer, self.statement)
        renamed, fresh = self.rename(made, relation)
        return renamed, self.named(fresh, node.args.get("alias"), node)

    def unnest(self, node: exp.Unnest, before: list[Relation]) -> tuple[exp.Expr, Relation]:
        """Arrays side by side, padded with NULL; rows unfold into their fields, maps into key and value."""
        binder = Binder(self.statement, Scope(before, self.outer), self.query.bind, "UNNEST")
        lists: list[exp.Expr] = []
        kinds: list[tuple[Type, ...]] = []
        rows: list[bool] = []
        for item in node.expressions:
            value = binder.bind(item)
            if value.type.name not in {"array", "map"}:
                raise binder.failure("INVALID_FUNCTION_ARGUMENT", f"Cannot unnest type: {value.type}", item)
            is_map = value.type.name == "map"
            lists += [call("map_keys", value.node), call("map_values", value.node)] if is_map else [value.node]
            for kind in value.type.items:
                rows.append(kind.name == "row" and not is_map)
                kinds.append(kind.items if rows[-1] else (kind,))
        return self._unnested(node, lists, kinds, rows)

    def _unnested(
        self, node: exp.Unnest, lists: list[exp.Expr], kinds: list[tuple[Type, ...]], rows: list[bool]
    ) -> tuple[exp.Expr, Relation]:
        items = [self.statement.new_name("u") for _ in lists]
        offset = node.args.get("offset")
        inner = [exp.alias_(call("unnest", value), name, quoted=True) for value, name in zip(lists, items, strict=True)]
        if offset:
            longest = call(
                "greatest", *(exp.Coalesce(this=call("len", value.copy()), expressions=[number(0)]) for value in lists)
            )
            inner.append(
                exp.alias_(
                    call("unnest", call("range", number(1), exp.Add(this=longest, expression=number(1)))),
                    "place",
                    quoted=True,
                )
            )
        names: list[str] = []
        outer: list[exp.Expr] = []
        kept: list[Type] = []
        for name, types, is_row in zip(items, kinds, rows, strict=True):
            for place, kind in enumerate(types):
                names.append(self.statement.new_name("c"))
                outer.append(call("struct_extract_at", column(name), number(place + 1)) if is_row else column(name))
                kept.append(kind)
        if offset:
            names.append(self.statement.new_name("c"))
            outer.append(cast(column("place"), BIGINT))
            kept.append(BIGINT)
        rows_of = exp.Subquery(this=exp.select(*inner), alias=alias_of(self.statement.new_name("r"), []))
        made = exp.Lateral(
            this=exp.Subquery(this=exp.select(*outer).from_(rows_of)),
            alias=alias_of(self.statement.new_name("r"), names),
        )
        relation = Relation(
            (), tuple(Column(None, Typed(column(name), kind)) for name, kind in zip(names, kept, strict=True))
        )
        return made, self.named(relation, self._unnest_alias(node), node)

    @staticmethod
    def _unnest_alias(node: exp.Unnest) -> exp.TableAlias | None:
        """The parser moves the last column's name to `offset`; here it is put back."""
        alias, offset = node.args.get("alias"), node.args.get("offset")
        if alias is None or not isinstance(offset, exp.Identifier):
            return alias
        return exp.TableAlias(this=alias.this, columns=[*alias.columns, offset])

    def join(self, made: FromClause, node: exp.Join) -> None:
        """Adds one join: the condition sees both sides, USING merges the columns it names."""
        check_parts(node, self.statement)
        side, kind = (node.args.get("side") or "").upper(), (node.args.get("kind") or "").upper()
        if side not in _JOIN_SIDES or kind not in {"", "INNER", "CROSS", "OUTER"}:
            raise self.query.refused(
                self.statement, node, f"{side} {kind} JOIN".strip(), "Use INNER, LEFT, RIGHT, FULL or CROSS."
            )
        right, relation = self.item(node.this, made.relations)
        on, using = node.args.get("on"), node.args.get("using")
        relations = [*made.relations, relation]
        if on is not None:
            binder = Binder(self.statement, Scope(relations, self.outer), self.query.bind, "JOIN")
            condition = binder.bind_boolean(on, "JOIN ON clause")
            if isinstance(right, exp.Lateral) and not (isinstance(on, exp.Boolean) and on.this):
                raise self.query.refused(
                    self.statement, node, "A condition on a joined UNNEST or LATERAL", "Join ON TRUE and use WHERE."
                )
        elif using:
            condition, relations = self.using(made.relations, relation, using, side)
        else:
            condition = None
            side = ""
        made.joins.append(
            exp.Join(this=right, side=side or None, kind=None if condition is not None else "CROSS", on=condition)
        )
        made.relations = relations

    def using(
        self, left: list[Relation], right: Relation, names: list[exp.Expr], side: str
    ) -> tuple[exp.Expr, list[Relation]]:
        """JOIN … USING (a, b): the named columns come first, once, and have no table any more."""
        conditions, merged, hidden = [], [], []
        for item in names:
            name, position = item.name.lower(), self.statement.position(item)
            found = [Scope(relations).find((name,), position) for relations in (left, [right])]
            if found[0] is None or found[1] is None:
                raise StatementFailed(
                    "COLUMN_NOT_FOUND",
                    f"Column '{name}' is missing from {'left' if found[0] is None else 'right'} side of join",
                    position,
                )
            binder = Binder(self.statement, Scope([]), self.query.bind, "JOIN")
            values = [side_column.use() for side_column in found if side_column]
            kind = binder.common_type(values, item, "Columns of USING")
            conditions.append(compare(binder, exp.EQ(this=item, expression=item), *values).node)
            a, b = (binder.coerce(value, kind, item).node for value in values)
            value = {"RIGHT": b, "FULL": exp.Coalesce(this=a.copy(), expressions=[b.copy()])}.get(side, a)
            merged.append(Column(name, Typed(value.copy(), kind)))
            hidden += [id(side_column) for side_column in found]
        rest = [replace(r, columns=tuple(c for c in r.columns if id(c) not in hidden)) for r in (*left, right)]
        return exp.and_(*conditions), [Relation((), tuple(merged)), *rest]
