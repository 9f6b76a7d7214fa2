"""`watershed sample`: the generated data of `make demo`, at any scale, as files to look at or to load."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console

from local import sample

if TYPE_CHECKING:
    import argparse


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command line."""
    parser.add_argument("folder", type=Path, help="where to write <region>/<dataset>/<file>")
    parser.add_argument("--rows", type=int, default=1000, help="transactions per region (default 1000)")
    parser.add_argument("--seed", type=int, default=7, help="equal seeds give equal files (default 7)")


def run(args: argparse.Namespace) -> int:
    """Write the files and say how many."""
    files = sample.write(args.folder, args.rows, seed=args.seed)
    regions = {file.region for file in files}
    Console().print(f"{len(files)} files for {len(regions)} regions in {args.folder}")
    return 0
