"""Masked tables: silver's tables with personal data, for people who are not to see it.

Of each such table there is a gold model `masked_<table>` with the same columns, in which personal values are replaced
by a hash with the region's key. Equal values have equal hashes, so one may still count, group and join by them; without
the key nobody can tell a value, nor try which it is. Models and not views: docs/decisions/masked-tables.md says why.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from watershed import names
from watershed.contracts.model import Kind
from watershed.gold.header import LONGEST_COLUMN_COMMENT, LONGEST_TABLE_COMMENT
from watershed.gold.model import GoldColumn, GoldModel

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from watershed.contracts.model import Column, Contract, Table

PREFIX = "masked_"


def masked_models(contracts: Iterable[Contract]) -> dict[str, GoldModel]:
    """A model for each table with personal data, by name."""
    models = (_model(contract, table) for contract in contracts for table in contract.tables if _personal(table))
    return {model.name: model for model in models}


def _personal(table: Table) -> list[str]:
    return [column.name for column in table.columns if column.pii]


def _model(contract: Contract, table: Table) -> GoldModel:
    return GoldModel(
        name=f"{PREFIX}{table.name}",
        description=f"Personal data replaced by hashes: {', '.join(_personal(table))}. {table.description}"[
            :LONGEST_TABLE_COMMENT
        ].rstrip(),
        grain=f"one row per row of {names.SILVER_DB}.{table.name}",
        keys=table.primary_key,
        columns=tuple(_columns(table)),
        reads=(f"{names.SILVER_DB}.{table.name}",),
        sql=_select(table),
        owner=contract.owner,
    )


def _columns(table: Table) -> Iterator[GoldColumn]:
    for column in table.columns:
        if column.pii:
            told = f"Hash of: {column.description}"[:LONGEST_COLUMN_COMMENT]
            yield GoldColumn(column.name, "varchar", told, pii=True)
        else:
            kind = "varchar" if column.kind is Kind.STRING else column.athena_type
            yield GoldColumn(column.name, kind, column.description)


def _select(table: Table) -> str:
    columns = ",\n".join(f'    {_expression(column)} AS "{column.name}"' for column in table.columns)
    return f"SELECT\n{columns}\nFROM {names.SILVER_DB}.{table.name} AS plain"  # checked names


def _expression(column: Column) -> str:
    value = f'plain."{column.name}"'
    if not column.pii:
        return value
    # A table without a key gives NULL, and one with two fails: neither shows a value.
    key = f"(SELECT {names.MASKING_KEY_TABLE} FROM {names.OPS_DB}.{names.MASKING_KEY_TABLE})"  # noqa: S608  # names of ours
    return f"LOWER(TO_HEX(HMAC_SHA256(TO_UTF8(CAST({value} AS varchar)), FROM_HEX({key}))))"
