"""One object version: what a recount gives against ledger, bronze and quarantine. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from watershed import names
from watershed.names import Stage
from watershed.reconcile.difference import BACKFILL, Difference, Where
from watershed.reconcile.objects import Known
from watershed.reconcile.recount import PartCount, Recount

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from watershed.reconcile.accounts import Entry
    from watershed.reconcile.recount import TableCount

_NOTHING = PartCount(0, 0, ())  # the part of a file that has no record, or is refused


@dataclass(frozen=True)
class Evidence:
    """All that there is about one object version.

    Attributes:
        known: The object, with its entries in the ledger.
        recount: What its bytes say.
        bronze: Part -> rows in bronze's Parquet; only of parts that are there.
        held: Stage -> rows in quarantine.
    """

    known: Known
    recount: Recount
    bronze: Mapping[int, int]
    held: Counter[str]


@dataclass(frozen=True)
class Comparison:
    """Compares the objects of one dataset.

    Args:
        dataset: Its name.
        contract_version: The contract's; what was made under another is compared in rows only.
        tables: The dataset's silver tables, its own first.
    """

    dataset: str
    contract_version: str
    tables: tuple[str, ...]

    def differences(self, of: Evidence) -> list[Difference]:
        """Everything in which the accounts are not as the object says."""
        return list(_Object(self, of).differences())


class _Object:
    def __init__(self, within: Comparison, of: Evidence) -> None:
        self._within, self._of, self._version = within, of, of.known.version
        self._parts = of.recount.parts or (_NOTHING,)
        self._bronze: dict[int, list[Entry]] = {}
        self._silver: dict[tuple[int, str], list[Entry]] = {}
        for entry in of.known.entries:
            if entry.stage == Stage.BRONZE:
                self._bronze.setdefault(entry.part, []).append(entry)
            else:
                self._silver.setdefault((entry.part, entry.table_name), []).append(entry)

    def differences(self) -> Iterator[Difference]:
        if any(entry.rejected_file and self._is_older(entry) for entry in self._of.known.entries):
            return  # a later pass took the file, and what that entered is left out; silver's rows are compared
        for number, part in enumerate(self._parts):
            yield from self._bronze_part(number, part)
            yield from self._parquet(number, part)
            for place, count in enumerate(part.tables):
                yield from self._silver_part(number, place, count)
        yield from self._beyond()
        yield from self._held()

    def _bronze_part(self, number: int, part: PartCount) -> Iterator[Difference]:
        entries, at = self._bronze.get(number, []), self._at(number)
        yield from self._once(at, Stage.BRONZE, entries)
        for entry in entries[:1]:
            if not self._is_older(entry):
                pairs = {
                    "records read": (part.rows + part.malformed, entry.rows_read),
                    "rows out": (part.rows, entry.rows_out),
                    "malformed records": (part.malformed, entry.malformed),
                    "file refused": (self._of.recount.rejected, entry.rejected_file),
                }
                yield from self._unequal(at, Stage.BRONZE, pairs)

    def _parquet(self, number: int, part: PartCount) -> Iterator[Difference]:
        entries = self._bronze.get(number, [])
        is_older = bool(entries) and self._is_older(entries[0])
        expected = entries[0].rows_out if is_older else part.rows
        found = self._of.bronze.get(number)
        if (found or 0) != expected:
            told = "no object" if found is None else str(found)
            remedy = BACKFILL if is_older else self._again(number, Stage.BRONZE)
            yield Difference(self._at(number), "rows in bronze's part", str(expected), told, remedy)

    def _silver_part(self, number: int, place: int, count: TableCount) -> Iterator[Difference]:
        entries, at = self._silver.get((number, count.table), []), self._at(number, count.table)
        bronze_is_older = any(map(self._is_older, self._bronze.get(number, [])))
        if not bronze_is_older:
            yield from self._once(at, Stage.SILVER, entries)
        for entry in entries[:1]:
            if not self._is_older(entry):
                pairs = {
                    "rows in": (count.rows_in, entry.rows_in),
                    "rows merged": (count.rows_in - count.quarantined, entry.merged),
                    "rows quarantined": (count.quarantined, entry.quarantined),
                }
                yield from self._unequal(at, Stage.SILVER, pairs)
                if entry.sums != count.sums:  # the sum of few rows is a row's value: it is not told
                    yield Difference(at, "sums of money", "the recount's", "others", self._again(number, Stage.SILVER))
            elif place == 0 and not bronze_is_older:
                yield from self._unequal(at, Stage.SILVER, {"rows in": (count.rows_in, entry.rows_in)})

    def _beyond(self) -> Iterator[Difference]:
        """Accounts and parts of which the file knows nothing."""
        for entry in self._of.known.entries:
            known = entry.stage == Stage.BRONZE or entry.table_name in self._within.tables
            if not self._is_older(entry) and not (known and entry.part < len(self._parts)):
                at = self._at(entry.part, entry.table_name)
                remedy = f"Delete {self._ledger_key(entry.part, entry.stage)} from the ledger's bucket."
                yield Difference(at, f"{entry.stage}'s ledger entries", "0", "1", remedy)
        is_older = any(self._is_older(entry) for found in self._bronze.values() for entry in found)
        for number in self._of.bronze if not is_older else ():
            if number >= len(self._parts):
                yield Difference(self._at(number), "bronze's parts", "0", "1", "Delete it from bronze's bucket.")

    def _held(self) -> Iterator[Difference]:
        recount = self._of.recount
        expected = {
            Stage.BRONZE: int(recount.rejected) + sum(part.malformed for part in recount.parts),
            Stage.SILVER: sum(table.quarantined for part in recount.parts for table in part.tables),
        }
        older = {entry.stage for entry in self._of.known.entries if self._is_older(entry)}
        at = self._at(None, f"{names.OPS_DB}.{names.QUARANTINE_TABLE}")
        for stage, count in expected.items():
            found = self._of.held[stage]
            if stage not in older and found != count:
                remedy = self._again(0, stage) if stage is Stage.BRONZE else BACKFILL
                yield Difference(at, f"rows held back by {stage}", str(count), str(found), remedy)

    def _once(self, at: Where, stage: Stage, entries: Sequence[Entry]) -> Iterator[Difference]:
        if len(entries) != 1:
            part = at.part or 0
            remedy = f"Keep {self._ledger_key(part, stage)} alone." if entries else self._again(part, stage)
            yield Difference(at, f"{stage}'s ledger entries", "1", str(len(entries)), remedy)

    def _unequal(self, at: Where, stage: Stage, pairs: Mapping[str, tuple[int, int]]) -> Iterator[Difference]:
        """The pairs (expected, found) that are none."""
        for name, (expected, found) in pairs.items():
            if expected != found:
                remedy = self._again(at.part or 0, stage)
                yield Difference(at, f"{name}, by {stage}'s ledger", str(expected), str(found), remedy)

    def _again(self, part: int, stage: Stage) -> str:
        """Silver takes no part again that is in the ledger, and bronze no file of which the first part is."""
        key = self._ledger_key(part if stage is Stage.SILVER else 0, stage)
        return (
            f"Delete {key} from the ledger's bucket, then land this object version again (docs/operations.md): "
            f"{stage} writes it again, under the same keys."
        )

    def _ledger_key(self, part: int, stage: str) -> str:
        part_id, arrived = names.part_id(self._of.known.batch_id, part), self._version.last_modified
        return names.account_key(names.LEDGER_TABLE, self._within.dataset, arrived, part_id, Stage(stage))

    def _is_older(self, entry: Entry) -> bool:
        return not entry.is_by(self._within.dataset, self._within.contract_version)

    def _at(self, part: int | None, table: str = "") -> Where:
        return Where(self._within.dataset, self._version.key, self._version.version, part, table)
