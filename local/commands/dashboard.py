"""`watershed dashboard [REGION]`: write a page to look at, of one region's gold, or of what all regions may share."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from watershed import catalog

from local import dashboard
from local.config import one, regions
from local.paths import BUILD, LAKE
from local.reached import reached

if TYPE_CHECKING:
    import argparse

HOME = BUILD / "dashboard"


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command line."""
    parser.add_argument("region", nargs="?", help="of this region's gold; default: sums that all regions may share")
    parser.add_argument("--out", type=Path, default=HOME, help="the folder to write to (build/dashboard)")
    parser.add_argument("--aws", action="store_true", help="ask the real AWS account instead of `watershed up`")


def run(args: argparse.Namespace) -> int:
    """Write the page and print its path.

    Raises:
        ConfigurationError: if there is no such region, or gold lacks what the page shows.
        ExportRefused: if sums that the page of all regions shows may not leave a region.
    """
    lake = catalog.build(LAKE)
    if args.region is None:
        path = dashboard.write_all_regions(
            {place.name: reached(place.region, aws=args.aws).athena for place in regions()}, lake, args.out
        )
    else:
        place = one(args.region)
        path = dashboard.write_region(reached(place.region, aws=args.aws), place.name, lake, args.out)
    Console(soft_wrap=True, highlight=False).print(os.path.relpath(path), markup=False)
    return 0
