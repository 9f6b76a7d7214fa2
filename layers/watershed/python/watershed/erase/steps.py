"""The steps of an erasure, in their order. Each does what the receipt says, however often, and tells counts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc
from sqlglot import exp, select

from watershed import names, records
from watershed.backfill.sql import DIALECT
from watershed.erase import accounts
from watershed.erase.lake import Lake
from watershed.erase.plan import Receipt
from watershed.erase.subject import Subject, holders
from watershed.names import Layer, Stage
from watershed.records import LedgerEntry
from watershed.silver import lineage

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from watershed.contracts.model import Contract
    from watershed.erase.plan import Affected


@dataclass(frozen=True)
class Steps:
    """The steps of one erasure.

    Args:
        lake: The region.
        receipt: What is to be erased.
        subject: Whom.
        since: When nobody was writing to silver, UTC.
    """

    lake: Lake
    receipt: Receipt
    subject: Subject
    since: datetime

    def all(self) -> dict[str, Callable[[], dict[str, int]]]:
        """The steps by name. Results go last: the proof makes some."""
        return {
            "raw": self.raw,
            "bronze": self.bronze,
            "quarantine": self.quarantine,
            "ledger": self.ledger,
            "silver": self.silver,
            "gold": self.gold,
            "proof": self.proof,
            "results": self.results,
        }

    def raw(self) -> dict[str, int]:
        """Put what is left of each object, and delete the object."""
        in_raw = [each for each in self.receipt.objects if each.place]
        for affected in in_raw:
            self.lake.raw.erase(affected)
        return {"versions removed": len(in_raw)}

    def bronze(self) -> dict[str, int]:
        """Write the parts without the rows."""
        keys = 0
        for affected in self.receipt.objects:
            parts = self.lake.store.parts(affected)
            for part in affected.good.keys() & parts.keys():  # the others do not have the rows
                table = self.lake.store.table(Layer.BRONZE, parts[part])
                self.lake.store.put(Layer.BRONZE, parts[part], without(table, affected.rows))
                keys += 1
        return {"parts written": keys}

    def quarantine(self) -> dict[str, int]:
        """Write what is held back without what the rows say; bronze keeps count of each."""
        keys = 0
        for affected in self.receipt.objects:
            for key in self.lake.store.accounts(names.QUARANTINE_TABLE, affected):
                held = accounts.held(self.lake.store.table(Layer.QUARANTINE, key), affected.rows)
                self.lake.store.put(Layer.QUARANTINE, key, held)
                keys += 1
            self._add_places(affected)
        return {"objects written": keys}

    def ledger(self) -> dict[str, int]:
        """Write the entries that differ."""
        for key, entries in self.receipt.ledger.items():
            rows = [LedgerEntry(**_revived(entry)) for entry in entries]
            self.lake.store.put(Layer.LEDGER, key, records.to_arrow(LedgerEntry, rows))
        return {"entries written": sum(map(len, self.receipt.ledger.values()))}

    def silver(self) -> dict[str, int]:
        """Take the rows out, forget the snapshots that have them, and remove the files."""
        files = 0
        for contract in self._contracts():
            self.lake.tables.erase(contract, self.subject)
            for table in contract.tables:
                self.lake.tables.forget(table)
                files += self.lake.tables.clear(table, self.since)
        return {"files removed": files}

    def gold(self) -> dict[str, int]:
        """Make the models again, and remove what they were."""
        tables = [table.name for contract in self._contracts() for table in contract.tables]
        models, files = self.lake.models.refresh(tables)
        return {"models made again": models, "files removed": files}

    def proof(self) -> dict[str, int]:
        """Look for the person once more, and have Athena count."""
        found_in = holders(self.lake.contracts, self.subject)
        _, self.receipt.after = self.lake.look(found_in, self.subject)
        self.receipt.proof = [self._counted(contract) for contract in found_in]
        return {"statements": len(self.receipt.proof)}

    def results(self) -> dict[str, int]:
        """Delete all results of queries."""
        return {"objects removed": self.lake.store.remove(Layer.RESULTS, [""], lambda *_: True)}

    def _contracts(self) -> list[Contract]:
        return [self.lake.contracts[name] for name in self.receipt.datasets]

    def _add_places(self, affected: Affected) -> None:
        """In each pass over the object, bronze holds back a place for each row that it took then."""
        store = self.lake.store
        of = affected.identity(store.settings.bucket(Layer.RAW))
        present = set(store.accounts(names.QUARANTINE_TABLE, affected))
        for entry in (_revived(entry) for entries in self.receipt.ledger.values() for entry in entries):
            rows = affected.good.get(entry["part"], [])
            if rows and entry["stage"] == Stage.BRONZE and entry["batch_id"] == affected.batch(of.bucket):
                part = names.part_id(entry["batch_id"], entry["part"], entry["replay"])
                key = names.account_key(names.QUARANTINE_TABLE, affected.dataset, of.last_modified, part, Stage.BRONZE)
                there = store.table(Layer.QUARANTINE, key) if key in present else None
                store.put(Layer.QUARANTINE, key, accounts.with_places(there, entry, rows))

    def _counted(self, contract: Contract) -> dict[str, Any]:
        """The proof of one dataset. The person is a parameter of the statement: the receipt does not say who."""
        column = contract.table.column(self.subject.column)
        counted = select(exp.Count(this=exp.Star()).as_("rows_left")).from_(
            exp.table_(contract.table.name, db=names.SILVER_DB)
        )
        statement = counted.where(exp.column(column.name).eq(exp.Placeholder())).sql(DIALECT)
        _, rows = self.lake.athena.rows(statement, parameters=(self.subject.literal(column),))
        return {"sql": statement, "result": int(str(rows[0][0]))}


def without(table: pa.Table, rows: Sequence[int]) -> pa.Table:
    """A part of bronze without some rows, by their numbers."""
    return table.filter(pc.invert(pc.is_in(table[lineage.ROW_NUMBER], pa.array(rows, pa.int64()))))


def _revived(entry: Mapping[str, Any]) -> dict[str, Any]:
    return {**entry, "recorded_at": datetime.fromisoformat(entry["recorded_at"])}
