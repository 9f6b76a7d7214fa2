"""The translation of one query: text and catalog in, DuckDB SQL and result types out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlglot.errors import ErrorLevel, UnsupportedError

from local.athena.errors import StatementFailed, not_proven
from local.athena.translate import proven
from local.athena.translate.query import QueryBinder
from local.athena.translate.statement import Scan, Statement
from local.athena.translate.types import Type

if TYPE_CHECKING:
    from datetime import datetime

    from sqlglot import exp

    from local.athena.translate.statement import Catalog


@dataclass(frozen=True)
class Translation:
    """A query for DuckDB.

    Args:
        sql: One DuckDB SELECT. It reads a view for each scan, called `Scan.name`.
        columns: Names and Trino types of the result, in order; unnamed ones are `_col0`, `_col1`, ….
        scans: The tables it reads.
    """

    sql: str
    columns: tuple[tuple[str, Type], ...]
    scans: tuple[Scan, ...]


def translate_query(query: exp.Expr, sql: str, catalog: Catalog, database: str, now: datetime) -> Translation:
    """Translate a parsed query.

    Args:
        query: From `dialect.parse`; parameters replaced by their values.
        sql: The text it was parsed from, for positions.
        catalog: Where tables are looked up.
        database: For names without one; may be empty.
        now: What `current_timestamp` is: UTC.

    Raises:
        StatementFailed: for whatever Trino refuses, and for what is not proven equal.
    """
    assert proven.RULES  # noqa: S101 - imported for what it registers
    statement = Statement(sql, catalog, database, now)
    try:
        made, relation = QueryBinder().bind(query, None, statement)
        text = made.sql("duckdb", unsupported_level=ErrorLevel.RAISE)
    except UnsupportedError as error:
        raise not_proven("A construct of this query", "Write it with the documented functions.") from error
    except RecursionError as error:
        raise StatementFailed("STACK_OVERFLOW", "statement is too large (stack overflow during analysis)") from error
    columns = tuple((c.label or f"_col{place}", c.use().type) for place, c in enumerate(relation.columns))
    return Translation(text, columns, tuple(statement.scans.values()))
