"""`watershed redrive REGION`: put messages that were given up back on their queues, once the cause is mended."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from rich import box
from rich.console import Console
from rich.table import Table
from watershed import redrive
from watershed.names import Stage

from local.reached import reached

if TYPE_CHECKING:
    import argparse


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command line."""
    parser.add_argument("region", help="an AWS region of the lake, e.g. eu-central-1")
    parser.add_argument("--stage", choices=[str(stage) for stage in Stage], help="only of this stage; default: of all")
    parser.add_argument("--aws", action="store_true", help="in the real AWS account instead of `watershed up`")


def run(args: argparse.Namespace) -> int:
    """Move the messages and print what they were about."""
    sqs, console = reached(args.region, aws=args.aws).client("sqs"), Console(soft_wrap=True, highlight=False)
    table = Table("stage", "about", "messages", box=box.SIMPLE_HEAD)
    for stage in [Stage(args.stage)] if args.stage else Stage:
        moved = redrive.redrive(sqs, stage, datetime.now(UTC))
        for about, count in sorted(moved.items()):
            table.add_row(stage, about, str(count))
    if not table.row_count:
        console.print("Nothing was given up.")
        return 0
    console.print(table)
    console.print("They are on their queues again. What fails again is given up again, and the alarm with it.")
    return 0
