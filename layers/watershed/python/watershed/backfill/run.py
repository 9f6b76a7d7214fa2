"""Runs a backfill: counts, holds bad rows back, merges, source by source. Everything may be repeated."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from watershed.athena import Athena
from watershed.backfill import held, merge, slices, tally
from watershed.backfill.bronze import Window, sources_in
from watershed.backfill.judged import Judged
from watershed.backfill.sql import DIALECT
from watershed.backfill.tally import Tally
from watershed.contracts.model import Contract

if TYPE_CHECKING:
    from sqlglot import exp

    from watershed.contracts.model import Table


@dataclass(frozen=True)
class Done:
    """What became of one source's rows in one window, for one table."""

    window: Window
    source: str
    table: str
    tally: Tally


@dataclass(frozen=True)
class Backfill:
    """A backfill of one dataset in one region.

    Args:
        athena: The region's.
        contract: The dataset.
        region: The AWS region.
        jurisdiction: ISO codes of the countries whose rows belong in this region.
        say: Told each statement's purpose before it runs.
    """

    athena: Athena
    contract: Contract
    region: str
    jurisdiction: tuple[str, ...]
    say: Callable[[str], None] = lambda _: None

    def count(self, whole: Window) -> Iterator[Done]:
        """What a backfill of the window would do; changes nothing.

        Raises:
            ConfigurationError: if Athena would read a column otherwise than silver; nothing was done.
            QueryFailed: if Athena refused a statement.
        """
        for judged in self._sources(whole):
            yield from self._counted(judged)

    def run(self, whole: Window) -> Iterator[Done]:
        """Backfill the window: what `count` says, and then do it.

        Bad rows are written first, as silver's function does: no row is ever in neither place. After a failure run
        it again: rows that stand already are not written twice.

        Raises:
            ConfigurationError: if Athena would read a column otherwise than silver; nothing was done.
            QueryFailed: if Athena refused a statement.
        """
        for judged in self._sources(whole):
            done = list(self._counted(judged))
            if done[0].tally.rows:
                self._settle(judged, {each.table: each.tally for each in done})
            yield from done

    def _sources(self, whole: Window) -> Iterator[Judged]:
        sources = sources_in(self.contract, self.region)
        for index, source in enumerate(sources):  # what is refused is refused before anything is done
            for table in self.contract.tables:
                Judged(self.contract, source, sources[:index], self.jurisdiction, whole).rows(table)
        self.say("looking for the days on which files came")
        days = [row[0] for row in self.athena.typed_rows(_text(slices.days(self.contract, whole)))[1]]
        for window in slices.windows(days):
            for index, source in enumerate(sources):
                yield Judged(self.contract, source, sources[:index], self.jurisdiction, window)

    def _counted(self, judged: Judged) -> Iterator[Done]:
        for table in self.contract.tables:
            self.say(f"{judged.source.name}: counting {table.name}")
            _, answer = self.athena.typed_rows(_text(tally.query(judged, table)))
            found = tally.read(judged, table, answer)
            yield Done(judged.window, judged.source.name, table.name, found)
            if not found.rows and table.parent is None:
                return

    def _settle(self, judged: Judged, tallies: dict[str, Tally]) -> None:
        for table in self.contract.tables:
            if tallies[table.name].verdicts[tally.QUARANTINED]:
                self.say(f"{judged.source.name}: quarantine of {table.name}")
                self.athena.run(_text(held.insert(judged, table)))
        for within in self._ranges(judged, self.contract.table):
            self.say(f"{judged.source.name}: merging {self.contract.table.name}")
            self.athena.run(_text(merge.own(judged, within)))
        for child in self.contract.children:
            self.say(f"{judged.source.name}: merging {child.name}")
            self.athena.run(_text(merge.elements(judged, child)))

    def _ranges(self, judged: Judged, table: Table) -> list[exp.Expr]:
        query = slices.partitions(judged, table)
        begins = [row[0] for row in self.athena.rows(_text(query))[1]] if query is not None else [None]
        return slices.ranges(table, begins)


def _text(statement: exp.Expr) -> str:
    return statement.sql(DIALECT)
