"""`watershed status [REGION]`: what became of every row, is held back, waits or was given up, and when files came."""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING

from rich.console import Console
from rich.rule import Rule
from watershed import names, redrive
from watershed.clock import system_clock
from watershed.contracts.odcs import read_contracts

from local import report
from local.config import chosen
from local.given_up import print_given_up
from local.paths import LAKE
from local.reached import reached

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from local.region import Region


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command line."""
    parser.add_argument("region", nargs="?", help="an AWS region of the lake; default: all, one after the other")
    parser.add_argument("--aws", action="store_true", help="in the real AWS account instead of `watershed up`")


def run(args: argparse.Namespace) -> int:
    """Print the status; 1 if a row is missing or a message was given up."""
    console, unwell, contracts = Console(highlight=False), False, read_contracts(LAKE / "contracts").values()
    now = system_clock().astimezone(UTC).replace(tzinfo=None)
    for place in chosen(args.region):
        console.print(Rule(f"[bold]{place.name}[/bold] ({place.region})", align="left"))
        region = reached(place.region, aws=args.aws)
        balanced = report.print_ledger(console, region)
        report.print_quarantine(console, region)
        report.print_freshness(console, region, contracts, now)
        unwell |= _print_queues(console, region, place.stages) or not balanced
    return 1 if unwell else 0


def _print_queues(console: Console, region: Region, stages: Sequence[names.Stage]) -> bool:
    """What waits for each stage, and what it gave up; whether it gave up anything."""
    sqs = region.client("sqs")
    table = report.table("Queues")
    for name in ("stage", "waiting", "given up"):
        table.add_column(name, justify="left" if name == "stage" else "right")
    dead = 0
    for stage in stages:
        waiting, lost = (redrive.waiting(sqs, queue(stage)) for queue in (names.queue, names.dead_letter_queue))
        table.add_row(stage, str(waiting), str(lost), style="bold red" if lost else "")
        dead += lost
    console.print(table)
    if dead:
        looked = {stage: redrive.look(sqs, stage) for stage in stages}
        letters = {stage: seen for stage, (seen, _) in looked.items()}
        print_given_up(console, "Given up", letters, {stage: unseen for stage, (_, unseen) in looked.items()})
        console.print(f"Mend the cause, then run `watershed redrive {region.name}`.", markup=False)
    return dead > 0
