"""Merges a batch of typed parts into Iceberg: the dataset's own table, then its children."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import pyarrow as pa
from pyiceberg.exceptions import CommitFailedException

from watershed.messages import BronzePart
from watershed.silver import children, lineage, merge
from watershed.silver.commit import until_committed
from watershed.silver.data_files import holding, standing
from watershed.silver.decision import PART
from watershed.silver.replacing import replace
from watershed.silver.tally import Tally, committed, tally, to_property
from watershed.silver.transform import TypedRows

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from duckdb import DuckDBPyConnection
    from pyiceberg.table import FileScanTask
    from pyiceberg.table import Table as IcebergTable

    from watershed.contracts.model import Contract, Table
    from watershed.silver.decision import Decision
    from watershed.silver.lakehouse import Lakehouse


@dataclass(frozen=True)
class TypedPart:
    """What a part holds for each of the contract's tables, in the contract's order; nothing if it is settled."""

    message: BronzePart
    typed: list[TypedRows]

    @property
    def settled(self) -> bool:
        """Whether all of it was done before."""
        return not self.typed

    @property
    def rows(self) -> int:
        """Rows and elements that may be merged."""
        return sum(each.good.num_rows for each in self.typed)

    @property
    def bytes(self) -> int:
        """Memory that they take."""
        return sum(each.good.nbytes for each in self.typed)


class Merger:
    """Merges batches of one dataset."""

    def __init__(self, connection: DuckDBPyConnection, lakehouse: Lakehouse, contract: Contract) -> None:
        self._connection = connection
        self._lakehouse = lakehouse
        self._contract = contract
        self._at_first: dict[str, IcebergTable] = {}  # by table, as this function found them
        self._parent: int | None = None  # the snapshot of the dataset's own table that its children follow

    def holds(self, message: BronzePart, table: Table) -> bool:
        """Whether one of the contract's tables holds the part already; a child is committed after its parent."""
        own = self._contract.table
        return self._held_at_first(message, own) and (table.parent is None or self._held_at_first(message, table))

    def _held_at_first(self, message: BronzePart, table: Table) -> bool:
        if table.name not in self._at_first:
            self._at_first[table.name] = self._lakehouse.load(table)
        return message.id in committed(self._at_first[table.name], [message.id])

    def merge(self, batch: Sequence[TypedPart]) -> list[dict[str, Tally]]:
        """Merge a batch of parts, each at most once however often it is delivered.

        The dataset's own table is committed first, then each child: a child's rows follow the parent row that stands.
        After a crash in between, a repeat finds the parent done and goes on with the children.

        Returns:
            For each of the contract's tables, in its order, the tally of each part.

        Raises:
            CommitConflict: if other writers were faster every time.
            ConfigurationError: if a table does not fit the contract any more.
            LedgerImbalance: if counts or sums do not balance; then nothing was committed.
        """
        own = until_committed(partial(self._merge_own, batch))
        numbered = enumerate(self._contract.children, start=1)
        return [own, *(until_committed(partial(self._merge_child, batch, place, child)) for place, child in numbered)]

    def _merge_own(self, batch: Sequence[TypedPart]) -> dict[str, Tally]:
        table = self._contract.table
        iceberg = self._lakehouse.load(table)

        def decide(pending: Sequence[TypedPart]) -> tuple[list[FileScanTask], Decision]:
            incoming = _gathered(pending, 0)
            keys = _keys(incoming, table.primary_key)
            held_in = holding(self._connection, iceberg, keys)
            rows = standing(self._connection, iceberg, held_in, keys)
            return held_in, merge.decide(self._connection, table, incoming, rows)

        settled = self._settle(iceberg, batch, 0, decide)
        self._parent = iceberg.metadata.current_snapshot_id
        return settled

    def _merge_child(self, batch: Sequence[TypedPart], place: int, child: Table) -> dict[str, Tally]:
        parent = self._contract.table
        # The child before the parent: if another writer replaces both in between, its commit to the child makes ours
        # fail, and the next attempt sees that the parent row is no longer ours.
        iceberg, parent_iceberg = self._lakehouse.load(child), self._lakehouse.load(parent)
        if self._parent is not None and parent_iceberg.metadata.snapshot_by_id(self._parent) is None:
            raise CommitFailedException("Glue still shows the parent as of before its commit.")

        def decide(pending: Sequence[TypedPart]) -> tuple[list[FileScanTask], Decision]:
            owners = _gathered(pending, 0)
            keys = _keys(owners, parent.primary_key)
            columns = [*parent.primary_key, *lineage.ORIGIN]
            parents_in = holding(self._connection, parent_iceberg, keys)
            held_in = holding(self._connection, iceberg, keys)
            return held_in, children.decide(
                self._connection,
                parent,
                child,
                _gathered(pending, place),
                owners=owners,
                parents=standing(self._connection, parent_iceberg, parents_in, keys, columns),
                existing=standing(self._connection, iceberg, held_in, keys),
            )

        return self._settle(iceberg, batch, place, decide)

    def _settle(
        self,
        iceberg: IcebergTable,
        batch: Sequence[TypedPart],
        place: int,
        decide: Callable[[Sequence[TypedPart]], tuple[list[FileScanTask], Decision]],
    ) -> dict[str, Tally]:
        """Decide about the parts that no snapshot holds yet, and commit, unless nothing changes."""
        done = committed(iceberg, (each.message.id for each in batch))
        pending = [each for each in batch if each.message.id not in done]
        if not pending:
            return done
        held_in, decision = decide(pending)
        new = {
            each.message.id: tally(self._contract.version, each.typed[place], each.message.id, decision)
            for each in pending
        }
        if not decision.changes_nothing:
            replace(self._connection, iceberg, held_in, decision, to_property(new))
        return done | new


def _gathered(batch: Iterable[TypedPart], place: int) -> pa.Table:
    """The good rows of all parts, with `_part`."""
    return pa.concat_tables(
        [
            each.typed[place].good.append_column(
                PART, pa.repeat(pa.scalar(each.message.id), each.typed[place].good.num_rows)
            )
            for each in batch
        ]
    )


def _keys(rows: pa.Table, key: Sequence[str]) -> pa.Table:
    return rows.select(list(key)).group_by(list(key)).aggregate([])
