"""From an object's bytes to batches of text: one entry for each format."""

from __future__ import annotations

import io
from functools import partial
from typing import TYPE_CHECKING, BinaryIO

from watershed.bronze import columns, delimited, erased, jsonlines, jsontext, parquet
from watershed.bronze.batch import MEBIBYTE
from watershed.bronze.decompress import decompress
from watershed.bronze.format import Format, format_of
from watershed.bronze.text import TextStream

if TYPE_CHECKING:
    from collections.abc import Iterator

    from watershed.bronze.batch import Batch
    from watershed.bronze.route import Route

_TAB = "\t"


def read(stream: io.RawIOBase | io.BytesIO, size: int, route: Route, *, is_remainder: bool = False) -> Iterator[Batch]:
    """The records of an object of `size` bytes, in order. An empty text file has none.

    In a remainder (`watershed.remainder`) places of erased rows are told as such.

    Raises:
        FileRejected: at once or while reading, if the object is not what its name or its contract promises.
    """
    kind, compression = format_of(route.file_name)
    if size == 0 and kind is not Format.PARQUET:
        return iter(())
    plain = decompress(io.BufferedReader(stream, MEBIBYTE), compression)
    batches = _read(plain, kind, route)
    if not is_remainder:
        return batches
    return erased.told_empty(batches) if kind is Format.PARQUET else erased.told(batches, delimiter_of(kind, route))


def _read(plain: BinaryIO, kind: Format, route: Route) -> Iterator[Batch]:
    if kind is Format.PARQUET:
        return parquet.read(plain, partial(_require, route, None))
    text = TextStream(plain, route.source.encoding)
    check_names = partial(columns.refuse_unexpected, contract=route.contract, source=route.source)
    if kind is Format.JSON:
        return jsontext.read(text, check_names)
    if kind is Format.JSONL:
        return jsonlines.read(text, check_names)
    delimiter = delimiter_of(kind, route)
    return delimited.read(text, delimiter, partial(_require, route, delimiter))


def delimiter_of(kind: Format, route: Route) -> str:
    """What separates the fields of a delimited file."""
    return _TAB if kind is Format.TSV else route.source.delimiter


def _require(route: Route, delimiter: str | None, header: list[str]) -> None:
    columns.require(header, route.contract, route.source, delimiter)
