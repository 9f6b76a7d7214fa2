"""The statements that a lake answers: every table, every gold model's SELECT, every question."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from watershed import names
from watershed.gold import statement

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from watershed.catalog import Catalog

# Without it, Trino lists the folders of every projected partition since the first day.
_RECENT = "WHERE ingest_date >= current_date - INTERVAL '2' DAY"


@dataclass(frozen=True)
class Statement:
    """One statement.

    Args:
        name: e.g. `silver.customers`, `model datamart` or `question 01_highest_revenue`.
        sql: in Athena's dialect.
        ordered: whether the order of the rows is part of the answer.
    """

    name: str
    sql: str
    ordered: bool = False


def of(catalog: Catalog, as_of: date, zones: Sequence[str]) -> list[Statement]:
    """All statements of a region's lake, its views in these time zones among them; gold's are as of that day."""
    contracts = catalog.contracts.values()
    stored = [f"{names.SILVER_DB}.{table.name}" for contract in contracts for table in contract.tables]
    stored += [f"{names.GOLD_DB}.{model}" for model in catalog.models]
    recent = [f"{names.BRONZE_DB}.{contract.name}" for contract in contracts]
    recent += [
        f"{names.OPS_DB}.{table} {_RECENT} AND dataset = 'stores'"
        for table in (names.LEDGER_TABLE, names.QUARANTINE_TABLE)
    ]
    views = [
        Statement(f"{view.database}.{view.name(zone)}", view.within(zone, as_of).sql)
        for zone in zones
        for view in catalog.views.values()
    ]
    return [
        *(Statement(table, f"SELECT * FROM {table}") for table in stored),
        *views,
        *(Statement(f"model {m.name}", statement.select(m, as_of)) for m in catalog.models.values()),
        *(Statement(f"question {q.name}", q.sql, ordered=True) for q in catalog.questions.values()),
        *(
            Statement(table.partition(" ")[0], f"SELECT * FROM {table}" + ("" if " " in table else f" {_RECENT}"))
            for table in recent
        ),
    ]
