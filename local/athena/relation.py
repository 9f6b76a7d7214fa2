"""A scan's rows as DuckDB SQL, whichever format they are stored in."""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce
from typing import TYPE_CHECKING

from sqlglot import exp

from local.athena.translate.typed import call, cast, identifier, text

if TYPE_CHECKING:
    from pathlib import Path

    from local.athena.translate.statement import Scan


@dataclass(frozen=True)
class Source:
    """SELECTs that together give a scan's rows (none: no rows), and the compressed bytes of the columns they read."""

    selects: list[exp.Select]
    bytes_scanned: int


def file_list(paths: list[Path]) -> exp.Expr:
    """The local files as DuckDB's list of names."""
    return call("list_value", *(text(str(path)) for path in paths))


def create_view(scan: Scan, source: Source) -> str:
    """The statement that makes the scan's view."""
    query: exp.Query = (
        reduce(lambda a, b: exp.Union(this=a, expression=b, distinct=False), source.selects)  # type: ignore[arg-type, return-value] # unions nest
        if source.selects
        else _no_rows(scan)
    )
    create = exp.Create(
        this=exp.Table(this=identifier(scan.name)),
        kind="VIEW",
        properties=exp.Properties(expressions=[exp.TemporaryProperty()]),
        expression=query,
    )
    return create.sql("duckdb")


def _no_rows(scan: Scan) -> exp.Select:
    items = [
        exp.alias_(
            cast(exp.Null(), column.type) if column.type else exp.Null(), scan.column_name(column.name), quoted=True
        )
        for column in scan.table.columns
    ]
    return exp.select(*items).where(exp.false())
