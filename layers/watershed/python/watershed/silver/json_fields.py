"""JSON inside a text column: values by path, and arrays unpacked, with every number's digits as they were written.

Python's parser, not DuckDB's: that one reads numbers as binary floating point, and `0.1` must stay a tenth.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from watershed.contracts.model import Kind
from watershed.jsonvalue import NotARecord, Number, compact, decode, plain
from watershed.silver import lineage
from watershed.silver.plan import ELEMENT_BROKEN, POSITION

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from watershed.contracts.model import Source

_ROWS_AT_ONCE = 10_000  # Python objects of this many rows are alive at a time
_NOT_TEXT = re.compile("[\x00\ud800-\udfff]")


@dataclass(frozen=True)
class Wanted:
    """A value to take out of JSON: the text column it becomes, where it is, and the silver column's type."""

    name: str
    path: tuple[str, ...]
    kind: Kind


def pick(texts: pa.ChunkedArray, wanted: Sequence[Wanted], source: Source) -> tuple[list[pa.Array], pa.Array]:
    """Take values by path out of a text column.

    Returns:
        One text array for each wanted value, and a flag array: true where the text is not JSON.
    """
    found: list[list[str | None]] = [[] for _ in wanted]
    broken: list[bool] = []
    for text in _texts(texts):
        value, is_broken = _parsed(text, source)
        broken.append(is_broken)
        for column, want in zip(found, wanted, strict=True):
            column.append(said(_at(value, want.path), want.kind, source))
    return [pa.array(column, pa.string()) for column in found], pa.array(broken, pa.bool_())


def unpack(
    texts: pa.ChunkedArray, row_numbers: pa.ChunkedArray, wanted: Sequence[Wanted], source: Source
) -> tuple[pa.Table, pa.Array]:
    """Unpack JSON arrays into one row an element.

    Returns:
        A table of `_row_number`, `position`, `_broken` and one text column for each wanted value; and, for each row
        of `texts`, a flag: true where the text is neither empty nor a JSON array.
    """
    schema = pa.schema(
        [
            (lineage.ROW_NUMBER, pa.int64()),
            (POSITION, pa.int64()),
            (ELEMENT_BROKEN, pa.bool_()),
            *((want.name, pa.string()) for want in wanted),
        ]
    )
    batches: list[pa.RecordBatch] = []
    flags: list[bool] = []
    numbers = row_numbers.to_pylist()
    for start in range(0, len(texts), _ROWS_AT_ONCE):
        columns: list[list[Any]] = [[] for _ in schema]
        for offset, text in enumerate(_texts(texts.slice(start, _ROWS_AT_ONCE))):
            elements, broken = _elements(text, source)
            flags.append(broken)
            for position, element in enumerate(elements, start=1):
                values = (said(_at(element, want.path), want.kind, source) for want in wanted)
                row = (numbers[start + offset], position, not isinstance(element, dict), *values)
                for column, cell in zip(columns, row, strict=True):
                    column.append(cell)
        batches.append(pa.record_batch([pa.array(c, f.type) for c, f in zip(columns, schema, strict=True)], schema))
    return pa.Table.from_batches(batches, schema), pa.array(flags, pa.bool_())


def element_text(text: str | None, position: int, source: Source) -> str:
    """The array's element at the 1-based `position`, as compact JSON."""
    return compact(_elements(text, source)[0][position - 1])


def said(value: Any, kind: Kind, source: Source) -> str | None:
    """A JSON value as the source would write it in a text column of type `kind`, so that one conversion reads both."""
    if value is None or isinstance(value, Number):
        return None if value is None else _number(value, kind, source)
    if isinstance(value, str):
        return value
    if isinstance(value, bool) and kind is Kind.BOOLEAN:
        words = source.true_values if value else source.false_values
        return words[0] if words else None
    return compact(value)


def _number(text: Number, kind: Kind, source: Source) -> str:
    if kind not in {Kind.INTEGER, Kind.DECIMAL, Kind.DOUBLE}:
        return str(text)
    return (str(text) if kind is Kind.DOUBLE else plain(text)).replace(".", source.decimal_mark)


def _texts(texts: pa.ChunkedArray) -> Iterator[str | None]:
    for chunk in texts.chunks:
        for start in range(0, len(chunk), _ROWS_AT_ONCE):
            yield from chunk.slice(start, _ROWS_AT_ONCE).to_pylist()


def _elements(text: str | None, source: Source) -> tuple[list[Any], bool]:
    value, broken = _parsed(text, source)
    if isinstance(value, list):
        return value, False
    return [], broken or value is not None


def _parsed(text: str | None, source: Source) -> tuple[Any, bool]:
    """The JSON value, None for an empty text; and whether the text is not JSON."""
    if text is None or text.strip() in source.null_values:
        return None, False
    try:
        value = decode(text)
    except NotARecord:
        return None, True
    broken = "\\u" in text and not _is_text(value)  # there is no other way to write what is not text
    return (None, True) if broken else (value, False)


def _is_text(value: Any) -> bool:
    """Whether all strings in a JSON value are text: without NUL and halves of surrogate pairs."""
    if isinstance(value, dict):
        return all(map(_is_text, [*value, *value.values()]))
    if isinstance(value, list):
        return all(map(_is_text, value))
    return not isinstance(value, str) or _NOT_TEXT.search(value) is None


def _at(value: Any, path: tuple[str, ...]) -> Any:
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    return value
