"""A refresh: the models that a change reaches, each written beside its table and then switched in, in order."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from graphlib import TopologicalSorter
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from watershed import names
from watershed.athena import Athena
from watershed.clock import Clock
from watershed.errors import QueryFailed, RefreshFailed, WatershedError
from watershed.gold import plan
from watershed.gold.masking_key import MaskingKey
from watershed.gold.model import GoldModel
from watershed.gold.runs import GoldFiles, new_run
from watershed.gold.statement import unload
from watershed.gold.tables import GoldTables, Written
from watershed.log import logger
from watershed.messages import GoldRun, Refreshed
from watershed.zones.publish import Views

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from datetime import date

WORKERS = 8  # models at a time; Athena allows at least 20 running queries an account


class State(StrEnum):
    """What became of one model in a refresh."""

    REFRESHED = "refreshed"
    SUPERSEDED = "superseded"  # the table already shows what was started later
    WAITING = "waiting"  # a table it reads is not there yet; its first commit refreshes this model
    FAILED = "failed"
    SKIPPED = "skipped"  # a model it reads failed: its table stays as it is


_THERE = frozenset({State.REFRESHED, State.SUPERSEDED})  # after these the model has a table


@dataclass(frozen=True)
class Outcome:
    """What became of one model, and why if it was not refreshed. `detail` names objects and codes, never a value."""

    model: str
    state: State
    detail: str = ""
    replaced: str | None = None  # the run the table showed before
    shows: GoldRun | None = None  # what it shows now, if it was refreshed


@dataclass(frozen=True)
class Refresher:
    """Refreshes the gold models of one region, and with each its views; without `views` the tables alone.

    `announce` is told once a refresh which tables show new runs, also if others failed.
    """

    models: Mapping[str, GoldModel]
    athena: Athena
    tables: GoldTables
    files: GoldFiles
    masking_key: MaskingKey
    clock: Clock
    views: Views | None = None
    announce: Callable[[Refreshed], None] | None = None

    def refresh(self, changed: Iterable[str], as_of: date) -> list[Outcome]:
        """Refresh every model downstream of the changed tables; all of them if none is named.

        A model starts as soon as those it reads are done; what does not depend on each other runs side by side.

        Args:
            changed: Tables as `silver.<table>`.
            as_of: The day that open periods run to.

        Returns:
            What became of each model, in the order in which they ended.

        Raises:
            RefreshFailed: naming the models that failed and those skipped for it. All others were refreshed.
            Terminal, Transient: if the masking key could not be looked at; nothing was refreshed.
            Transient: if it could not be announced.
        """
        self.masking_key.make()
        begun, changed = self.clock(), frozenset(changed)
        run = new_run(begun)
        chosen, there = self._chosen(changed)
        waits_for = plan.waits_for(self.models, chosen)
        outcomes: dict[str, Outcome] = {}
        order = TopologicalSorter(waits_for)
        order.prepare()
        with ThreadPoolExecutor(WORKERS) as pool:
            running: set[Future[Outcome]] = set()
            while order.is_active():
                for name in order.get_ready():
                    broken = sorted(
                        upstream
                        for upstream in waits_for[name]
                        if outcomes[upstream].state in {State.FAILED, State.SKIPPED}
                    )
                    # Glue may not show at once what was just made, so what this refresh made itself is not asked for.
                    made = {f"{names.GOLD_DB}.{model}" for model, each in outcomes.items() if each.state in _THERE}
                    running.add(pool.submit(self._refresh_model, self.models[name], run, as_of, broken, made | there))
                ended, running = wait(running, return_when=FIRST_COMPLETED)
                for outcome in (future.result() for future in ended):
                    logger.info("gold model", extra={"model": outcome.model, "state": outcome.state, "run": run})
                    outcomes[outcome.model] = outcome
                    order.done(outcome.model)
            list(pool.map(lambda outcome: self._prune(outcome, run), outcomes.values()))
            runs = tuple(outcome.shows for outcome in outcomes.values() if outcome.shows)
            silver = self.views.of_silver(changed) if self.views else []
            views = dict.fromkeys(silver, begun)
            views |= {f"{names.GOLD_DB}.{each.model}": datetime.fromisoformat(each.started) for each in runs}
            shown = list(pool.map(lambda view: self._show(view, views[view], as_of), views))
        if self.announce and runs:
            self.announce(Refreshed(runs))
        _raise_if_any_failed([*outcomes.values(), *(outcome for outcome in shown if outcome)])
        return list(outcomes.values())

    def _chosen(self, changed: Iterable[str]) -> tuple[frozenset[str], frozenset[str]]:
        """The models to refresh, and the gold tables that they read besides and that are there.

        A model that one of them reads and that has no table is refreshed as well: Glue may not show yet what an earlier
        refresh made, and nothing would refresh again a model that waited for it.
        """
        chosen, there = plan.downstream(self.models, changed), frozenset[str]()
        while True:
            read = plan.read_besides(self.models, chosen) - there
            absent = {table for table in read if not self.tables.exists(table)}
            there |= read - absent
            if not absent:
                return chosen, there
            chosen |= {table.partition(".")[2] for table in absent} | plan.downstream(self.models, absent)

    def _refresh_model(
        self, model: GoldModel, run: str, as_of: date, broken: list[str], made: Collection[str]
    ) -> Outcome:
        if broken:
            return Outcome(model.name, State.SKIPPED, f"reads {', '.join(broken)}")
        try:
            missing = [table for table in model.reads if table not in made and not self.tables.exists(table)]
            if missing:
                return Outcome(model.name, State.WAITING, f"there is no {', '.join(missing)} yet")
            written = Written(run, self.clock(), self.files.location(model.name, run))
            self.athena.run(unload(model, as_of, written.location))
            switched, replaced = self.tables.switch(model, written)
        except (WatershedError, ClientError, BotoCoreError) as error:
            return Outcome(model.name, State.FAILED, _cause(error))
        if not switched:
            return Outcome(model.name, State.SUPERSEDED, replaced=replaced)
        shows = GoldRun(model.name, run, written.started_text)
        return Outcome(model.name, State.REFRESHED, replaced=replaced, shows=shows)

    def _show(self, table: str, started: datetime, as_of: date) -> Outcome | None:
        """Put the views of a table, given as `database.table`; what became of them if that failed."""
        try:
            if self.views:
                self.views.put(table, as_of, started)
        except (WatershedError, ClientError, BotoCoreError) as error:
            return Outcome(f"views of {table}", State.FAILED, _cause(error))
        return None

    def _prune(self, outcome: Outcome, run: str) -> None:
        """Delete the files of runs that nobody needs any more. If that fails the next refresh does it."""
        if outcome.state is not State.REFRESHED:
            return
        try:
            self.files.prune(outcome.model, {run, outcome.replaced or run}, self.clock())
        except (WatershedError, ClientError, BotoCoreError) as error:
            logger.warning("old gold files stay", extra={"model": outcome.model, "cause": _cause(error)})


def _cause(error: Exception) -> str:
    """Why a model failed, without what Athena quotes of the data: that is in Athena's history, under the query's id."""
    if isinstance(error, QueryFailed):
        return f"{error.code}, Athena query {error.query}"
    if isinstance(error, WatershedError):
        return error.message
    if isinstance(error, ClientError):
        return f"{error.response['Error']['Code']} in {error.operation_name}"
    return type(error).__name__


def _raise_if_any_failed(outcomes: Collection[Outcome]) -> None:
    by_state = {state: [outcome for outcome in outcomes if outcome.state is state] for state in State}
    if not by_state[State.FAILED]:
        return
    failed = "; ".join(f"{outcome.model} ({outcome.detail})" for outcome in by_state[State.FAILED])
    skipped = ", ".join(outcome.model for outcome in by_state[State.SKIPPED])
    raise RefreshFailed(
        f"Gold models failed: {failed}." + (f" Skipped because they read one of these: {skipped}." if skipped else ""),
        remedy="What failed is as it was before. Mend the cause; the queue repeats the message.",
    )
