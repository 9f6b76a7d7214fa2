"""DuckDB as silver uses it: in memory, in UTC, without extensions from elsewhere, with the conversions loaded."""

from __future__ import annotations

import tempfile
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

if TYPE_CHECKING:
    from collections.abc import Iterator

_SETTINGS = {
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
    "memory_limit": "1GiB",  # of its own; beyond it goes to disk. Arrow's share comes on top
    "temp_directory": str(Path(tempfile.gettempdir()) / "duckdb"),
}


@contextmanager
def connect() -> Iterator[duckdb.DuckDBPyConnection]:
    """A fresh engine, closed at the end of the `with`."""
    with duckdb.connect(":memory:", config=_SETTINGS) as connection:
        connection.execute("SET TimeZone = 'UTC'")  # ICU's setting, unknown before the engine runs
        # It would try every format of every time, to have the result ready for the branch that may ask for it twice.
        connection.execute("SET disabled_optimizers = 'common_subexpressions'")
        connection.execute(statements("conversions.sql"))
        yield connection


def statements(name: str) -> str:
    """The SQL of the file called `name` beside this module."""
    return files("watershed.silver").joinpath(name).read_text(encoding="utf-8")
