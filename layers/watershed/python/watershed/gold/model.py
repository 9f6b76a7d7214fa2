"""A gold model as the functions see it: frozen and complete. `parse.py` makes it from a .sql file."""

from __future__ import annotations

from dataclasses import dataclass

AS_OF_PLACE = "{as_of}"  # what a model's SQL holds where the literal of the as-of date goes


@dataclass(frozen=True)
class GoldColumn:
    """One output column. The refresh casts to `type`, so the header is what readers get."""

    name: str
    type: str  # Athena's name: bigint, varchar, decimal(18,2), date, timestamp, boolean, double, integer
    description: str = ""
    pii: bool = False
    format: str = ""  # measures only, e.g. "#,##0.00"
    unit: str = ""  # measures only, e.g. "currency", "days", "rows"


@dataclass(frozen=True)
class GoldModel:
    """One table of the `gold` database, made by one .sql file of the same name."""

    name: str
    description: str
    grain: str
    keys: tuple[str, ...]
    columns: tuple[GoldColumn, ...]
    reads: tuple[str, ...]  # "silver.transactions", "gold.datamart", …: found by parsing, sorted
    sql: str  # one SELECT in Athena's dialect, with {as_of} where the as-of date's literal goes
    owner: str = ""
    exportable: bool = False
