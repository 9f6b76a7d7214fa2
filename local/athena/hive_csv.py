"""Tables over CSV files, as Hive's OpenCSVSerde reads them: every column is text, every line one row.

What depends on the reader's finer points (backslashes, line ends within quotes) is refused.
"""

from __future__ import annotations

import csv
import io
import threading
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq

from local.athena.errors import StatementFailed, not_proven

if TYPE_CHECKING:
    from pathlib import Path

    from local.athena.catalog import HiveTable

_DEFAULTS = {"separatorChar": ",", "quoteChar": '"', "escapeChar": "\\"}
_SKIPPED_LINES = "skip.header.line.count"


def as_parquet(table: HiveTable, path: Path) -> Path:
    """A Parquet file beside the local copy of a CSV file, with its rows under the table's column names.

    Raises:
        StatementFailed: for serde properties and content that are not proven.
    """
    serde = ((table.glue.get("StorageDescriptor") or {}).get("SerdeInfo") or {}).get("Parameters") or {}
    read = {**_DEFAULTS, **{key: value for key, value in serde.items() if key in _DEFAULTS}}
    if read["quoteChar"] != _DEFAULTS["quoteChar"] or read["escapeChar"] != _DEFAULTS["escapeChar"]:
        raise not_proven("Another quote or escape character of the OpenCSVSerde", 'Use " and \\.')
    names = [column.name for column in table.columns if column not in table.partition_keys]
    made = path.with_suffix(f".{'_'.join(names).encode().hex()[:40]}.{len(names)}.parquet")
    if not made.exists():
        rows = _rows(path.read_bytes(), read["separatorChar"], int(table.parameters.get(_SKIPPED_LINES, "0")))
        padded = [[row[place] if place < len(row) else None for row in rows] for place in range(len(names))]
        partial = made.with_suffix(f".{threading.get_ident()}.partial")  # queries run side by side
        pq.write_table(pa.table([pa.array(values, pa.string()) for values in padded], names=names), partial)
        partial.replace(made)
    return made


def _rows(content: bytes, separator: str, skipped: int) -> list[list[str]]:
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise not_proven("A CSV file that is not UTF-8", "Convert it.") from error
    if "\\" in text:
        raise not_proven("A CSV file with backslashes, which escape what follows", "Store the table as Parquet.")
    lines = text.splitlines()
    if any(line.count('"') % 2 for line in lines):
        raise not_proven("A CSV value with a line end in it", "Store the table as Parquet.")
    try:
        return list(csv.reader(io.StringIO("\n".join(lines[skipped:])), delimiter=separator, strict=True))
    except csv.Error as error:
        raise StatementFailed("HIVE_BAD_DATA", "Not a valid CSV file") from error
