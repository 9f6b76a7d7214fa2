"""What one table made of one part, in numbers: kept in the snapshot that did it, and from there in the ledger.

A repeat finds its part in a snapshot and takes these numbers, so that it reports what happened and not that nothing
was left to do.
"""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from watershed import names
from watershed.errors import Terminal
from watershed.records import LedgerEntry

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Iterable, Iterator, Mapping

    from pyiceberg.table import Table as IcebergTable
    from pyiceberg.table.snapshots import Snapshot

    from watershed.messages import BronzePart
    from watershed.silver.decision import Verdict
    from watershed.silver.transform import TypedRows

BATCHES = "watershed.batches"  # snapshot property: JSON, part id -> tally


@dataclass(frozen=True)
class Tally:
    """One table's account of one part: rows_in = inserted + updated + duplicate + stale + quarantined."""

    contract_version: str
    rows_in: int
    quarantined: int
    control_sums: str  # JSON: money column -> exact sum of the good rows, as text
    inserted: int = 0
    updated: int = 0
    duplicate: int = 0
    stale: int = 0

    def entry(self, message: BronzePart, table_name: str) -> LedgerEntry:
        """The ledger's line."""
        return LedgerEntry(
            batch_id=message.batch_id,
            part=message.part,
            stage=names.Stage.SILVER,
            table_name=table_name,
            source_key=message.source_key,
            source_version=message.source_version,
            source_name=message.source,
            recorded_at=message.arrived,
            **dataclasses.asdict(self),
        )


def tally(contract_version: str, typed: TypedRows, verdicts: Counter[Verdict]) -> Tally:
    """The account of one part.

    Raises:
        Terminal: if it does not balance; then nothing may be committed.
    """
    quarantined = typed.bad.num_rows
    if typed.rows_in != verdicts.total() + quarantined:
        raise Terminal(
            f"{typed.table.name}: {typed.rows_in} rows came in, but {verdicts.total()} were merged and {quarantined} "
            "quarantined. Nothing was committed.",
            remedy="This is a defect of Watershed: keep the message and report it.",
        )
    counts = {str(verdict): count for verdict, count in verdicts.items()}
    return Tally(contract_version, typed.rows_in, quarantined, control_sums(typed), **counts)


def control_sums(typed: TypedRows) -> str:
    """Exact sums of the money columns over the good rows, as JSON texts by column name."""
    sums = {}
    for column in typed.table.columns:
        if column.money:
            wide = typed.good[column.name].cast(pa.decimal256(76, column.scale))  # no sum of one part overflows this
            sums[column.name] = str(pc.sum(wide, min_count=0).as_py())
    return json.dumps(sums, sort_keys=True)


def to_property(tallies: Mapping[str, Tally]) -> dict[str, str]:
    """The snapshot property that says which parts a commit holds."""
    return {BATCHES: json.dumps({part: dataclasses.asdict(each) for part, each in tallies.items()}, sort_keys=True)}


def committed(table: IcebergTable, parts: Iterable[str]) -> dict[str, Tally]:
    """The tallies of those `parts` that the table already holds, by the snapshots that led to the current one."""
    wanted = set(parts)
    found: dict[str, Tally] = {}
    for snapshot in _lineage(table):
        text = snapshot.summary.additional_properties.get(BATCHES, "") if snapshot.summary else ""
        if any(part in text for part in wanted):
            held = json.loads(text)
            found |= {part: Tally(**held[part]) for part in wanted & held.keys()}
    return found


def _lineage(table: IcebergTable) -> Iterator[Snapshot]:
    """The current snapshot and those before it. One that was rolled back is not among them."""
    by_id = {snapshot.snapshot_id: snapshot for snapshot in table.metadata.snapshots}
    at = table.metadata.current_snapshot_id
    while at in by_id:
        yield by_id[at]
        at = by_id[at].parent_snapshot_id
