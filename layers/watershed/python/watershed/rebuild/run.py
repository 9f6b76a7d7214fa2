"""Runs a rebuild: fill the tables beside, check them, switch, and take in what came meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from watershed import names
from watershed.athena import Athena
from watershed.backfill.sql import DIALECT, sql, table
from watershed.errors import CommitConflict, ConfigurationError, LedgerImbalance
from watershed.rebuild.intake import Intake
from watershed.rebuild.switch import Progress, Switch

if TYPE_CHECKING:
    from watershed.contracts.model import Contract
    from watershed.rebuild.intake import Taken
    from watershed.rebuild.parts import PartKey

_ATTEMPTS = 10


@dataclass(frozen=True)
class Switched:
    """One table, before and after."""

    table: str
    before: int | None  # rows; None if it had been switched before this attempt
    after: int  # rows


@dataclass(frozen=True)
class Rebuild:
    """A rebuild of one dataset in one region.

    Args:
        athena: The region's; only asked for counts.
        intake: How parts come into silver.
        switch: The dataset's tables in the catalog.
        refresh: Tells gold.
        say: Told each step before it is done.
    """

    athena: Athena
    intake: Intake
    switch: Switch
    refresh: Callable[[], None]
    say: Callable[[str], None]

    @property
    def contract(self) -> Contract:
        """The dataset."""
        return self.switch.contract

    def run(self) -> list[Switched]:
        """Do all that is left to do: everything, or what an earlier attempt with the same id did not do.

        Returns:
            Each of the contract's tables, in its order.

        Raises:
            CommitConflict: if others committed to the dataset's own table every time before it was switched.
            ConfigurationError: if bronze holds nothing of the dataset, or parts were read by different contracts.
            LedgerImbalance: if the rebuilt table does not hold what the ledger says.
            RebuildIncomplete: if silver does not take all parts in. After each of these, nothing was switched.
        """
        before: dict[str, int] = {}
        if self.switch.progress() is not Progress.SWITCHING:
            self._fill()
            before = {each.name: self._rows(each.name) for each in self.contract.tables}
            self._switch_own()
        self.switch.switch_children()
        after = {each.name: self._rows(each.name) for each in self.contract.tables}
        # What silver merged between the last look into the ledger and the switch went into the tables that are gone.
        late = self.intake.replay()
        if late:
            self.say(f"{late:,} parts came meanwhile; silver takes them into the new tables")
        self.refresh()
        self.switch.forget()
        return [Switched(each.name, before.get(each.name), after[each.name]) for each in self.contract.tables]

    def _fill(self) -> None:
        if not self.intake.parts():
            raise ConfigurationError(
                f"Bronze holds no rows of {self.contract.name} here.", remedy="There is nothing to rebuild from."
            )
        self.intake.fill()

    def _switch_own(self) -> None:
        for _ in range(_ATTEMPTS):
            # First of all: a commit from here on makes the switch fail, so what it merged is not lost from sight.
            version = self.switch.version(self.contract.table)
            self.intake.fill()
            self._check(self.intake.taken())
            self.say("switching")
            try:
                self.switch.switch_own(version)
            except CommitConflict as conflict:
                self.say("somebody committed meanwhile: looking again for what came")
                last = conflict
            else:
                return
        raise last

    def _check(self, taken: dict[PartKey, Taken]) -> None:
        """Refuse what does not hold what the ledger says, or was not all read by the contract at hand."""
        versions = sorted({each.contract_version for each in taken.values()})
        if versions != [self.contract.version]:
            raise ConfigurationError(
                f"Silver read the parts by the contract's version {', '.join(versions)}; here it is "
                f"{self.contract.version}. Nothing was switched.",
                remedy="Deploy the contract, then start another rebuild.",
            )
        name = names.rebuilt(self.contract.table.name, self.switch.rebuild)
        inserted, rows = sum(each.inserted for each in taken.values()), self._rows(name)
        if rows != inserted:
            raise LedgerImbalance(
                f"silver.{name} has {rows:,} rows, but {inserted:,} were inserted by the ledger. Nothing was switched.",
                remedy="Start another rebuild; if it ends so again, report it as a defect of Watershed.",
            )

    def _rows(self, name: str) -> int:
        query = sql("SELECT COUNT(*) FROM :name", name=table(names.SILVER_DB, name))
        return int(self.athena.typed_rows(query.sql(DIALECT))[1][0][0])
