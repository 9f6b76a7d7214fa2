"""What one table made of one part, in numbers: kept in the snapshot that did it, and from there in the ledger.

A repeat finds its part in a snapshot and takes these numbers, so that it reports what happened and not that nothing
was left to do.
"""

from __future__ import annotations

import dataclasses
import json
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyarrow.compute as pc

from watershed import names
from watershed.errors import LedgerImbalance
from watershed.exact import exactly
from watershed.records import LedgerEntry
from watershed.silver.decision import wide

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from decimal import Decimal

    from pyiceberg.table import Table as IcebergTable
    from pyiceberg.table.snapshots import Snapshot

    from watershed.messages import BronzePart
    from watershed.silver.decision import Decision
    from watershed.silver.transform import TypedRows

BATCHES = "watershed.batches"  # snapshot property: JSON, part id -> tally


@dataclass(frozen=True)
class Tally:
    """One table's account of one part: rows_in = inserted + updated + duplicate + stale + quarantined."""

    contract_version: str
    rows_in: int
    quarantined: int
    control_sums: str  # JSON: money column -> exact sum of the good rows that came in, as text
    control_sums_out: str  # JSON: money column -> verdict -> exact sum of the rows that had it, as text
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
            replay=message.replay,
            **dataclasses.asdict(self),
        )


def tally(contract_version: str, typed: TypedRows, part: str, decision: Decision) -> Tally:
    """The account of one part.

    Args:
        contract_version: By which the rows were typed.
        typed: What came in.
        part: The part's id.
        decision: What becomes of the rows of this and other parts.

    Raises:
        LedgerImbalance: if counts or sums do not balance; then nothing may be committed.
    """
    verdicts, sums = decision.verdicts.get(part, Counter()), decision.sums.get(part, {})
    quarantined = typed.bad.num_rows
    if typed.rows_in != verdicts.total() + quarantined:
        raise _imbalance(
            typed, f"{typed.rows_in} rows came in, but {verdicts.total()} were merged and {quarantined} quarantined"
        )
    came = control_sums(typed)
    for column, total in came.items():
        with exactly():
            merged = sum(each[column] for each in sums.values())
        if total != merged:
            # Without the sums: that of a single row would be a row's value.
            raise _imbalance(typed, f"the sum of {column} is not the same before and after the merge")
    went = {column: {str(verdict): str(each[column]) for verdict, each in sums.items()} for column in came}
    counts = {str(verdict): count for verdict, count in verdicts.items()}
    return Tally(contract_version, typed.rows_in, quarantined, _json(came), _json(went), **counts)


def control_sums(typed: TypedRows) -> dict[str, Decimal]:
    """Exact sums of the money columns over the good rows, by column name."""
    return {
        column.name: pc.sum(typed.good[column.name].cast(wide(column)), min_count=0).as_py()
        for column in typed.table.money
    }


def _json(sums: Mapping[str, object]) -> str:
    return json.dumps(sums, sort_keys=True, default=str)


def _imbalance(typed: TypedRows, what: str) -> LedgerImbalance:
    return LedgerImbalance(
        f"{typed.table.name}: {what}. Nothing was committed.",
        remedy="This is a defect of Watershed: keep the message and report it.",
    )


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
