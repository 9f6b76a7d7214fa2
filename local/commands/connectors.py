"""`watershed connectors`: `lint` finds every fault of every connector; `openapi` writes what the doors take."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from rich.console import Console
from watershed.connectors.files import examine, read_connectors
from watershed.contracts.odcs import read_contracts
from watershed.door import openapi

from local.config import regions
from local.paths import LAKE, ROOT

if TYPE_CHECKING:
    import argparse

DOCUMENT = ROOT / "docs" / "door-openapi.json"


def openapi_text() -> str:
    """The OpenAPI document of the lake's doors.

    Raises:
        ConfigurationError: if a contract or a connector has a fault.
    """
    connectors = read_connectors(LAKE / "connectors", read_contracts(LAKE / "contracts"))
    return json.dumps(openapi.document(connectors.values()), indent=2) + "\n"


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command line."""
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    actions.add_parser("lint", help="check layers/lake/connectors")
    actions.add_parser("openapi", help=f"write {DOCUMENT.relative_to(ROOT)} again")


def run(args: argparse.Namespace) -> int:
    """Do what the action says; 1 if there are findings."""
    if args.action == "openapi":
        DOCUMENT.write_text(openapi_text(), encoding="utf-8")
        return 0
    console = Console(highlight=False, soft_wrap=True)
    contracts = read_contracts(LAKE / "contracts")
    connectors, findings = examine(LAKE / "connectors", contracts, [place.region for place in regions()])
    for finding in findings:
        console.print(str(finding), markup=False)
    if not findings:
        console.print(f"connectors: {len(connectors)} checked, no findings")
    return 1 if findings else 0
