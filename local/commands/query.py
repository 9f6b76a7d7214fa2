"""`watershed query REGION "SELECT …"`: ask a region's Athena and print the rows; or all regions, for sums alone."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from rich import box
from rich.console import Console
from rich.table import Column, Table
from rich.text import Text
from watershed.errors import ConfigurationError

from local.reached import reached
from local.terminal import harmless

if TYPE_CHECKING:
    from collections.abc import Sequence

_WIDEST = 1_000_000  # characters


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command line."""
    needed = (
        parser.add_argument("region", help="an AWS region of the lake, e.g. eu-central-1"),
        parser.add_argument(
            "sql", help='one statement in Athena\'s dialect, e.g. "SELECT * FROM gold.branch_performance"'
        ),
    )

    class AllRegions(argparse.Action):
        """Takes the place of a region and its statement."""

        def __call__(self, _: Any, args: argparse.Namespace, sql: str | Sequence[Any] | None, __: Any = None) -> None:
            args.all_regions = sql
            for argument in needed:
                argument.required = False

    parser.add_argument(
        "--all-regions",
        action=AllRegions,
        metavar="SQL",
        help="sums of one exportable gold model, side by side and in total; small groups stay in their region",
    )
    parser.add_argument("--aws", action="store_true", help="ask the real AWS account instead of `watershed up`")


def run(args: argparse.Namespace) -> int:
    """Run the statement; rows go to standard output.

    Raises:
        ConfigurationError: if both a region and all regions are asked, or nothing is.
        ExportRefused: if all regions are asked for what may not leave one of them.
    """
    console = Console(soft_wrap=True, highlight=False, emoji=False)
    if args.all_regions is not None:
        if args.region is not None:
            raise ConfigurationError("Both a region and --all-regions are given.", remedy="Leave one of them out.")
        from local.all_regions import print_all  # it takes the models with it

        print_all(console, args.all_regions, aws=args.aws)
        return 0
    if not args.sql.strip():
        raise ConfigurationError("The statement is empty.", remedy='Write one, e.g. "SELECT * FROM gold.sales".')
    header, rows = reached(args.region, aws=args.aws).athena.rows(args.sql)
    # Texts, in which brackets and colons mean nothing: a value is shown as it is.
    table = Table(*(Column(Text(harmless(name))) for name in header), box=box.SIMPLE_HEAD)
    for row in rows:
        table.add_row(*(Text("NULL" if value is None else harmless(value)) for value in row))
    # A row is a line: in a narrow terminal, or a file, each value would be cut short otherwise.
    needed = console.measure(table, options=console.options.update(max_width=_WIDEST)).maximum
    console.width = max(console.width, needed)
    console.print(table)
    return 0
