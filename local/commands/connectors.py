"""`watershed connectors lint`: every fault of every connector, with file, line and remedy."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Console
from watershed.connectors.files import examine
from watershed.contracts.odcs import read_contracts

from local.config import regions
from local.paths import LAKE

if TYPE_CHECKING:
    import argparse


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command line."""
    parser.add_argument("action", choices=["lint"], help="check layers/lake/connectors")


def run(_: argparse.Namespace) -> int:
    """Print the findings; 1 if there are any."""
    console = Console(highlight=False, soft_wrap=True)
    contracts = read_contracts(LAKE / "contracts")
    connectors, findings = examine(LAKE / "connectors", contracts, [place.region for place in regions()])
    for finding in findings:
        console.print(str(finding), markup=False)
    if not findings:
        console.print(f"connectors: {len(connectors)} checked, no findings")
    return 1 if findings else 0
