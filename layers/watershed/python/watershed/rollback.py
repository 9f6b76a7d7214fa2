"""Sets a silver table back to an earlier snapshot, and its children to what they held of the same parts."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from pyiceberg.exceptions import CommitFailedException
from pyiceberg.expressions import AlwaysTrue

from watershed.errors import CommitConflict, ConfigurationError
from watershed.silver.commit import until_committed
from watershed.silver.tally import BATCHES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from pyiceberg.table import Table as IcebergTable
    from pyiceberg.table.snapshots import Snapshot

PartKey = tuple[str, int]  # batch id, part

_BATCH_DIGITS, _PART_DIGITS = 32, 5  # of a part's id: <batch>-<part>, then which replay
_FEW = 5  # snapshots that an error names


@dataclass(frozen=True)
class State:
    """A table as it was after one commit."""

    snapshot: int
    parent: int | None
    at: datetime  # UTC
    operation: str
    parts: tuple[str, ...]  # ids of the parts that the commit merged; none if it was not silver's
    added: int  # rows in the files that came
    removed: int  # rows in the files that went
    rows: int  # that readers saw
    ancestor: bool  # of the table as it is now, or that itself: what one can go back to
    current: bool

    @property
    def keys(self) -> set[PartKey]:
        """The parts, whatever pass over them."""
        return {_key(part) for part in self.parts}


def states(table: IcebergTable) -> list[State]:
    """All states that the table still knows, oldest first. Maintenance forgets those older than two weeks."""
    known = {each.snapshot_id: each for each in table.metadata.snapshots}
    ancestors: set[int | None] = set()
    at = table.metadata.current_snapshot_id
    while at in known:
        ancestors.add(at)
        at = known[at].parent_snapshot_id
    in_order = sorted(known.values(), key=lambda each: each.sequence_number or 0)
    return [_state(each, ancestors, table.metadata.current_snapshot_id) for each in in_order]


def chosen(name: str, found: Sequence[State], to: int | datetime) -> State:
    """The state to go back to.

    Args:
        name: The table's, for errors.
        found: From `states`.
        to: A snapshot's id, or a moment (UTC): the last ancestor at that moment or before it.

    Raises:
        ConfigurationError: if the table does not know it, or it is no ancestor of the table as it is.
    """
    ancestors = [state for state in found if state.ancestor]
    choices = ", ".join(f"{s.snapshot} ({s.at:%Y-%m-%dT%H:%M:%S.%f})" for s in ancestors[-_FEW - 1 : -1]) or "none"
    remedy = f"Choose one of: {choices}; `--list` shows all."
    if isinstance(to, datetime):
        before = [state for state in ancestors if state.at <= to]
        if not before:
            raise ConfigurationError(f"silver.{name} knows no snapshot that old: it is expired.", remedy=remedy)
        return before[-1]
    one = next((state for state in found if state.snapshot == to), None)
    if one is None:
        raise ConfigurationError(
            f"silver.{name} has no snapshot {to}: it never had, or maintenance has expired it.", remedy=remedy
        )
    if not one.ancestor:
        raise ConfigurationError(
            f"Snapshot {to} did not lead to silver.{name} as it is: it was rolled back itself.", remedy=remedy
        )
    return one


def undone(found: Sequence[State], target: State) -> list[State]:
    """The states that came after `target`, also those that were rolled back before."""
    after, known = {target.snapshot}, []
    for state in found:  # oldest first, so that a parent comes before its children
        if state.parent in after:
            after.add(state.snapshot)
            known.append(state)
    return known


def in_step(found: Sequence[State], lost: Sequence[State]) -> State | None:
    """The state of a child that goes with the parent's, whose states `lost` are undone; None: before its first.

    A child is committed after its parent. So its commits stay up to the first that holds a part that the parent loses,
    or that was made when the parent had gone on.
    """
    parts = {key for state in lost for key in state.keys}
    since = min((state.at for state in lost), default=None)
    kept: State | None = None
    for state in (each for each in found if each.ancestor):
        if state.keys & parts or (since is not None and state.at >= since):
            break
        kept = state
    return kept


def set_back(name: str, table: IcebergTable, target: State) -> None:
    """Make `target` the table's current snapshot.

    Raises:
        CommitConflict: if somebody committed since the table was loaded.
    """
    try:
        table.manage_snapshots().rollback_to_snapshot(target.snapshot).commit()
    except CommitFailedException as error:
        raise CommitConflict(
            f"Somebody committed to silver.{name} meanwhile; nothing was rolled back.",
            remedy="Look at `--list` again, then repeat the command.",
        ) from error


def follow(load: Callable[[], IcebergTable], lost: Sequence[State]) -> list[State]:
    """Set a child back to where its parent is, whoever commits to it meanwhile.

    Args:
        load: Gives the child as it is.
        lost: The parent's states that are undone.

    Returns:
        The child's states that are undone.

    Raises:
        CommitConflict: if others were faster every time; a repeat goes on.
    """

    def attempt() -> list[State]:
        table = load()
        ancestors = [state for state in states(table) if state.ancestor]
        target = in_step(ancestors, lost)
        going = ancestors[ancestors.index(target) + 1 :] if target else ancestors
        if target and going:
            table.manage_snapshots().rollback_to_snapshot(target.snapshot).commit()
        elif going and ancestors[-1].rows:
            table.delete(AlwaysTrue())  # Iceberg cannot go back to before its first snapshot
        elif not target:
            return []  # it is empty already
        return going

    return until_committed(attempt)


def keys_of(lost: Iterable[State]) -> set[PartKey]:
    """The parts that the states merged."""
    return {key for state in lost for key in state.keys}


def _state(snapshot: Snapshot, ancestors: set[int | None], current: int | None) -> State:
    summary = snapshot.summary.additional_properties if snapshot.summary else {}
    return State(
        snapshot=snapshot.snapshot_id,
        parent=snapshot.parent_snapshot_id,
        at=datetime.fromtimestamp(snapshot.timestamp_ms / 1000, UTC),
        operation=snapshot.summary.operation.value if snapshot.summary else "",
        parts=tuple(json.loads(summary.get(BATCHES, "{}"))),
        added=int(summary.get("added-records", "0")),
        removed=int(summary.get("deleted-records", "0")) + int(summary.get("added-position-deletes", "0")),
        rows=int(summary.get("total-records", "0")) - int(summary.get("total-position-deletes", "0")),
        ancestor=snapshot.snapshot_id in ancestors,
        current=snapshot.snapshot_id == current,
    )


def _key(part: str) -> PartKey:
    start = _BATCH_DIGITS + 1
    return part[:_BATCH_DIGITS], int(part[start : start + _PART_DIGITS])
