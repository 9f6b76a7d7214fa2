"""The one statement a refresh sends to Athena: a model's SELECT, cast to its header's types, unloaded as Parquet."""

from __future__ import annotations

from typing import TYPE_CHECKING

from watershed.gold.model import AS_OF_PLACE

if TYPE_CHECKING:
    from datetime import date

    from watershed.gold.model import GoldModel


def select(model: GoldModel, as_of: date) -> str:
    """The model's SELECT with the as-of date in place, every column cast to the type its header gives.

    Identifiers and types were checked when the catalog was compiled: none can hold a quote.
    """
    columns = ",\n".join(f'  CAST("{column.name}" AS {column.type}) AS "{column.name}"' for column in model.columns)
    inner = model.sql.replace(AS_OF_PLACE, f"DATE '{as_of.isoformat()}'")
    return f"SELECT\n{columns}\nFROM (\n{inner}\n)"


def unload(model: GoldModel, as_of: date, location: str) -> str:
    """The statement that writes the model's rows as Parquet files under `location`, an empty `s3://…/` prefix."""
    return f"UNLOAD (\n{select(model, as_of)}\n)\nTO '{location}'\nWITH (format = 'PARQUET', compression = 'SNAPPY')"
