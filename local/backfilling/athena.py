"""A backfill by Athena: bronze is read again in SQL."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Console
from watershed import names
from watershed.backfill.run import Backfill, Done
from watershed.messages import Refresh
from watershed.silver.lakehouse import Lakehouse

from local import report

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from watershed.backfill.bronze import Window
    from watershed.contracts.model import Contract

    from local.region import Region


def count(
    region: Region, contract: Contract, window: Window, places: tuple[str, ...], say: Callable[[str], None]
) -> int:
    """Print what would become of the rows, and change nothing; the exit code."""
    _report(Backfill(region.athena, contract, region.name, places, say).count(window))
    return 0


def run(region: Region, contract: Contract, window: Window, places: tuple[str, ...], say: Callable[[str], None]) -> int:
    """Backfill and print what became of the rows; the exit code."""
    _make_tables(region, contract)
    _report(Backfill(region.athena, contract, region.name, places, say).run(window))
    changed = tuple(f"{names.SILVER_DB}.{table.name}" for table in contract.tables)
    region.send_refresh(Refresh(changed, "manual").to_json())
    say("gold is being refreshed")
    return 0


def _make_tables(region: Region, contract: Contract) -> None:
    """Silver's tables, with every column of the contract."""
    bucket = names.bucket(names.Layer.SILVER, region.account, region.name)
    lakehouse = Lakehouse(region.client("glue"), region.client("s3"), bucket)
    for table in contract.tables:
        lakehouse.load(table)


def _report(done: Iterable[Done]) -> None:
    console, table = Console(highlight=False), report.table("Backfill: what becomes of every row")
    table.add_column("table", no_wrap=True)
    table.add_column("source", no_wrap=True)
    table.add_column("rows", justify="right")
    for name in ("outcome", "held back, by reason"):
        table.add_column(name)
    for each in done:
        if each.tally.rows:
            outcomes, reasons = (
                "\n".join(f"{count:,} {what}" for what, count in sorted(counts.items()))
                for counts in (each.tally.verdicts, each.tally.reasons)
            )
            table.add_row(each.table, each.source, f"{each.tally.rows:,}", outcomes, reasons)
    console.print(table if table.row_count else "No file of this dataset came in that time.")
