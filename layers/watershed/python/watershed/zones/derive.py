"""Makes the views: of contracts and models, nothing else. It needs sqlglot and runs at synth.

A silver table's view shows its timestamps in local time. A model's view is the model's own SQL, asked for local days:
each timestamp is made local at the place where its day or hour is asked for, and nowhere else, so that what is
compared, ordered or subtracted stays an instant. A model that it reads and whose days it uses is put in as a subquery,
made the same way; a model whose rows are the same everywhere, such as `sales`, is read from its own table. What has
neither days nor times is the same in every zone and has no view.
"""

from __future__ import annotations

from dataclasses import dataclass
from graphlib import TopologicalSorter
from typing import TYPE_CHECKING

import sqlglot
from sqlglot import exp

from watershed import names
from watershed.contracts.model import Kind
from watershed.gold import query
from watershed.gold.masking import masked_models
from watershed.gold.model import AS_OF_PLACE
from watershed.gold.plan import waits_for
from watershed.zones import calendar
from watershed.zones.view import AS_OF, TIME_ZONE, ViewColumn, ZonedView

if TYPE_CHECKING:
    from collections.abc import Mapping

    from watershed.contracts.model import Column, Contract
    from watershed.gold.model import GoldModel

MADE = "made"  # what the wrapped query is called
_SILVER_TIMESTAMP, _GOLD_TIMESTAMP = "timestamp(6)", "timestamp(3)"  # Iceberg's, and Parquet's in Athena


@dataclass(frozen=True)
class _Local:
    """A model in local time.

    Attributes:
        tree: Its SQL, asked for local days and cast as its header says; the timestamps that it puts out are UTC still.
        moved: Its columns that are not the same in every zone.
    """

    tree: exp.Query
    moved: frozenset[str]


def derive(contracts: Mapping[str, Contract], models: Mapping[str, GoldModel]) -> dict[str, ZonedView]:
    """The view of each table that has days or times, by the table as `database.table`.

    Args:
        contracts: All of the lake's, by name.
        models: All of its gold models, by name; they passed lint.
    """
    silver = {f"{names.SILVER_DB}.{view.table}": view for view in _silver(contracts)}
    tables = _tables(contracts, models)
    local: dict[str, _Local] = {}
    masked = masked_models(contracts.values())  # their hashes are of what silver holds: their views show their tables
    for name in TopologicalSorter(waits_for(models, models)).static_order():
        if name not in masked:
            local[f"{names.GOLD_DB}.{name}"] = _localized(models[name], tables, local)
    gold = {}
    for name, model in models.items():
        table = f"{names.GOLD_DB}.{name}"
        if (table in local and local[table].moved) or any(
            _trino_type(column.type) == _GOLD_TIMESTAMP for column in model.columns
        ):
            gold[table] = _gold(model, local.get(table))
    return {**silver, **gold}


def _tables(contracts: Mapping[str, Contract], models: Mapping[str, GoldModel]) -> query.Tables:
    tables: query.Tables = {
        f"{names.SILVER_DB}.{table.name}": {each.name: each.athena_type for each in table.columns}
        for contract in contracts.values()
        for table in contract.tables
    }
    for model in models.values():
        tables[f"{names.GOLD_DB}.{model.name}"] = {each.name: each.type for each in model.columns}
    return tables


def _silver(contracts: Mapping[str, Contract]) -> list[ZonedView]:
    return [
        ZonedView(
            names.SILVER_DB,
            table.name,
            table.description,
            contract.owner,
            tuple(ViewColumn(each.name, _silver_type(each), each.description) for each in table.columns),
            exp.select(*(_shown(each.name, _silver_type(each)) for each in table.columns))
            .from_(exp.table_(table.name, db=names.SILVER_DB, quoted=True))
            .sql(query.DIALECT, pretty=True),
        )
        for contract in contracts.values()
        for table in contract.tables
        if any(each.kind is Kind.TIMESTAMP for each in table.columns)
    ]


def _gold(model: GoldModel, local: _Local | None) -> ZonedView:
    """The view of one model: over its own SQL if days matter to it, else over its table."""
    columns = tuple(ViewColumn(each.name, _trino_type(each.type), each.comment) for each in model.columns)
    made = local.tree.subquery(MADE) if local and local.moved else exp.table_(model.name, db=names.GOLD_DB, quoted=True)
    select = exp.select(*(_shown(each.name, each.type) for each in columns)).from_(made)
    return ZonedView(
        names.GOLD_DB, model.name, model.comment, model.owner, columns, select.sql(query.DIALECT, pretty=True)
    )


def _localized(model: GoldModel, tables: query.Tables, local: Mapping[str, _Local]) -> _Local:
    """A model in local time, when all that it reads is."""
    tree: exp.Query = sqlglot.parse_one(model.sql.replace(AS_OF_PLACE, f"CAST('{AS_OF}' AS date)"), read=query.DIALECT)  # type: ignore[assignment]  # lint saw one SELECT
    resolved = query.resolve(tree, tables)
    upstream = {name: local[name] for name in model.reads if name in local and local[name].moved}
    moved_above = frozenset(column for each in upstream.values() for column in each.moved)
    asked = calendar.operands(resolved)
    used = [column for column in resolved.find_all(exp.Column) if column.name in moved_above]
    moved, rowwise = _moved(resolved, [*asked, *used])
    for operand in asked:
        operand.replace(_in_zone(operand.copy(), _SILVER_TIMESTAMP))
    over_table = _over_table(model, resolved, moved) if rowwise else None
    if over_table is not None:
        return _Local(over_table, moved)
    if moved:
        for table in list(resolved.find_all(exp.Table)):
            read = upstream.get(f"{table.db}.{table.name}")
            if read:
                table.replace(read.tree.copy().subquery(table.alias_or_name, copy=False))
    return _Local(_cast(model, resolved), moved)


def _moved(tree: exp.Query, touched: list[exp.Expr]) -> tuple[frozenset[str], bool]:
    """The outputs that differ from zone to zone, and whether the rows are the same in each.

    All outputs differ if rows are grouped or chosen by what was touched; else those with a touched part.
    """
    outputs = {id(node): select.output_name for select in tree.selects for node in select.walk()}
    rowwise = isinstance(tree, exp.Select) and not tree.args.get("group") and not tree.args.get("distinct")
    if rowwise and all(id(node) in outputs for node in touched):
        return frozenset(outputs[id(node)] for node in touched), True
    return frozenset(tree.named_selects), False


def _over_table(model: GoldModel, tree: exp.Query, moved: frozenset[str]) -> exp.Select | None:
    """The model in local time, worked out from its own table; None if that does not hold what a moved column needs.

    Who may read gold alone can read it then, and what reads it is as of the same refresh.
    """
    passed = {each.unalias().sql(): each.output_name for each in tree.selects if isinstance(each.unalias(), exp.Column)}
    columns: list[exp.Expr] = []
    for described, select in zip(model.columns, tree.selects, strict=True):
        column = exp.column(described.name, quoted=True)
        if described.name in moved:
            value = exp.cast(select.unalias().copy(), described.type, dialect=query.DIALECT)
            for read in list(value.find_all(exp.Column)):
                if read.sql() not in passed:
                    return None
                read.replace(exp.column(passed[read.sql()], quoted=True))
            columns.append(exp.alias_(value, described.name, quoted=True))
        else:
            columns.append(column)
    return exp.select(*columns).from_(exp.table_(model.name, db=names.GOLD_DB, quoted=True))


def _cast(model: GoldModel, tree: exp.Query) -> exp.Select:
    """The query, its columns cast as the model's header says: what the model's table would hold."""
    columns = [
        exp.alias_(
            exp.cast(exp.column(each.name, quoted=True), each.type, dialect=query.DIALECT), each.name, quoted=True
        )
        for each in model.columns
    ]
    return exp.select(*columns).from_(tree.subquery(MADE))


def _shown(name: str, kind: str) -> exp.Expr:
    """A column as the view shows it."""
    column = exp.column(name, quoted=True)
    if kind not in {_SILVER_TIMESTAMP, _GOLD_TIMESTAMP}:
        return column
    return exp.alias_(_in_zone(column, kind), name, quoted=True)


def _in_zone(utc: exp.Expr, kind: str) -> exp.Expr:
    """What clocks in the zone show at a UTC timestamp; whatever zone a client's session is in."""
    instant = exp.func("WITH_TIMEZONE", utc, exp.Literal.string("UTC"), dialect=query.DIALECT)
    local = exp.AtTimeZone(this=instant, zone=exp.Literal.string(TIME_ZONE))
    return exp.cast(local, kind, dialect=query.DIALECT)


def _silver_type(column: Column) -> str:
    if column.kind is Kind.TIMESTAMP:
        return _SILVER_TIMESTAMP
    return "varchar" if column.kind is Kind.STRING else column.athena_type


def _trino_type(kind: str) -> str:
    return _GOLD_TIMESTAMP if kind == "timestamp" else kind
