"""`watershed query REGION "SELECT …"`: ask a region's Athena and print the rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich import box
from rich.console import Console
from rich.table import Table

from local.reached import reached

if TYPE_CHECKING:
    import argparse


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command line."""
    parser.add_argument("region", help="an AWS region of the lake, e.g. eu-central-1")
    parser.add_argument("sql", help='one statement in Athena\'s dialect, e.g. "SELECT * FROM gold.branch_performance"')
    parser.add_argument("--aws", action="store_true", help="ask the real AWS account instead of `watershed up`")


def run(args: argparse.Namespace) -> int:
    """Run the statement; rows go to standard output."""
    header, rows = reached(args.region, aws=args.aws).athena.rows(args.sql)
    table = Table(*header, box=box.SIMPLE_HEAD)
    for row in rows:
        table.add_row(*("NULL" if value is None else value for value in row))
    Console(soft_wrap=True, highlight=False).print(table)
    return 0
