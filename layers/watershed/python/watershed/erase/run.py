"""Runs an erasure: looks, writes down what is to be done, does it step by step, and proves that nothing is left."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from watershed import names
from watershed.erase import accounts, require
from watershed.erase.lake import Lake
from watershed.erase.plan import Receipt
from watershed.erase.steps import Steps
from watershed.erase.subject import Subject, holders
from watershed.errors import Transient
from watershed.names import Layer
from watershed.silver import lineage
from watershed.silver.transform import transform

if TYPE_CHECKING:
    from collections.abc import Sequence

    from watershed.erase.plan import Affected
    from watershed.silver.transform import TypedRows


@dataclass(frozen=True)
class Erasure:
    """Erases one person from one region."""

    lake: Lake
    subject: Subject

    def look(self) -> Receipt:
        """What would be erased; no dataset if there is nothing. Makes the key of `Receipts`, and changes nothing else.

        Raises:
            ConfigurationError: if nobody is known in this way, or something is in the way of an erasure.
            Terminal: if an object cannot be written without its rows.
            Transient: if the region is at work.
        """
        found_in = holders(self.lake.contracts, self.subject)
        require.quiet(self.lake)
        require.alone(self.lake, self.subject)
        found, before = self.lake.look(found_in, self.subject)
        held_in = {each.dataset for each in found.objects}
        held_in |= {
            contract.name for contract in found_in if any(before[f"silver.{table.name}"] for table in contract.tables)
        }
        receipt = Receipt(
            id=names.new_replay(self.lake.clock()),
            column=self.subject.column,
            fingerprint=self.lake.receipts.fingerprint(self.subject),
            started=self.lake.clock().isoformat(),
            datasets=sorted(held_in),
            objects=found.objects,
            not_searched=sorted([*found.not_searched, *self.lake.unknown_tables()]),
            before=before,
        )
        if held_in:
            require.ready(self.lake, receipt, found)
            for name in receipt.datasets:
                receipt.snapshots |= self.lake.tables.snapshots(self.lake.contracts[name])
            for affected in found.objects:
                affected.is_current = affected.place is None or self.lake.raw.is_current(affected.place)
                receipt.ledger |= self._corrected(affected)
        return receipt

    def written(self) -> tuple[Receipt | None, list[Receipt]]:
        """An erasure of the person that did not end, and those that did, oldest first."""
        found = self.lake.receipts.of(self.lake.receipts.fingerprint(self.subject))
        return next((each for each in found if not each.ended), None), [each for each in found if each.ended]

    def carry_out(self, receipt: Receipt) -> Receipt:
        """Do what is not done yet, each step once more if it was begun, and prove that nothing is left.

        Raises:
            RefreshFailed: if gold could not be made again.
            Transient: if the region is at work, or rows came meanwhile; to be run again.
        """
        require.quiet(self.lake)
        since = self.lake.receipts.save(receipt)
        for name, step in Steps(self.lake, receipt, self.subject, since).all().items():
            if name not in receipt.steps:
                self.lake.say(f"erasing: {name}")
                receipt.steps[name] = step()
                self.lake.receipts.save(receipt)
        receipt.ledger = {}
        receipt.ended = self.lake.clock().isoformat()
        self.lake.receipts.save(receipt)
        left = sorted(name for name, count in receipt.after.items() if count)
        if left:
            raise Transient(
                f"Rows about the person came while this ran: {', '.join(left)} hold some.",
                remedy="Run the command again.",
            )
        return receipt

    def _corrected(self, affected: Affected) -> dict[str, list[dict[str, Any]]]:
        """Key -> entries of the ledger that differ once the object's rows are gone."""
        store, changed = self.lake.store, dict[str, list[dict[str, Any]]]()
        typed = {part: self._typed(affected, part, rows) for part, rows in affected.good.items()}
        for key in store.accounts(names.LEDGER_TABLE, affected):
            before = store.table(Layer.LEDGER, key).to_pylist()
            after = [
                accounts.corrected(entry, len(affected.good.get(entry["part"], [])), typed.get(entry["part"], []))
                for entry in before
            ]
            if after != before:
                changed[key] = [{**entry, "recorded_at": entry["recorded_at"].isoformat()} for entry in after]
        return changed

    def _typed(self, affected: Affected, part: int, rows: Sequence[int]) -> list[TypedRows]:
        """What some rows of a part are to silver."""
        contract = self.lake.contracts[affected.dataset]
        table = self.lake.store.table(Layer.BRONZE, self.lake.store.parts(affected)[part])
        some = table.filter(pc.is_in(table[lineage.ROW_NUMBER], pa.array(rows, pa.int64())))
        source, jurisdiction = self.lake.search.source(contract, affected), self.lake.store.settings.jurisdiction
        return transform(self.lake.connection, contract, source, jurisdiction, some)
