"""`watershed backfill REGION DATASET`: bring a dataset into silver again, by the contract as it is now."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from rich.console import Console
from watershed import catalog
from watershed.backfill.bronze import Window
from watershed.errors import ConfigurationError

from infra.tables import FIRST_DATE
from local.config import one
from local.days import day
from local.paths import LAKE
from local.reached import reached

if TYPE_CHECKING:
    import argparse

PATIENCE = 900  # seconds


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command line."""
    parser.add_argument("region", help="an AWS region of the lake, e.g. eu-central-1")
    parser.add_argument("dataset", help="a contract's name, e.g. transactions")
    parser.add_argument(
        "--engine",
        choices=["lambda", "athena"],
        default="lambda",
        help="what does the work: the functions, from the raw files, or Athena, from bronze; default: lambda",
    )
    parser.add_argument("--since", type=day, help="first day on which files came; default: the first ever")
    parser.add_argument("--until", type=day, help="last day on which files came; default: today")
    parser.add_argument("--dry-run", action="store_true", help="show what would happen, and change nothing")
    parser.add_argument("--yes", action="store_true", help="agree to the price beforehand (lambda)")
    parser.add_argument(
        "--wait",
        type=int,
        default=PATIENCE,
        metavar="SECONDS",
        help=f"patience with silver once bronze is done (lambda); default: {PATIENCE}",
    )
    parser.add_argument("--aws", action="store_true", help="in the real AWS account instead of `watershed up`")


def run(args: argparse.Namespace) -> int:
    """Backfill and print what became of the rows; standard error tells the progress."""
    contracts = catalog.build(LAKE).contracts
    if args.dataset not in contracts:
        raise ConfigurationError(
            f"There is no dataset {args.dataset}.", remedy=f"Choose one of {', '.join(sorted(contracts))}."
        )
    region = reached(args.region, aws=args.aws)
    window = Window(args.since or date.fromisoformat(FIRST_DATE), args.until or datetime.now(UTC).date())
    if window.until < window.since:
        raise ConfigurationError("--until is before --since.", remedy="Exchange the two days.")
    progress = Console(stderr=True, highlight=False)

    def say(what: str) -> None:
        progress.print(f"· {what}", style="dim", markup=False)

    if args.engine == "athena":
        from local.backfilling import athena

        places = one(args.region).jurisdiction
        work = athena.count if args.dry_run else athena.run
        return work(region, contracts[args.dataset], window, places, say)

    from local.backfilling import functions

    objects = functions.found(region, contracts, args.dataset, window)
    if not objects or args.dry_run or not functions.agreed(yes=args.yes):
        return 0
    return functions.run(region, contracts[args.dataset], window, objects, patience=args.wait, say=say)
