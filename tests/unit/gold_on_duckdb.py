"""Runs the gold models on DuckDB, for tests of what the SQL means.

It translates only what the models use and refuses the rest: the lake's own translation, which serves every statement,
is tested elsewhere, and these tests do not lean on it.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from decimal import ROUND_HALF_UP, Decimal, localcontext
from graphlib import TopologicalSorter
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import duckdb
import pyarrow as pa
import sqlglot
from sqlglot import exp
from watershed.contracts.odcs import read_contracts
from watershed.gold.parse import read_models
from watershed.gold.plan import downstream, waits_for
from watershed.gold.statement import select
from watershed.zones.derive import derive

from local.paths import LAKE

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

CONTRACTS = read_contracts(LAKE / "contracts")
MODELS = read_models(LAKE / "gold", CONTRACTS)
VIEWS = derive(CONTRACTS, MODELS)
TABLES = {table.name: table for contract in CONTRACTS.values() for table in contract.tables}

RATIO = "decimal(38,6)"  # the one type in which the models divide


class DuckLake:
    """Empty silver tables, typed by contract, to be filled; gold tables, to be built."""

    def __init__(self) -> None:
        self.connection = duckdb.connect()
        self.connection.execute("CREATE SCHEMA silver; CREATE SCHEMA gold")
        self.connection.create_function("trino_divide", _divide, [RATIO, RATIO], RATIO)
        self.connection.create_function("shown_in", _shown_in, ["timestamp", "varchar"], "timestamp")
        for table in TABLES.values():
            columns = ", ".join(f'"{column.name}" {column.athena_type}' for column in table.columns)
            self.connection.execute(f'CREATE TABLE silver."{table.name}" ({columns})')

    def fill(self, name: str, rows: Iterable[Mapping[str, str | None]]) -> None:
        """Add rows to a silver table, every value as text; columns that a row does not name are NULL."""
        columns = TABLES[name].columns
        known = {column.name for column in columns}
        kept = [dict(row) for row in rows]
        assert all(set(row) <= known for row in kept), "unknown column"
        text = pa.table({c.name: pa.array([row.get(c.name) for row in kept], pa.string()) for c in columns})
        self.connection.register("incoming", text)
        casts = ", ".join(f'CAST("{column.name}" AS {column.athena_type})' for column in columns)
        self.connection.execute(f'INSERT INTO silver."{name}" SELECT {casts} FROM incoming')
        self.connection.unregister("incoming")

    def build(self, as_of: date, *wanted: str) -> None:
        """Build the wanted models and what they read, or all models, in dependency order."""
        graph = waits_for(MODELS, downstream(MODELS, ()))
        needed = set(wanted or MODELS)
        for name in reversed(list(TopologicalSorter(graph).static_order())):
            if name in needed:
                needed |= graph[name]
        for name in TopologicalSorter(graph).static_order():
            if name in needed:
                sql = to_duckdb(select(MODELS[name], as_of))
                self.connection.execute(f'CREATE OR REPLACE TABLE gold."{name}" AS {sql}')

    def view(self, table: str, zone: str, as_of: date) -> list[tuple[Any, ...]]:
        """The rows of the view of a table, given as `database.table`, in a time zone; by that view's own SQL."""
        return self.rows(to_duckdb(VIEWS[table].within(zone, as_of).sql))

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """The rows of a query in DuckDB's own dialect."""
        found: list[tuple[Any, ...]] = self.connection.execute(sql).fetchall()
        return found


def to_duckdb(sql: str) -> str:
    """The same query for DuckDB, where it means the same; anything else is an error."""
    tree = sqlglot.parse_one(sql, read="trino")
    for kind in tree.find_all(exp.DataType):
        if kind.is_type(exp.DType.TIMESTAMP):
            kind.set("expressions", [])  # DuckDB's have microseconds
    for call in list(tree.find_all(exp.Anonymous)):
        if call.name.upper() == "AT_TIMEZONE":  # DuckDB's zones are what is to be judged, so Python's stand in
            instant, zone = call.expressions
            assert isinstance(instant, exp.Anonymous), "from UTC to a zone only"
            assert instant.name.upper() == "WITH_TIMEZONE", "from UTC to a zone only"
            assert instant.expressions[1].name == "UTC", "from UTC to a zone only"
            call.replace(exp.Anonymous(this="shown_in", expressions=[instant.expressions[0], zone]))
    for node in list(tree.find_all(exp.Div, exp.Avg, exp.DateDiff)):
        if isinstance(node, exp.Div):  # DuckDB divides decimals as binary floats
            assert all(_is_ratio(side) for side in (node.left, node.right)), "divide decimal(38, 6) values only"
            node.replace(exp.Anonymous(this="trino_divide", expressions=[node.left.copy(), node.right.copy()]))
        else:
            assert isinstance(node, exp.DateDiff), "DuckDB averages decimals as binary floats"
            assert node.text("unit").lower() == "day", "other units count boundaries in DuckDB"
    return tree.sql("duckdb")


def _shown_in(utc: datetime, zone: str) -> datetime:
    """What clocks in the zone show, by Python's own zones."""
    return utc.replace(tzinfo=UTC).astimezone(ZoneInfo(zone)).replace(tzinfo=None)


def _is_ratio(node: exp.Expr) -> bool:
    return isinstance(node, exp.Cast) and re.sub(r"\s", "", node.to.sql("trino").lower()) == RATIO


def _divide(left: Decimal, right: Decimal) -> Decimal:
    """Trino's division of decimal(38,6): rounded half up to six digits."""
    with localcontext(prec=80):
        return (left / right).quantize(Decimal("0.000001"), ROUND_HALF_UP)
