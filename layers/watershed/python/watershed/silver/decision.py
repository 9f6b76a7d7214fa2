"""What a merge will do to a table: which rows come, which go, and what becomes of each incoming row."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc
from duckdb import Expression, col, fn, lit

from watershed.exact import MOST_DIGITS
from watershed.silver import lineage

if TYPE_CHECKING:
    from watershed.contracts.model import Column

PART = "_part"  # column of incoming rows: parts.part_id of the part they came in
_EMPTY_IS_ZERO = pc.ScalarAggregateOptions(min_count=0)
INDEX = "_index"  # column given to the SQL: the row's place in its Arrow table


class Verdict(StrEnum):
    """What becomes of an incoming row. The values are the ledger's column names."""

    INSERTED = "inserted"
    UPDATED = "updated"
    DUPLICATE = "duplicate"  # the content is that of the row that stands
    STALE = "stale"  # a later row stands, with other content


@dataclass(frozen=True)
class Decision:
    """What a merge will do.

    Attributes:
        verdicts: Per part id, how many rows had which verdict.
        sums: Per part id and verdict, the exact sum of each money column.
        rows: Rows to write: the table's columns and lineage.
        superseded: Keys of the rows that go.
        going: How many rows go.
    """

    verdicts: Mapping[str, Counter[Verdict]]
    sums: Mapping[str, Mapping[Verdict, Mapping[str, Decimal]]]
    rows: pa.Table
    superseded: pa.Table
    going: int

    @property
    def changes_nothing(self) -> bool:
        """Whether the table stays as it is."""
        return not self.rows.num_rows + self.superseded.num_rows


def indexed(rows: pa.Table) -> pa.Table:
    """The rows with `_index`."""
    return rows.append_column(INDEX, pa.array(range(rows.num_rows), pa.int64()))


def counted(judged: pa.Table) -> dict[str, Counter[Verdict]]:
    """Verdicts per part, of a table with `part` and `verdict`."""
    counts: dict[str, Counter[Verdict]] = {}
    for row in judged.group_by(["part", "verdict"]).aggregate([([], "count_all")]).to_pylist():
        counts.setdefault(row["part"], Counter())[Verdict(row["verdict"])] = row["count_all"]
    return counts


def summed(judged: pa.Table, rows: pa.Table, money: Sequence[Column]) -> dict[str, dict[Verdict, dict[str, Decimal]]]:
    """Exact sums of the money columns per part and verdict.

    Args:
        judged: `index`, `part` and `verdict`.
        rows: The rows that `index` points into.
        money: Decimal columns.
    """
    if not money:
        return {}
    places = {column.name: rows[column.name].take(judged["index"]).cast(wide(column)) for column in money}
    table = pa.table({"part": judged["part"], "verdict": judged["verdict"], **places})
    sums: dict[str, dict[Verdict, dict[str, Decimal]]] = {}
    grouped = table.group_by(["part", "verdict"]).aggregate([(name, "sum", _EMPTY_IS_ZERO) for name in places])
    for row in grouped.to_pylist():
        found = {name: row[f"{name}_sum"] for name in places}
        sums.setdefault(row["part"], {})[Verdict(row["verdict"])] = found
    return sums


def wide(column: Column) -> pa.DataType:
    """A type that no sum of one part's values of a decimal column overflows."""
    return pa.decimal256(MOST_DIGITS, column.scale)


def taken(rows: pa.Table, judged: pa.Table, flag: str, index: str = "index") -> pa.Table:
    """The rows whose judgement has `flag`."""
    return rows.take(judged.filter(pc.field(flag))[index])


def struct(*columns: str) -> Expression:
    """The columns as one value, which compares like them in turn; with NULL equal to NULL inside it."""
    return fn("struct_pack", **{name: col(name) for name in columns}) if columns else lit(value=True)


def place(version_column: str | None) -> Expression:
    """When a row counts: its version if it has one, then its arrival. The greater place stands."""
    if version_column is None:
        return struct(*lineage.ARRIVAL)
    version = {"known": ~col(version_column).is_null(), "version": col(version_column)}  # no version comes first
    return fn("struct_pack", **version, **{name: col(name) for name in lineage.ARRIVAL})
