"""The lexer must cut exactly where Arrow's parser does: Arrow itself is the oracle."""

from __future__ import annotations

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st
from pyarrow import csv
from watershed.bronze.lexer import Lexer, count_lines

TEXT = st.text(alphabet='a,;"\n\r', max_size=40).map(str.encode)


def _arrow(data: bytes, width: int) -> list[tuple[bytes, ...]]:
    """The records of `data` that have `width` fields."""
    names = [str(column) for column in range(width)]
    table = csv.read_csv(
        pa.BufferReader(data),
        read_options=csv.ReadOptions(column_names=names, use_threads=False, block_size=len(data) + 1),
        parse_options=csv.ParseOptions(newlines_in_values=True, invalid_row_handler=lambda _: "skip"),
        convert_options=csv.ConvertOptions(column_types=dict.fromkeys(names, pa.binary())),
    )
    return list(zip(*(column.to_pylist() for column in table.columns), strict=True))


@given(TEXT)
def test_records_and_fields_are_those_of_arrow(text: bytes) -> None:
    lexer = Lexer(",")
    data = text[: lexer.boundary(text)]
    records = [tuple(lexer.fields(data[start:end])) for start, end, _ in lexer.records(data)]
    for width in {1, *map(len, records)} if data else ():
        assert _arrow(data, width) == [record for record in records if len(record) == width]


@given(TEXT)
def test_what_follows_the_boundary_is_no_complete_record(text: bytes) -> None:
    lexer = Lexer(",")
    end = lexer.boundary(text)
    assert list(lexer.records(text[end:])) == []
    assert sum(1 for _ in lexer.records(text)) == sum(1 for _ in lexer.records(text[:end]))


@given(st.lists(st.lists(st.text(alphabet='a,"\n', max_size=5), min_size=2, max_size=2), max_size=8))
def test_the_likely_boundary_is_exact_where_all_quotes_open_or_close(rows: list[list[str]]) -> None:
    quoted = ['"' + value.replace('"', '""') + '"' for row in rows for value in row]
    data = "".join(f"{a},{b}\n" for a, b in zip(quoted[::2], quoted[1::2], strict=True)).encode() + b'"unfinished\n'
    lexer = Lexer(",")
    assert lexer.likely_boundary(data) == lexer.boundary(data) == len(data) - len(b'"unfinished\n')


@given(st.text(alphabet="a\n\r", max_size=30))
def test_lines_are_counted_as_python_splits_them(text: str) -> None:
    assert count_lines(text.encode()) == len((text + "x").splitlines()) - 1
