"""The tables that account for every row: `ops.ledger`, `ops.quarantine`, and `ops.replays` of what left it.

Their columns are given once, here: as dataclasses for the code, as Glue columns for infra, as Arrow for the writers.
All are Parquet under `<table>/dataset=<d>/ingest_date=<yyyy-mm-dd>/`; keys depend only on the object version, part
and stage (`names`), so writing twice is writing once.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pyarrow as pa  # here, because infra reads this module without Arrow

PARTITION_COLUMNS = (("dataset", "string"), ("ingest_date", "date"))

# Where a row came from: the last columns of every bronze and silver table, as (name, Glue type).
LINEAGE_COLUMNS = (
    ("_source_key", "string"),
    ("_source_version", "string"),
    ("_row_number", "bigint"),
    ("_ingested_at", "timestamp"),
    ("_batch_id", "string"),
)


@dataclass(frozen=True)
class LedgerEntry:
    """What one stage did with one part, for one table. Every count is in rows.

    Bronze: rows_read = rows_out + malformed. Silver: rows_in = inserted + updated + duplicate + stale + quarantined.
    """

    batch_id: str
    part: int
    stage: str  # bronze | silver
    table_name: str  # the dataset's own table, or a child table
    source_key: str
    source_version: str
    source_name: str  # the contract's source, empty if none took the file
    contract_version: str
    recorded_at: datetime  # UTC, the raw object's LastModified: so that a repeat writes the same bytes
    rows_read: int = 0  # bronze: records found in the file, good or malformed
    rows_out: int = 0  # bronze: rows written to bronze
    malformed: int = 0  # bronze: rows held back as text
    rows_in: int = 0  # silver: rows taken from bronze (child tables: elements unpacked)
    inserted: int = 0
    updated: int = 0
    duplicate: int = 0  # same content as the row that stands
    stale: int = 0  # superseded by a later version
    quarantined: int = 0
    rejected_file: bool = False  # bronze: the whole file was refused
    control_sums: str = "{}"  # JSON: money column -> exact sum as text, over the good rows in
    control_sums_out: str = "{}"  # the same over the rows inserted, updated, duplicate and stale, summed apart
    replay: str = ""  # id of the replay or backfill that took the part again; empty: the first pass


@dataclass(frozen=True)
class QuarantinedRow:
    """One row, or one whole file, held back, with all that is needed to mend and replay it."""

    batch_id: str
    part: int
    stage: str
    reason: str  # reasons.Reason
    column_name: str | None  # the silver column, or the source column for bronze
    rule: str  # the rule that failed, e.g. "decimal(18,2) with decimal mark ','"
    remedy: str
    raw: str | None  # the row as JSON {source column: text}, or its text; None for a whole file
    row_number: int | None  # 1-based data record in the file
    line_number: int | None  # 1-based line where the record starts, when known
    source_key: str
    source_version: str
    source_name: str
    contract_version: str
    quarantined_at: datetime  # as LedgerEntry.recorded_at
    replay: str = ""  # id of the replay in which it was held back again; empty: the first pass


@dataclass(frozen=True)
class ReplayedRow:
    """A row or file of quarantine that was taken again: what an earlier pass held back is settled by this one."""

    batch_id: str
    part: int
    stage: str  # whose quarantine: bronze (whole files) | silver
    row_number: int | None  # None: everything that `stage` held back of the part
    replay: str  # id, which sorts by time
    contract_version: str
    source_key: str
    source_version: str


Record = LedgerEntry | QuarantinedRow | ReplayedRow
OneRecord = TypeVar("OneRecord", LedgerEntry, QuarantinedRow, ReplayedRow)

_GLUE = {"str": "string", "int": "bigint", "bool": "boolean", "datetime": "timestamp"}


def glue_columns(record: type[Record]) -> list[tuple[str, str]]:
    """The record's columns as (name, Glue type), in order, without the partition columns."""
    return [(f.name, _GLUE[str(f.type).split(" |", maxsplit=1)[0]]) for f in fields(record)]


def to_arrow(record: type[Record], rows: Sequence[Record]) -> pa.Table:
    """The rows as an Arrow table with exactly the columns of `glue_columns`."""
    import pyarrow as pa  # here, because infra reads this module without Arrow

    arrow: dict[str, Any] = {
        "string": pa.string(),
        "bigint": pa.int64(),
        "boolean": pa.bool_(),
        "timestamp": pa.timestamp("us"),
    }
    schema = pa.schema([(name, arrow[kind]) for name, kind in glue_columns(record)])
    naive = [{k: v.replace(tzinfo=None) if hasattr(v, "tzinfo") else v for k, v in asdict(r).items()} for r in rows]
    return pa.Table.from_pylist(naive, schema=schema)


def from_arrow(record: type[OneRecord], table: pa.Table) -> list[OneRecord]:
    """The rows of a table that `to_arrow` made; times in UTC, with their zone."""
    rows: list[dict[str, Any]] = [
        {k: v.replace(tzinfo=UTC) if isinstance(v, datetime) else v for k, v in row.items()}
        for row in table.to_pylist()
    ]
    return [record(**row) for row in rows]
