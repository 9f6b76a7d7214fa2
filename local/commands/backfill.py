"""`watershed backfill REGION DATASET`: read a dataset's bronze again, by the contract as it is now."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from rich.console import Console
from watershed import catalog, names
from watershed.backfill.bronze import Window
from watershed.backfill.run import Backfill, Done
from watershed.errors import ConfigurationError
from watershed.messages import Refresh
from watershed.silver.lakehouse import Lakehouse

from infra.tables import FIRST_DATE
from local import report
from local.config import regions
from local.paths import LAKE
from local.reached import reached

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterable

    from watershed.contracts.model import Contract

    from local.region import Region


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command line."""
    parser.add_argument("region", help="an AWS region of the lake, e.g. eu-central-1")
    parser.add_argument("dataset", help="a contract's name, e.g. transactions")
    parser.add_argument("--engine", choices=["athena"], default="athena", help="what does the work; default: athena")
    parser.add_argument(
        "--since", type=date.fromisoformat, help="first day on which files came; default: the first ever"
    )
    parser.add_argument("--until", type=date.fromisoformat, help="last day on which files came; default: today")
    parser.add_argument("--dry-run", action="store_true", help="count what would happen, and change nothing")
    parser.add_argument("--aws", action="store_true", help="in the real AWS account instead of `watershed up`")


def run(args: argparse.Namespace) -> int:
    """Backfill and print what became of the rows; standard error tells the progress."""
    lake, progress = catalog.build(LAKE), Console(stderr=True, highlight=False)
    contract = lake.contracts.get(args.dataset)
    if contract is None:
        raise ConfigurationError(
            f"There is no dataset {args.dataset}.", remedy=f"Choose one of {', '.join(sorted(lake.contracts))}."
        )
    region = reached(args.region, aws=args.aws)
    window = Window(args.since or date.fromisoformat(FIRST_DATE), args.until or datetime.now(UTC).date())
    if window.until < window.since:
        raise ConfigurationError("--until is before --since.", remedy="Exchange the two days.")
    jurisdiction = next(each.jurisdiction for each in regions() if each.region == args.region)
    backfill = Backfill(
        region.athena, contract, args.region, jurisdiction, say=lambda what: progress.print(f"· {what}", style="dim")
    )
    if args.dry_run:
        _report(backfill.count(window))
        return 0
    _make_tables(region, contract)
    _report(backfill.run(window))
    changed = tuple(f"{names.SILVER_DB}.{table.name}" for table in contract.tables)
    region.send_refresh(Refresh(changed, "manual").to_json())
    progress.print("Gold is being refreshed.", style="dim")
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
