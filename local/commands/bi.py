"""`watershed bi powerbi REGION`: write a region's gold as a project for a reporting tool."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from watershed import catalog

from local.config import one
from local.paths import BUILD, LAKE
from local.powerbi import folder, project
from local.powerbi.m import Source

if TYPE_CHECKING:
    import argparse

HOME = BUILD / "powerbi"


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command line."""
    tools = parser.add_subparsers(dest="tool", required=True, metavar="TOOL")
    powerbi = tools.add_parser("powerbi", help="a Power BI project: semantic model and report (docs/powerbi.md)")
    powerbi.add_argument("region", help="whose gold, e.g. eu-central-1")
    powerbi.add_argument(
        "--source",
        choices=[each.value for each in Source],
        default=Source.ATHENA.value,
        help="where the report reads gold (default athena)",
    )
    powerbi.add_argument(
        "--utc", action="store_true", help="days in UTC, for who may read gold but not silver (docs/powerbi.md)"
    )
    powerbi.add_argument("--folder", type=Path, help="where to write (build/powerbi/<region>-<source>)")


def run(args: argparse.Namespace) -> int:
    """Write the project and print the path of the file to open.

    Raises:
        ConfigurationError: if there is no such region, or the folder holds what others wrote.
    """
    place = one(args.region)
    if args.utc:
        place = replace(place, time_zones=())
    files = project.files(catalog.build(LAKE), place, Source(args.source))
    home = args.folder or HOME / f"{args.region}-{args.source}"
    folder.write(home, files)
    opened = next(path for path in files if path.endswith(".pbip"))
    Console(soft_wrap=True, highlight=False).print(os.path.relpath(home / opened), markup=False)
    return 0
