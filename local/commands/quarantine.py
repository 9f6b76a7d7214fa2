"""`watershed quarantine list|show|replay REGION`: what is held back, and taking it again under today's contract."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from rich.console import Console
from rich.text import Text
from watershed import catalog, names
from watershed.errors import ConfigurationError
from watershed.names import Layer
from watershed.reasons import Reason
from watershed.replay import held
from watershed.replay.held import Chosen
from watershed.replay.plan import plan
from watershed.replay.send import send

from local import report
from local.days import day
from local.paths import LAKE
from local.reached import reached
from local.terminal import harmless

if TYPE_CHECKING:
    import argparse

    from local.region import Region

_LIMIT = 50


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command line."""
    parser.add_argument(
        "action", choices=["list", "show", "replay"], help="how much is held; each row of it; or take it again"
    )
    parser.add_argument("region", help="an AWS region of the lake, e.g. eu-central-1")
    parser.add_argument("--dataset", help="only of this dataset")
    parser.add_argument("--reason", choices=[str(reason) for reason in Reason], help="only for this reason")
    parser.add_argument("--since", type=day, help="first day on which files came")
    parser.add_argument("--until", type=day, help="last day on which files came")
    parser.add_argument("--limit", type=int, default=_LIMIT, help=f"show: at most so many rows (default {_LIMIT})")
    parser.add_argument("--raw", action="store_true", help="show: also the rows themselves, which are personal data")
    parser.add_argument("--dry-run", action="store_true", help="replay: say what would be taken, and send nothing")
    parser.add_argument("--aws", action="store_true", help="in the real AWS account instead of `watershed up`")


def run(args: argparse.Namespace) -> int:
    """Print what is held, or send it on its way."""
    datasets = [*sorted(catalog.build(LAKE).contracts), names.UNKNOWN_DATASET]
    if args.dataset not in {None, *datasets}:
        raise ConfigurationError(f"There is no dataset {args.dataset}.", remedy=f"Choose one of {', '.join(datasets)}.")
    if args.limit < 1:
        raise ConfigurationError("--limit is less than 1.", remedy="Give the most rows to show.")
    if args.since and args.until and args.until < args.since:
        raise ConfigurationError("--until is before --since.", remedy="Exchange the two days.")
    region, chosen = reached(args.region, aws=args.aws), Chosen(args.dataset, args.reason, args.since, args.until)
    console = Console(soft_wrap=True, highlight=False, emoji=False)  # a row is shown as it is
    if args.action == "list":
        _list(console, region, chosen)
    elif args.action == "show":
        _show(console, region, held.listing(chosen, raw=args.raw, limit=args.limit + 1), args.limit)
    else:
        _replay(console, region, chosen, dry_run=args.dry_run)
    return 0


def _list(console: Console, region: Region, chosen: Chosen) -> None:
    _, rows = region.athena.rows(held.summary(chosen))
    if not rows:
        console.print("Nothing is held.")
        return
    table = report.table("Still in quarantine")
    for name in ("dataset", "reason", "column", "contract", "rows", "files", "last day"):
        table.add_column(name, justify="right" if name in {"rows", "files"} else "left")
    for row in rows:
        table.add_row(*(Text(harmless(value or "")) for value in row))
    console.print(table)
    for reason in sorted({str(row[1]) for row in rows}):
        console.print(f"{reason}: {Reason(reason).remedy}", style="dim", markup=False)


def _show(console: Console, region: Region, sql: str, limit: int) -> None:
    header, rows = region.athena.rows(sql)  # one more than the limit, if there are more
    for row in rows[:limit]:
        found = {name: value for name, value in zip(header, row, strict=True) if value}
        place = f"{found.pop('source_key')}" + (f", row {found.pop('row_number')}" if "row_number" in found else "")
        console.print(harmless(place), style="bold", markup=False)
        for name, value in found.items():
            console.print(f"  {name.replace('_', ' '):17} {harmless(value)}", markup=False)
    more = "; there are more: raise --limit, or choose by --dataset and --reason" if len(rows) > limit else ""
    console.print(f"{len(rows[:limit])} shown{more}." if rows else "Nothing is held.", style="dim")


def _replay(console: Console, region: Region, chosen: Chosen, *, dry_run: bool) -> None:
    replay = names.new_replay(datetime.now(UTC))
    raw = names.bucket(Layer.RAW, region.account, region.name)
    _, rows = region.athena.typed_rows(held.rows(chosen))
    planned = plan(rows, replay, raw, region.name, catalog.build(LAKE).contracts)
    for why, count in sorted(planned.left.items()):
        console.print(f"{count:,} stay: {why}.", markup=False)
    if not planned.parts and not planned.files:
        console.print("Nothing to replay.")
        return
    files = len({part.batch_id for part in planned.parts})
    what = f"{planned.rows:,} rows of {files:,} files, and {len(planned.files):,} whole files"
    if dry_run:
        console.print(f"Would take again: {what}.")
        return
    send(planned, region.client("sqs"))
    console.print(f"On their way again: {what}.")
    console.print(f"In the ledger they are the replay {replay}.", style="dim")
    console.print(f"What is refused once more: `watershed quarantine list {region.name}`.", style="dim")
