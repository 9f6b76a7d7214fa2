"""`watershed tables`: the data dictionary, printed, or written to docs/tables.md."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from watershed import catalog

from local import dictionary
from local.paths import LAKE, ROOT

if TYPE_CHECKING:
    import argparse


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command line."""
    where = dictionary.PAGE.relative_to(ROOT)
    parser.add_argument("--write", action="store_true", help=f"write {where} instead of printing it")


def run(args: argparse.Namespace) -> int:
    """Print or write the page.

    Raises:
        ConfigurationError: if a contract or a model is wrong.
    """
    page = dictionary.page(catalog.build(LAKE))
    if args.write:
        dictionary.PAGE.write_text(page, encoding="utf-8")
    else:
        sys.stdout.write(page)
    return 0
