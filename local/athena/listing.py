"""SHOW and DESCRIBE: what the catalog holds, as lines of text."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from local.athena.catalog import VIEW_TYPE
from local.athena.errors import StatementFailed
from local.athena.outcome import Outcome, Request, Row
from local.athena.translate.types import VARCHAR

if TYPE_CHECKING:
    from local.athena.catalog import GlueCatalog
    from local.athena.statements import Show

_COLUMNS = {
    "databases": ["database_name"],
    "tables": ["tab_name"],
    "views": ["views"],
    "columns": ["field"],
    "partitions": ["partition"],
    "describe": ["col_name", "data_type", "comment"],
}


def show(statement: Show, request: Request, catalog: GlueCatalog) -> Outcome:
    """Answer a SHOW or DESCRIBE.

    Raises:
        StatementFailed: for a database or table that does not exist.
    """
    database = (statement.name.database if statement.name else "") or request.database
    if statement.what == "databases":
        rows = _single(catalog.databases())
    elif statement.what in {"tables", "views"}:
        only_views = statement.what == "views"
        rows = _single(
            [t["Name"] for t in catalog.tables(database) if not only_views or t.get("TableType") == VIEW_TYPE]
        )
    else:
        rows = _of_table(statement, database, catalog)
    if statement.pattern is not None:
        wanted = re.compile("|".join(re.escape(part).replace(r"\*", ".*") for part in statement.pattern.split("|")))
        rows = [row for row in rows if wanted.fullmatch(row[0] or "")]
    columns = [(name, VARCHAR) for name in _COLUMNS[statement.what]]
    return Outcome(
        "UTILITY" if statement.what == "describe" else "DDL", f"SHOW_{statement.what.upper()}", columns, rows
    )


def _single(names: list[str]) -> list[Row]:
    return [[name] for name in names]


def _is_current(column: dict[str, Any]) -> bool:
    """Whether Iceberg's table still has the column; Glue keeps those of all its schemas."""
    return (column.get("Parameters") or {}).get("iceberg.field.current") != "false"


def _of_table(statement: Show, database: str, catalog: GlueCatalog) -> list[Row]:
    name = statement.name.table if statement.name else ""
    table = catalog.describe(database, name)
    if table is None:
        raise StatementFailed("FAILED", f"SemanticException [Error 10001]: Table not found {database}.{name}")
    keys: list[dict[str, Any]] = table.get("PartitionKeys") or []
    stored: list[dict[str, Any]] = (table.get("StorageDescriptor") or {}).get("Columns") or []
    columns = [*filter(_is_current, stored), *keys]
    if statement.what == "columns":
        return _single([str(column["Name"]) for column in columns])
    if statement.what == "describe":
        return [[str(c["Name"]), str(c.get("Type") or ""), str(c.get("Comment") or "")] for c in columns]
    found = catalog.find(database, name)
    partitions = getattr(found, "partitions", ())
    return _single(["/".join(f"{k['Name']}={v}" for k, v in zip(keys, p["Values"], strict=True)) for p in partitions])
