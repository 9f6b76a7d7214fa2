"""What a region tells of itself: the ledger, what is in quarantine, and the answers. All from Athena."""

from __future__ import annotations

import csv
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from rich import box
from rich.table import Table
from sqlglot import exp
from watershed import names
from watershed.reasons import Reason
from watershed.replay import held

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from rich.console import Console
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
    header, rows = region.athena.rows(LEDGER)
    balanced = True
    for values in rows:
        row = dict(zip(header, values, strict=True))
        again = row["again"] == "true"  # some rows of a part, or all of it: what silver took tells
        came = ("unpacked", "malformed") if again or row["parts"] == "0" else ("read",)
        counts = [sum(int(row[name] or 0) for name in came), *(int(row[name] or 0) for name in OUTCOMES)]
        missing = counts[0] - int(row["accounted"] or 0)
        balanced = balanced and not missing
        made.add_row(
            f"{row['table_name']}, again" if again else row["table_name"],
            *(f"{count:,}" for count in counts),
            f"{missing:,} missing" if missing else "ok",
            style="bold red" if missing else "",
        )
    console.print(made)
    return balanced


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


def print_answers(console: Console, region: Region, questions: Iterable[Question]) -> None:
    """Each question and its answer in plain words."""
    asked = list(questions)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        results = pool.map(lambda question: region.athena.typed_rows(question.sql), asked)
        for question, result in zip(asked, results, strict=True):
            console.print(question.question, style="bold", markup=False)
            for line in question.answers(*result):
                console.print(f"  {line}", markup=False)
    console.print()


def write_csv(region: Region, models: Iterable[GoldModel], folder: Path) -> None:
    """Write each gold table, ordered by its keys, as `<folder>/<model>.csv`; empty fields are NULL."""
    folder.mkdir(parents=True, exist_ok=True)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(lambda model: _write_table(region, model, folder / f"{model.name}.csv"), models))


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
