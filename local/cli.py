"""The `watershed` command: one sub-command a module in `local/commands`."""

from __future__ import annotations

import argparse
import errno
import importlib
import sys
from typing import TYPE_CHECKING

from rich.console import Console
from watershed.errors import WatershedError

from local.terminal import harmless

if TYPE_CHECKING:
    from collections.abc import Sequence

# Name -> what `watershed --help` says. The module of the same name has `arguments(parser)` and `run(args) -> int`.
COMMANDS = {
    "demo": "run the whole lake on this machine, on generated data or on a folder of files",
    "up": "keep the local AWS running, with a folder to drop files into",
    "query": "ask a region's Athena",
    "dashboard": "write a page to look at, of one region or of what all may share",
    "bi": "a region's gold as a project for Power BI",
    "ask": "the business questions, answered in plain words",
    "status": "what became of every row, what is held back, and what was given up",
    "sources": "how far each polled source was read, and why one is not; or have one polled now",
    "quarantine": "what is held back, row by row, and taking it again under today's contract",
    "reconcile": "count everything again from raw, and name what was lost or is there twice",
    "redrive": "put messages that were given up back on their queues",
    "backfill": "read what came of a dataset again, by the contract as it is now",
    "rebuild": "make a dataset's silver tables again from bronze, and switch readers over",
    "erase": "remove a person from a region, in every layer and version, and write a receipt",
    "rollback": "set a silver table back to an earlier snapshot",
    "residency": "what keeps every row in its region: the evidence, and the policies to attach by hand",
    "quicksight": "who sees which rows in QuickSight, from a file that is checked first",
    "sample": "write sample data for every region",
    "contracts": "check the dataset contracts, or say what a change of them does",
    "connectors": "check the connectors: which sources send what, and how they prove it",
    "gold": "check the gold models, questions and pages",
    "tables": "every table with its columns, types and meanings, as docs/tables.md has them",
}


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; return its exit code: 0 done, 1 refused with an explanation, 2 wrong usage.

    A command may have further codes: `contracts diff` returns 3 for a breaking change.
    """
    parser = argparse.ArgumentParser(prog="watershed", description="A lakehouse that keeps every row in its region.")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    chosen = next((word for word in (sys.argv[1:] if argv is None else argv) if not word.startswith("-")), None)
    for name, help_text in COMMANDS.items():
        subparser = commands.add_parser(name, help=help_text, description=f"{help_text[:1].upper()}{help_text[1:]}.")
        if name == chosen:  # import only what runs: `contracts lint` must not wait for moto
            importlib.import_module(f"local.commands.{name}").arguments(subparser)
    args = parser.parse_args(argv)
    try:
        code: int = importlib.import_module(f"local.commands.{args.command}").run(args)
    except KeyboardInterrupt:
        return 130
    except Exception as error:
        told = _told(error)
        if told is None:
            raise
        console = Console(stderr=True, highlight=False)
        console.print("error: ", style="bold red", end="")
        console.print(harmless(told[0]), markup=False)
        if told[1]:
            console.print(harmless(told[1]), markup=False, style="dim")
        return 1
    return code


def _told(error: Exception) -> tuple[str, str] | None:
    """What happened and what to do; None of what nobody foresaw, whose traceback is of use."""
    if isinstance(error, WatershedError):
        return error.message, error.remedy
    if isinstance(error, OSError) and error.errno in {errno.ENOSPC, errno.EDQUOT}:  # which file, nobody says
        return f"{error.strerror}.", "Make room, then run it again: what was being written is not whole."
    if isinstance(error, OSError) and error.filename:
        return f"{error.filename}: {error.strerror}.", "Name another file or folder, or see to this one's permissions."
    from botocore.exceptions import BotoCoreError, ClientError  # slow to import, and rarely needed

    if isinstance(error, BotoCoreError | ClientError):
        return f"AWS did not do it: {error}", "Look at the region's name, the credentials, and what they may do."
    return None


if __name__ == "__main__":
    sys.exit(main())
