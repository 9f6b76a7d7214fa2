"""JSON in every shape: values keep their text, and a bad record costs only itself."""

from __future__ import annotations

import io
import json
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from watershed.bronze import jsonlines, jsontext
from watershed.bronze.batch import MAX_COLUMNS, ROW_NUMBER
from watershed.bronze.text import TextStream
from watershed.errors import FileRejected
from watershed.names import source_column

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from watershed.bronze.batch import Batch

READERS = [jsonlines.read, jsontext.read]
Bad = list[tuple[int, str, int | None]]
Rows = list[tuple[int, dict[str, str | None]]]


def read(
    reader: Callable[[TextStream], Iterator[Batch]], data: bytes
) -> tuple[Rows, list[tuple[int, str, int | None]]]:
    """Good rows after their numbers, nulls left out; and number, reason and line of the others."""
    good: Rows = []
    bad: Bad = []
    for batch in reader(TextStream(io.BytesIO(data), "utf-8")):
        for row in batch.table.to_pylist():
            number = row.pop(ROW_NUMBER)
            good.append((number, {name: value for name, value in row.items() if value is not None}))
        bad.extend([(row.row_number, str(row.reason), row.line_number) for row in batch.bad])
    return good, bad


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ('"x"', "x"),
        ('""', ""),
        ('" \\u00e9\\n"', " é\n"),
        ("1", "1"),
        ("1.10", "1.10"),
        ("-0.0", "-0.0"),
        ("1.50E3", "1500"),
        ("5e-1", "0.5"),
        ("1E400", "1" + "0" * 400),
        ("1E401", "1E401"),
        ("9" * 5000, "9" * 5000),
        ("0.1000000000000000055511151231257827", "0.1000000000000000055511151231257827"),
        ("NaN", "NaN"),
        ("-Infinity", "-Infinity"),
        ("true", "true"),
        ("false", "false"),
        ("null", None),
        ("[ ]", "[]"),
        ('[1, 2.50 ,{"a" : null}, true, "x y"]', '[1,2.50,{"a":null},true,"x y"]'),
        ('{"b":{"c":[1E5]}, "a":"\\"\\u0000é"}', '{"b":{"c":[1E5]},"a":"\\"\\u0000é"}'),
    ],
)
@pytest.mark.parametrize("reader", READERS)
def test_values_keep_their_text(reader: Any, source: str, text: str | None) -> None:
    good, bad = read(reader, f'{{"v": {source}}}'.encode())
    assert bad == []
    assert good == [(1, {} if text is None else {"v": text})]


@pytest.mark.parametrize(
    ("data", "rows"),
    [
        ('[{"a":1},{"b":2}]', [{"a": "1"}, {"b": "2"}]),
        (" [ \n ] \n", []),
        ('{"a":1}', [{"a": "1"}]),
        ('{\n "a": 1\n}\n', [{"a": "1"}]),
        ('{"a":1}\n{"a":2} {"a":3}', [{"a": "1"}, {"a": "2"}, {"a": "3"}]),
        ('\ufeff[{"a":1}]', [{"a": "1"}]),
        ('{"records":[{"a":1}]}', [{"records": '[{"a":1}]'}]),
        ("[{}]", [{}]),
        ("", []),
        (" \n ", []),
    ],
)
def test_a_json_file_holds_an_array_or_objects(data: str, rows: list[dict[str, str]]) -> None:
    good, bad = read(jsontext.read, data.encode())
    assert bad == []
    assert good == list(enumerate(rows, start=1))


BAD_RECORDS = [
    ("1", "malformed_row"),
    ('"a"', "malformed_row"),
    ("null", "malformed_row"),
    ("[1]", "malformed_row"),
    ('{"a":1,}', "malformed_row"),
    ("{'a':1}", "malformed_row"),
    ('{"a":tru}', "malformed_row"),
    ('{"a" 1}', "malformed_row"),
    ('{"a":1,"a":2}', "malformed_row"),
    ('{"a":1,"A ":2}', "malformed_row"),
    ('{"a":{"b":1,"b":2}}', "malformed_row"),
    ('{"a":"\t"}', "malformed_row"),
    ('{"a":01}', "malformed_row"),
    ('{"a":' + "[" * 100_000 + "]" * 100_000 + "}", "malformed_row"),
    ('{"a":"\\ud800"}', "invalid_encoding"),
    ('{"a":["\\udfff"]}', "invalid_encoding"),
    ('{"a":"\\u0000"}', "invalid_encoding"),
    ('{"\\u0000":1}', "invalid_encoding"),
    ('{"a":"\xff"}', "invalid_encoding"),
]


@pytest.mark.parametrize(("record", "reason"), BAD_RECORDS)
def test_a_bad_record_costs_only_itself(record: str, reason: str) -> None:
    raw = record.encode("latin-1")
    expected = ([(1, {"a": "1"}), (3, {"a": "3"})], [(2, reason, 2)])
    assert read(jsonlines.read, b'{"a":1}\n' + raw + b'\n{"a":3}\n') == expected
    assert read(jsontext.read, b'[{"a":1},\n' + raw + b',\n{"a":3}]') == expected


def test_lines_that_are_only_half_json_or_not_text() -> None:
    data = b'{"a":1}\n{"a":\n\n   \n{"a":2}{"a":3}\n{"a":"\x00"}\r\n{"a":4}'
    good, bad = read(jsonlines.read, data)
    assert good == [(1, {"a": "1"}), (5, {"a": "4"})]
    assert bad == [(2, "malformed_row", 2), (3, "malformed_row", 5), (4, "invalid_encoding", 6)]


@pytest.mark.parametrize(
    ("data", "line"),
    [
        ('[{"a":1}', 1),
        ('[{"a":1},\n{"a":"', 2),
        ('[{"a":1}\n{"a":2}]', 2),
        ('[{"a":1}]\n\n x', 3),
        ('[{"a":1}][{"a":2}]', 1),
        ('{"a":1},{"a":2}', 1),
        ('{"a":1}\n}', 2),
        ('{"a":1}\n1', 2),
        ('{"a":', 1),
        ("[", 1),
        ('"a"', 1),
        ("id,name\n1,2", 1),
        ("[" * 100_000, 1),
    ],
)
def test_text_around_records_that_is_no_json_rejects_the_file(data: str, line: int) -> None:
    with pytest.raises(FileRejected, match=f"not JSON on line {line}:") as refused:
        read(jsontext.read, data.encode())
    assert refused.value.reason == "unreadable_file"


def test_the_columns_of_all_records_together_are_bounded() -> None:
    records = [{f"c{number}-{column}": column for column in range(900)} for number in range(4)]
    good, bad = read(jsonlines.read, "\n".join(map(json.dumps, records)).encode())
    assert 900 * 2 <= MAX_COLUMNS < 900 * 3
    assert [number for number, _ in good] == [1, 2]
    assert [(number, reason) for number, reason, _ in bad] == [(3, "malformed_row"), (4, "malformed_row")]


TEXT = st.text(alphabet=st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=8)
SCALAR = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXT
VALUE = st.recursive(SCALAR, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3))
RECORD = st.dictionaries(TEXT, VALUE, max_size=5).filter(
    lambda record: len({source_column(name) or "column" for name in record}) == len(record)
)


def _as_text(value: Any) -> str | None:
    if isinstance(value, float):
        return f"{Decimal(repr(value)):f}"  # inside a value it stays as it was written
    if value is None or isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _as_row(record: dict[str, Any]) -> dict[str, str | None]:
    return {source_column(name) or "column": _as_text(value) for name, value in record.items() if value is not None}


@given(st.lists(RECORD, max_size=6), st.sampled_from([None, 1, 4]), st.booleans(), st.sampled_from([3, 10, 1 << 20]))
def test_any_records_come_back_in_any_shape_and_pieces(
    records: list[dict[str, Any]], indent: int | None, ascii_only: bool, block: int
) -> None:
    expected = [
        (
            number,
            {source_column(name) or "column": _as_text(value) for name, value in record.items() if value is not None},
        )
        for number, record in enumerate(records, start=1)
    ]
    array = json.dumps(records, indent=indent, ensure_ascii=ascii_only)
    objects = [json.dumps(record, ensure_ascii=ascii_only) for record in records]
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(jsontext, "_BLOCK", block)
        patched.setattr(jsonlines, "_BLOCK", block)
        assert read(jsontext.read, array.encode()) == (expected, [])
        assert read(jsontext.read, " ".join(objects).encode()) == (expected, [])
        assert read(jsonlines.read, "\n".join(objects).encode()) == (expected, [])


@settings(max_examples=300)
@given(st.text(alphabet='[]{},:"a1 \n\\', max_size=40), st.sampled_from([1, 3, 7]))
def test_pieces_do_not_change_what_is_read(text: str, block: int) -> None:
    def outcome() -> Any:
        try:
            return read(jsontext.read, text.encode())
        except FileRejected as refused:
            return str(refused)

    whole = outcome()
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(jsontext, "_BLOCK", block)
        assert outcome() == whole
