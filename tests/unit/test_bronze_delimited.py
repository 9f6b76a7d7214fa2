"""CSV: whatever a writer of any dialect writes comes back equal, and what is no row is held back alone."""

from __future__ import annotations

import csv
import io
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from watershed.bronze import delimited
from watershed.bronze.batch import ROW_NUMBER, BadRow
from watershed.bronze.text import TextStream

from tests.unit.bronze_lake import BronzeLake, contract

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pyarrow as pa

# Any text that UTF-8 can write, apart from NUL; often the characters that CSV gives a meaning.
VALUE = st.one_of(
    st.text(alphabet='ab,;|\t"\n\r \ufeff', max_size=8),
    st.text(alphabet=st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), max_size=8),
)
TABLE = st.integers(1, 4).flatmap(lambda width: st.lists(st.lists(VALUE, min_size=width, max_size=width)))
DIALECT = st.fixed_dictionaries(
    {
        "delimiter": st.sampled_from(",;|\t:"),
        "lineterminator": st.sampled_from(["\n", "\r\n", "\r"]),
        "quoting": st.sampled_from([csv.QUOTE_ALL, csv.QUOTE_MINIMAL, csv.QUOTE_NONNUMERIC]),
    }
)


# Chunks so small that their edges fall everywhere.
CHUNK = st.sampled_from([5, 7, 16, 61, 4096])


@contextmanager
def chunks_of(size: int) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(delimited, "CHUNK", size)
        yield


def read(data: bytes, delimiter: str = ",") -> tuple[list[tuple[Any, ...]], list[BadRow]]:
    """Good rows, each after its number, and bad ones."""
    good: list[tuple[Any, ...]] = []
    bad: list[BadRow] = []
    for batch in delimited.read(TextStream(io.BytesIO(data), "utf-8"), delimiter, lambda _: None):
        good.extend(_rows(batch.table))
        bad.extend(batch.bad)
    return good, bad


def _rows(table: pa.Table) -> Iterator[tuple[Any, ...]]:
    names = [name for name in table.column_names if name != ROW_NUMBER]
    columns = [table[name].to_pylist() for name in (ROW_NUMBER, *names)]
    return zip(*columns, strict=True)


@given(
    CHUNK, st.integers(1, 4).flatmap(lambda width: st.lists(st.lists(VALUE, min_size=width, max_size=width))), DIALECT
)
def test_any_table_in_any_dialect_comes_back(chunk: int, table: list[list[str]], dialect: dict[str, Any]) -> None:
    width = len(table[0]) if table else 2
    if dialect["quoting"] == csv.QUOTE_MINIMAL:
        dialect = {**dialect, "lineterminator": "\r\n"}  # else Python's writer leaves a lone CR or LF without quotes
    text = io.StringIO()
    writer = csv.writer(text, **dialect)
    writer.writerow(f"column {column}" for column in range(width))
    writer.writerows(table)
    with chunks_of(chunk):
        good, bad = read(text.getvalue().encode(), dialect["delimiter"])
    assert bad == []
    assert good == [(number, *row) for number, row in enumerate(table, start=1)]


@given(
    CHUNK,
    st.lists(st.one_of(st.just("1,2"), st.just('"1\n",2'), st.sampled_from(["1", "1,2,3", '"1,2"', "\xff,1", "\0,2"]))),
)
def test_each_bad_row_is_held_back_alone_with_its_place(chunk: int, rows: list[str]) -> None:
    lines = [row.encode("latin-1") for row in rows]
    with chunks_of(chunk):
        good, bad = read(b"a,b\n" + b"".join(line + b"\n" for line in lines))
    is_good = {b"1,2": ("1", "2"), b'"1\n",2': ("1\n", "2")}
    assert good == [(number, *is_good[line]) for number, line in enumerate(lines, start=1) if line in is_good]
    assert [row.row_number for row in bad] == [n for n, line in enumerate(lines, start=1) if line not in is_good]
    starts = [2 + sum(before.count(b"\n") + 1 for before in lines[:number]) for number in range(len(lines))]
    assert [row.line_number for row in bad] == [starts[row.row_number - 1] for row in bad]


@settings(max_examples=300)
@given(CHUNK, st.text(alphabet='a,"\n\r', max_size=60))
@example(5, '"\raaa\r\r\naaaa')  # a chunk ends within a CRLF
def test_chunks_do_not_change_what_is_read(chunk: int, text: str) -> None:
    data = b"a,b\n" + text.encode()
    whole = read(data)
    with chunks_of(chunk):
        assert read(data) == whole


@pytest.mark.parametrize(
    ("text", "good", "bad"),
    [
        ('a,b\n1,"x\n2,y\n3,z\n', [("2", "y"), ("3", "z")], [(1, 2, '1,"x')]),
        ('a,b\n1,"x', [], [(1, 2, '1,"x')]),
        ('a,b\n1,x"y\n2,5" pipe\n', [("1", 'x"y'), ("2", '5" pipe')], []),
        ('a,b\n1,"x"y\n', [("1", "xy")], []),
        ('a,b\n\n\n1\n\n2,"\n\n"\n3\n', [("2", "\n\n")], [(1, 4, "1"), (3, 9, "3")]),
        ("\n\r\na,b\n1,2\n3", [("1", "2")], [(2, 5, "3")]),
        ("a,b\r1,2\r3\r", [("1", "2")], [(2, 3, "3")]),
        ("a,b\r\n1,2\r\n3\r\n", [("1", "2")], [(2, 3, "3")]),
        ('a,b\n,\n"",""\n', [("", ""), ("", "")], []),
    ],
)
def test_what_becomes_of_oddities(text: str, good: list[tuple[str, ...]], bad: list[tuple[int, int, str]]) -> None:
    found_good, found_bad = read(text.encode())
    assert [row[1:] for row in found_good] == good
    assert [(row.row_number, row.line_number, row.raw) for row in found_bad] == bad


def test_a_row_that_is_not_text_names_its_column_and_shows_its_bytes() -> None:
    _, (bad,) = read(b'a,b\n"x ""y""",caf\xe9\n')
    assert (bad.reason, bad.column, bad.raw) == ("invalid_encoding", "b", '{"a": "x \\"y\\"", "b": "caf\\\\xe9"}')


@pytest.mark.parametrize("encoding", ["latin-1", "cp1252", "utf-16", "utf-16-le", "shift_jis", "utf-8-sig"])
def test_declared_encodings_are_read(encoding: str) -> None:
    name = "café" if encoding != "shift_jis" else "表計"  # the second byte of 表 is a backslash in Shift-JIS
    lake = BronzeLake(contract(encoding=encoding))
    assert lake.drop("orders/f.csv", f"id,name\n1,{name}\n".encode(encoding)).rows_out == 1
    assert lake.source_rows() == [{"id": "1", "name": name}]


@pytest.mark.parametrize(
    ("encoding", "broken"),
    [
        ("cp1252", b"\x81"),
        ("ascii", b"\xe9"),
        ("shift_jis", b"\x81\x20"),
        ("utf-16-le", b"\x00\xdc"),
        ("gb18030", b"\xff"),
    ],
)
def test_what_the_declared_encoding_does_not_know_costs_only_its_row(encoding: str, broken: bytes) -> None:
    lake = BronzeLake(contract(encoding=encoding))
    before, after = ("id,name\n1,a\n2,".encode(encoding), "\n3,c\n".encode(encoding))
    landed = lake.drop("orders/f.csv", before + broken + after)
    assert (landed.rows_out, landed.malformed) == (2, 1)
    assert lake.source_rows() == [{"id": "1", "name": "a"}, {"id": "3", "name": "c"}]
    assert lake.fates() == [(2, "invalid_encoding")]
