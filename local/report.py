"""What a region tells of itself: the ledger, what is in quarantine, and the answers. All from Athena."""

from __future__ import annotations

import csv
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich import box
from rich.table import Table
from sqlglot import exp
from watershed import names
from watershed.errors import QueryFailed
from watershed.questions import ask
from watershed.reasons import Reason
from watershed.replay import held

from local import freshness
from local.terminal import harmless

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import datetime
    from pathlib import Path

    from rich.console import Console
    from watershed.athena import Athena
    from watershed.contracts.model import Contract
    from watershed.gold.model import GoldModel
    from watershed.questions import Question

    from local.region import Region

LEDGER = """
SELECT
  table_name,
  COALESCE(replay, '') <> '' AS again,
  sum(rows_read) AS read,
  sum(inserted) AS inserted,
  sum(updated) AS updated,
  sum(duplicate) AS duplicate,
  sum(stale) AS stale,
  sum(malformed) AS malformed,
  sum(malformed) + sum(quarantined) AS quarantined,
  sum(rows_in) AS unpacked,
  sum(CASE WHEN stage = 'bronze' THEN 1 ELSE 0 END) AS parts,
  sum(inserted) + sum(updated) + sum(duplicate) + sum(stale) + sum(malformed) + sum(quarantined) AS accounted
FROM ops.ledger
GROUP BY table_name, COALESCE(replay, '') <> ''
ORDER BY table_name, again
"""

AT_ONCE = 4  # statements that Athena is asked at a time
OUTCOMES = ("inserted", "updated", "duplicate", "stale", "quarantined")


@dataclass(frozen=True)
class Account:
    """What became of the rows of one table; of a child table, of the elements unpacked for it.

    Attributes:
        again: Whether this counts replays, which stand apart.
        came: Rows in.
        outcomes: Rows by each of `OUTCOMES`, in its order.
        missing: Rows in that nobody can account for; below 0 if there are more outcomes than rows.
    """

    table: str
    again: bool
    came: int
    outcomes: tuple[int, ...]
    missing: int

    @property
    def label(self) -> str:
        """The table's name, marked if these are replays."""
        return f"{self.table}, again" if self.again else self.table


def accounts(region: Region) -> list[Account]:
    """The ledger, added up per table."""
    header, rows = region.athena.rows(LEDGER)
    return [_account(dict(zip(header, values, strict=True))) for values in rows]


def _account(row: Mapping[str, str | None]) -> Account:
    again = row["again"] == "true"  # some rows of a part, or all of it: what silver took tells
    came = ("unpacked", "malformed") if again or row["parts"] == "0" else ("read",)
    counted = sum(int(row[name] or 0) for name in came)
    outcomes = tuple(int(row[name] or 0) for name in OUTCOMES)
    table_name = row["table_name"] or names.UNKNOWN_DATASET  # of a file that no contract takes
    return Account(table_name, again, counted, outcomes, counted - int(row["accounted"] or 0))


def print_ledger(console: Console, region: Region) -> bool:
    """Rows read and what became of each, per table; child tables count unpacked elements, and replays stand apart.

    Returns:
        Whether every row is accounted for.
    """
    made = table("Ledger: what became of every row")
    made.add_column("table", no_wrap=True)
    for name in ("read", *OUTCOMES):
        made.add_column(name, justify="right")
    made.add_column("")
    told = accounts(region)
    for account in told:
        made.add_row(
            account.label,
            *(f"{count:,}" for count in (account.came, *account.outcomes)),
            f"{account.missing:,} missing" if account.missing else "ok",
            style="bold red" if account.missing else "",
        )
    console.print(made)
    return not any(account.missing for account in told)


def print_quarantine(console: Console, region: Region) -> None:
    """What is still held back, by reason, with what to do about it."""
    _, rows = region.athena.rows(held.by_reason())
    if not rows:
        console.print("Quarantine: empty\n")
        return
    made = table("Quarantine: held back, nothing lost")
    for name in ("reason", "rows", "files"):
        made.add_column(name, justify="left" if name == "reason" else "right", no_wrap=True)
    made.add_column("what to do", style="dim")
    for reason, count, files in rows:
        made.add_row(reason, count, files, Reason(str(reason)).remedy)
    console.print(made)


def print_freshness(console: Console, region: Region, contracts: Iterable[Contract], now: datetime) -> None:
    """When each dataset's last file came, against its contract's promise; `now` is UTC, without a zone."""
    made = table("Freshness")
    for name in ("dataset", "last file, UTC", "age", "promised"):
        made.add_column(name, justify="right" if name in {"age", "promised"} else "left", no_wrap=True)
    made.add_column("")
    for each in freshness.read(region, contracts, now):
        age, promised = freshness.in_words(each.age), freshness.in_words(each.promised)
        made.add_row(each.dataset, each.came, age, promised, each.state, style="bold red" if each.late else "")
    console.print(made)


def print_answers(console: Console, region: Region, questions: Iterable[Question]) -> None:
    """Each question, its answer in plain words, and by which rule, where the question leaves that open."""
    for question, lines in answers(region.athena, questions):
        console.print(question.question, style="bold", markup=False, emoji=False)
        for line in lines:
            console.print(f"  {harmless(line)}", markup=False, emoji=False)
        if question.rule:
            console.print(f"  {question.rule}", markup=False, emoji=False, style="dim")
    console.print()


def answers(athena: Athena, questions: Iterable[Question]) -> Iterator[tuple[Question, tuple[str, ...]]]:
    """Each question and its answer's sentences; one about a table that is not there yet is answered by its name.

    So is one about a column that is not there yet: a deployment brings it, and the next refresh makes it.
    """
    there, asked = gold_tables(athena), list(questions)

    def sentences(question: Question) -> tuple[str, ...]:
        if missing := [table for table in question.reads if table not in there]:
            return (f"Not yet: there is no {names.GOLD_DB}.{missing[0]}, which is made when what it reads has come.",)
        try:
            return ask(question, athena).sentences
        except QueryFailed as error:
            if error.code != "COLUMN_NOT_FOUND":
                raise
        tables = ", ".join(f"{names.GOLD_DB}.{table}" for table in question.reads)
        return (f"Not yet: a column that is new is not in {tables}, and will be when gold is refreshed next.",)

    with ThreadPoolExecutor(AT_ONCE) as pool:
        yield from zip(asked, pool.map(sentences, asked), strict=True)


def gold_tables(athena: Athena) -> set[str]:
    """The gold tables that are there."""
    return {str(name) for (name,) in athena.rows(f"SHOW TABLES IN {names.GOLD_DB}")[1]}


def write_csv(region: Region, models: Iterable[GoldModel], folder: Path) -> None:
    """Write each gold table, ordered by its keys, as `<folder>/<model>.csv`; empty fields are NULL.

    Of a table that is not there yet, a file of an earlier run is removed.
    """
    folder.mkdir(parents=True, exist_ok=True)
    there = gold_tables(region.athena)

    def write(model: GoldModel) -> None:
        path = folder / f"{model.name}.csv"
        if model.name in there:
            _write_table(region, model, path)
        else:
            path.unlink(missing_ok=True)

    with ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(write, models))


def _write_table(region: Region, model: GoldModel, path: Path) -> None:
    keys = [exp.column(key, quoted=True) for key in model.keys]
    table = exp.table_(model.name, db=names.GOLD_DB, quoted=True)
    header, rows = region.athena.rows(exp.select("*").from_(table).order_by(*keys).sql("athena"))
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(header)
        writer.writerows(rows)


def table(title: str) -> Table:
    """A table that fits 80 columns."""
    return Table(
        box=box.SIMPLE_HEAD,
        title=title,
        title_justify="left",
        title_style="bold",
        padding=(0, 1, 0, 0),
        pad_edge=False,
        show_edge=False,
    )
