"""`watershed residency`: what keeps every row in its region. One action a module."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse

# Name -> its module, which has `arguments(parser)` and `run(args) -> int`, and what `--help` says.
ACTIONS = {
    "report": ("local.evidence.report", "write the evidence: one page a region, and the same as JSON"),
}


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command line."""
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    for name, (module, what) in ACTIONS.items():
        action = actions.add_parser(name, help=what, description=f"{what.capitalize()}.")
        importlib.import_module(module).arguments(action)


def run(args: argparse.Namespace) -> int:
    """Run the action."""
    code: int = importlib.import_module(ACTIONS[args.action][0]).run(args)
    return code
