"""`watershed reconcile REGION [DATASET]`: count everything again from raw, and name what was lost or is there twice."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from rich.console import Console
from rich.text import Text
from watershed import catalog, names
from watershed.errors import ConfigurationError
from watershed.reconcile.objects import Days
from watershed.reconcile.run import Reconciled, Reconciliation
from watershed.settings import Settings

from local import report
from local.config import regions
from local.days import day
from local.paths import LAKE
from local.reached import reached
from local.terminal import harmless

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterable


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command line."""
    parser.add_argument("region", help="an AWS region of the lake, e.g. eu-central-1")
    parser.add_argument(
        "dataset", nargs="?", help=f"a contract's name, or {names.UNKNOWN_DATASET}; default: all, one after the other"
    )
    parser.add_argument("--since", type=day, help="first day on which files came that are recounted")
    parser.add_argument("--until", type=day, help="last day on which files came that are recounted")
    parser.add_argument("--aws", action="store_true", help="in the real AWS account instead of `watershed up`")
    parser.add_argument(
        "--in-region", action="store_true", help="with --aws: state that this machine is itself in REGION"
    )


def run(args: argparse.Namespace) -> int:
    """Print the accounts; 1 if something does not balance. Standard error tells the progress."""
    contracts = catalog.build(LAKE).contracts
    chosen = [args.dataset] if args.dataset else [*sorted(contracts), names.UNKNOWN_DATASET]
    if not {*chosen} <= {*contracts, names.UNKNOWN_DATASET}:
        raise ConfigurationError(
            f"There is no dataset {args.dataset}.",
            remedy=f"Choose one of {', '.join([*sorted(contracts), names.UNKNOWN_DATASET])}.",
        )
    days = Days(args.since or date.min, args.until or date.max)
    if days.until < days.since:
        raise ConfigurationError("--until is before --since.", remedy="Exchange the two days.")
    _require_place(args)
    jurisdiction = next((each.jurisdiction for each in regions() if each.region == args.region), ())
    region, progress = reached(args.region, aws=args.aws), Console(stderr=True, highlight=False)
    settings = Settings(region.account, region.name, jurisdiction)
    with progress.status("") as line:

        def say(what: str) -> None:
            said = Text(harmless(what))
            line.update(said) if progress.is_terminal else progress.print("·", said, style="dim")

        work = Reconciliation(settings, contracts, region.athena, region.client, days, say)
        done = list(work.run(chosen))
    return _report(done)


def _require_place(args: argparse.Namespace) -> None:
    """Raw rows are read to where this runs, and a person's row must not leave its region."""
    if args.aws and not args.in_region:
        raise ConfigurationError(
            f"Reconciling reads the rows of {args.region} to the machine that it runs on, and they must not leave it.",
            remedy=f"Run it on a machine in {args.region} (CloudShell there will do), and say so with --in-region.",
        )


def _report(done: Iterable[Reconciled]) -> int:
    console, table = Console(highlight=False, soft_wrap=True), report.table("Reconciliation: counted again from raw")
    for name in ("table", "objects", "records", "held back", "must stand", "stand", "not told", ""):
        words = name in {"table", ""}
        table.add_column(name, justify="left" if words else "right", no_wrap=words)
    for each in done:
        own = [f"{each.objects:,}", f"{each.records:,}", f"{each.held:,}"]
        verdict = f"{len(each.differences):,} differ" if each.differences else "ok"
        style = "bold red" if each.differences else ""
        for place, found in enumerate(each.tables):
            numbers = [f"{count:,}" for count in (found.expected, found.found, found.elsewhere)]
            first = not place
            table.add_row(
                found.table, *(own if first else [""] * 3), *numbers, verdict if first else "", style=style * first
            )
        if not each.tables:
            table.add_row(each.dataset, *own, "", "", "", verdict, style=style)
    console.print(table)
    for each in done:
        for note in each.notes:
            console.print(f"note  {harmless(str(note))}", markup=False, style="dim")
        for difference in each.differences:
            console.print(f"DIFFERS  {harmless(str(difference))}", markup=False)
    return 1 if any(each.differences for each in done) else 0
