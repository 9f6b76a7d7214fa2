"""Many small files and a large one through the whole lake: what became of every row, and what it cost.

    python -m benchmarks.load [--files 10000] [--minutes 60] [--megabytes 2000] [--folder /tmp]

Ends with one table of figures and their bounds. The exit code is 1 if a bound is exceeded or a row is missing.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from rich.console import Console
from watershed.errors import WatershedError

from benchmarks.load import figures, large_file, small_files
from benchmarks.load.hour import MINUTES, Hour


def main() -> int:
    """Measure and print; 0 if all is well."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--files", type=int, default=10_000, help="small files in the hour; 0 leaves them out")
    parser.add_argument("--minutes", type=int, default=MINUTES, help="stop the hour early, at the same rate")
    parser.add_argument("--megabytes", type=int, default=2_000, help="size of the large file; 0 leaves it out")
    parser.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()), help="where the large file is made")
    given = parser.parse_args()
    console = Console(highlight=False)
    try:
        found = large_file.figures(console, given.folder, given.megabytes) if given.megabytes else []
        if given.files:
            found += small_files.figures(console, Hour(given.files, until=given.minutes))
    except WatershedError as error:
        console.print(f"[bold red]{error}[/bold red]")
        return 1
    return 0 if figures.show(console, found) else 1


if __name__ == "__main__":
    sys.exit(main())
