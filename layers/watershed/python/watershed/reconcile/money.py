"""Exact sums of money columns, however many rows there are and however long they come in pieces."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from watershed.exact import MOST_DIGITS, exactly

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from watershed.contracts.model import Table

Sums = dict[str, Decimal]  # money column -> sum


def columns(table: Table) -> tuple[str, ...]:
    """The table's money columns."""
    return tuple(column.name for column in table.columns if column.money)


def sums(table: Table, rows: pa.Table) -> Sums:
    """The sum of each money column of `rows`; zero if it has no value."""
    return {name: _sum(rows[name], table.column(name).scale) for name in columns(table)}


def total(table: Table, pieces: Iterable[Mapping[str, Decimal]]) -> Sums:
    """The sums of several pieces, added."""
    added = dict.fromkeys(columns(table), Decimal(0))
    with exactly():
        for piece in pieces:
            added = {name: added[name] + piece[name] for name in added}
    return added


def _sum(values: pa.ChunkedArray, scale: int) -> Decimal:
    found: Decimal = pc.sum(values.cast(pa.decimal256(MOST_DIGITS, scale)), min_count=0).as_py()
    return found
