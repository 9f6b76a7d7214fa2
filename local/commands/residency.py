"""`watershed residency …`: what keeps rows in their region. One sub-command a module in `local/residency`."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse

# Name -> what `watershed residency --help` says. Each module has `arguments(parser)` and `run(args) -> int`.
SUBCOMMANDS = {
    "report": "write the evidence: one page a region, and the same as JSON",
    "policies": "write the policies to attach to a region's account by hand",
}


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command line."""
    commands = parser.add_subparsers(dest="subcommand", required=True, metavar="COMMAND")
    for name, help_text in SUBCOMMANDS.items():
        subparser = commands.add_parser(name, help=help_text, description=help_text.capitalize() + ".")
        importlib.import_module(f"local.residency.{name}").arguments(subparser)


def run(args: argparse.Namespace) -> int:
    """Run one sub-command."""
    code: int = importlib.import_module(f"local.residency.{args.subcommand}").run(args)
    return code
