"""What the ledger and quarantine say, read through Athena: one query a dataset each."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sqlglot import exp, select

from watershed import names, records
from watershed.backfill.sql import DIALECT, both, column, sql, table
from watershed.names import Stage
from watershed.records import LedgerEntry, QuarantinedRow
from watershed.replay.held import ROW, Chosen
from watershed.replay.held import rows as open_rows

if TYPE_CHECKING:
    from watershed.athena import Athena

_ENTRY = (
    *("batch_id", "part", "stage", "table_name", "source_key", "source_version", "contract_version", "recorded_at"),
    *("rows_read", "rows_out", "malformed", "rejected_file"),
    *("rows_in", "inserted", "updated", "duplicate", "stale", "quarantined", "control_sums"),
)
_REPLAY = "replay"  # the column that tells a later pass from the first, where the tables have one


@dataclass(frozen=True)
class Entry:
    """One entry of `ops.ledger`; the counts are as in `records.LedgerEntry`."""

    dataset: str
    batch_id: str
    part: int
    stage: str
    table_name: str
    source_key: str
    source_version: str
    contract_version: str
    recorded_at: datetime  # UTC, with its zone
    rows_read: int
    rows_out: int
    malformed: int
    rejected_file: bool
    rows_in: int
    inserted: int
    updated: int
    duplicate: int
    stale: int
    quarantined: int
    control_sums: str

    def is_by(self, dataset: str, contract_version: str) -> bool:
        """Whether this version of the dataset's contract made it; another dataset's may have the same number."""
        return (self.dataset, self.contract_version) == (dataset, contract_version)

    @property
    def merged(self) -> int:
        """Good rows that silver took."""
        return self.inserted + self.updated + self.duplicate + self.stale

    @property
    def sums(self) -> dict[str, Decimal]:
        """Money column -> sum of the good rows."""
        return {name: Decimal(text) for name, text in json.loads(self.control_sums).items()}


@dataclass(frozen=True)
class Held:
    """How many rows of one object version each stage holds back."""

    source_key: str
    source_version: str
    rows: Counter[str]  # by stage


def entries(athena: Athena, dataset: str) -> list[Entry]:
    """The ledger's entries of a dataset, of the first pass."""
    query = _first_pass(names.LEDGER_TABLE, LedgerEntry, dataset, select(*map(column, _ENTRY)))
    return [_entry(dataset, row) for row in athena.typed_rows(query)[1]]


def held(athena: Athena, dataset: str) -> dict[str, Held]:
    """Rows in quarantine by object version (its batch id), of the first pass."""
    about = [column(name) for name in ("batch_id", "source_key", "source_version", "stage")]
    counted = select(*about, exp.Count(this=exp.Star()).as_("rows_held")).group_by(*about)
    found: dict[str, Held] = {}
    query = _first_pass(names.QUARANTINE_TABLE, QuarantinedRow, dataset, counted)
    for batch, key, version, stage, count in athena.typed_rows(query)[1]:
        found.setdefault(batch, Held(key, version, Counter())).rows[stage] += count
    return found


def held_rows(athena: Athena, dataset: str) -> list[tuple[str, int]]:
    """Batch id and number of each row that silver holds back still: what was taken again since is not held any more."""
    rows = (dict(zip(ROW, row, strict=True)) for row in athena.typed_rows(open_rows(Chosen(dataset)))[1])
    return [(each["batch_id"], each["row_number"]) for each in rows if each["stage"] == Stage.SILVER]


def _first_pass(name: str, record: type[LedgerEntry | QuarantinedRow], dataset: str, query: exp.Select) -> str:
    """The query, of the dataset's rows in `name`; without those that a replay entered, if the table tells."""
    of = [sql("dataset = :dataset", dataset=dataset)]
    if _REPLAY in dict(records.glue_columns(record)):
        of.append(sql("coalesce(:replay, '') = ''", replay=column(_REPLAY)))
    return query.from_(table(names.OPS_DB, name)).where(both(of)).sql(DIALECT)


def _entry(dataset: str, row: list[Any]) -> Entry:
    values = dict(zip(_ENTRY, row, strict=True))
    return Entry(**values | {"dataset": dataset, "recorded_at": values["recorded_at"].replace(tzinfo=UTC)})
