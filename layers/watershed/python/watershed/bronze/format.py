"""What a file is, by its name: format and compression."""

from __future__ import annotations

from enum import StrEnum

from watershed.errors import FileRejected
from watershed.reasons import Reason


class Format(StrEnum):
    """The value is the file name's ending."""

    CSV = "csv"
    TSV = "tsv"
    JSON = "json"
    JSONL = "jsonl"
    PARQUET = "parquet"


class Compression(StrEnum):
    """The value is Arrow's name of the codec."""

    NONE = "none"
    GZIP = "gzip"
    ZSTD = "zstd"


_COMPRESSIONS = {"gz": Compression.GZIP, "zst": Compression.ZSTD}
_FORMATS = {each.value: each for each in Format}


def format_of(file_name: str) -> tuple[Format, Compression]:
    """Format and compression of `file_name`, e.g. `orders.csv.gz`; upper and lower case are one.

    Raises:
        FileRejected: if the ending is none of ours.
    """
    stem, _, ending = file_name.lower().rpartition(".")
    compression = _COMPRESSIONS.get(ending, Compression.NONE)
    if compression is not Compression.NONE:
        stem, _, ending = stem.rpartition(".")
    if not stem or ending not in _FORMATS:
        raise FileRejected(
            Reason.UNKNOWN_FORMAT,
            "The file name's ending names no format.",
            remedy="End it in .csv, .tsv, .json, .jsonl or .parquet, each also .gz or .zst.",
        )
    return _FORMATS[ending], compression
