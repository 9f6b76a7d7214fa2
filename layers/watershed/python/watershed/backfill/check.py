"""Whether a backfill through the functions did all it was to do: by the ledger, not by what the machinery reports."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlglot import exp, select

from watershed import names
from watershed.backfill.raw import RawObject
from watershed.backfill.sql import both, column, sql, table
from watershed.names import Stage

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from watershed.backfill.bronze import Window

OUTCOMES = ("inserted", "updated", "duplicate", "stale", "quarantined")
_COLUMNS = (
    "batch_id", "part", "stage", "table_name", "contract_version", "rows_out", "malformed", "rejected_file", "rows_in",
    *OUTCOMES,
)  # fmt: skip


@dataclass(frozen=True)
class Entry:
    """What the check needs of a ledger entry; see `records.LedgerEntry`."""

    batch_id: str
    part: int
    stage: str
    table_name: str
    contract_version: str = ""
    rows_out: int = 0
    malformed: int = 0
    rejected_file: bool = False
    rows_in: int = 0
    inserted: int = 0
    updated: int = 0
    duplicate: int = 0
    stale: int = 0
    quarantined: int = 0


@dataclass(frozen=True)
class Missing:
    """An object version of which a stage did not enter everything."""

    object: RawObject
    stage: Stage
    parts: tuple[int, ...] = ()  # for silver: which


def query(dataset: str, window: Window, replay: str) -> exp.Select:
    """The ledger's entries of one replay, as `read` takes them."""
    where = [
        sql("dataset = :dataset AND replay = :replay", dataset=dataset, replay=replay),
        window.condition(),
    ]
    return select(*map(column, _COLUMNS)).from_(table(names.OPS_DB, names.LEDGER_TABLE)).where(both(where))


def read(rows: Iterable[Sequence[object]]) -> list[Entry]:
    """The answer to `query`, from `Athena.typed_rows`."""
    return [Entry(**dict(zip(_COLUMNS, row, strict=True))) for row in rows]  # type: ignore[arg-type]  # by name


def missing(objects: Iterable[RawObject], entries: Iterable[Entry]) -> list[Missing]:
    """The objects that bronze did not enter, and those of whose parts silver did not enter all, in their order."""
    parts: dict[str, set[int]] = {}
    settled = set()
    for each in entries:
        if each.stage == Stage.BRONZE:
            parts.setdefault(each.batch_id, set()).update([each.part] if each.rows_out else [])
        else:
            settled.add((each.batch_id, each.part))
    found = []
    for each_object in objects:
        batch = each_object.batch_id
        if batch not in parts:
            found.append(Missing(each_object, Stage.BRONZE))
        elif waiting := tuple(part for part in sorted(parts[batch]) if (batch, part) not in settled):
            found.append(Missing(each_object, Stage.SILVER, waiting))
    return found


def refused(entries: Iterable[Entry]) -> int:
    """How many files bronze held back whole."""
    return sum(each.rejected_file for each in entries)


def versions(entries: Iterable[Entry]) -> list[str]:
    """By which versions of its contract a dataset was read."""
    return sorted({each.contract_version for each in entries})


def outcomes(entries: Iterable[Entry]) -> dict[str, Counter[str]]:
    """By table: what became of its rows, in rows; `rows` are all. What bronze held back counts as quarantined."""
    tables: dict[str, Counter[str]] = {}
    for each in entries:
        counts = tables.setdefault(each.table_name, Counter())
        counts.update({name: getattr(each, name) for name in OUTCOMES})
        counts.update(rows=each.rows_in + each.malformed, quarantined=each.malformed)
    return tables
