"""JSON inside a column: numbers keep their digits, paths find values, arrays become rows, broken JSON is told."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from watershed.contracts.model import Column, Contract, Kind, Residency, Source, Table
from watershed.reasons import Reason
from watershed.silver import json_fields
from watershed.silver.json_fields import Wanted
from watershed.silver.quarantine import quarantined
from watershed.silver.transform import transform

from tests.unit.silver_lab import File, shared_engine

if TYPE_CHECKING:
    from collections.abc import Mapping

PLAIN = Source("plain")
GERMAN = Source("german", decimal_mark=",", thousands_mark=".", true_values=("ja",), false_values=("nein",))


def picked(text: str | None, path: str, kind: Kind = Kind.STRING, source: Source = PLAIN) -> tuple[str | None, bool]:
    wanted = [Wanted("x", tuple(path.split(".")), kind)]
    arrays, flags = json_fields.pick(pa.chunked_array([[text]], pa.string()), wanted, source)
    value: str | None = arrays[0][0].as_py()
    return value, flags[0].as_py()


@pytest.mark.parametrize(
    ("text", "path", "kind", "expected"),
    [
        ('{"a":"x"}', "a", Kind.STRING, "x"),
        ('{"a":{"b":{"c":"x"}}}', "a.b.c", Kind.STRING, "x"),
        ('{"a":{"b":"x"}}', "a.c", Kind.STRING, None),
        ('{"a":"x"}', "a.b", Kind.STRING, None),
        ('["x"]', "a", Kind.STRING, None),
        ('{"a":null}', "a", Kind.STRING, None),
        (None, "a", Kind.STRING, None),
        ("", "a", Kind.STRING, None),
        ("null", "a", Kind.STRING, None),
        ('{"a":12345678901234567890.10}', "a", Kind.STRING, "12345678901234567890.10"),
        ('{"a":12345678901234.565}', "a", Kind.DECIMAL, "12345678901234.565"),
        ('{"a":1.5e3}', "a", Kind.DECIMAL, "1500"),
        ('{"a":1E-2}', "a", Kind.DECIMAL, "0.01"),
        ('{"a":2e2}', "a", Kind.INTEGER, "200"),
        ('{"a":1e999999999}', "a", Kind.DECIMAL, "1e999999999"),
        ('{"a":1.5e3}', "a", Kind.DOUBLE, "1.5e3"),
        ('{"a":true}', "a", Kind.BOOLEAN, "true"),
        ('{"a":false}', "a", Kind.STRING, "false"),
        ('{"a":{"b":[1.10,null,"é"]}}', "a", Kind.STRING, '{"b":[1.10,null,"é"]}'),
        ('{"a":"\\ud83d\\udc4d"}', "a", Kind.STRING, "👍"),
    ],
)
def test_a_value_is_taken_by_its_path(text: str | None, path: str, kind: Kind, expected: str | None) -> None:
    assert picked(text, path, kind) == (expected, False)


@pytest.mark.parametrize(
    "text",
    [
        "{",
        "x",
        "{'a':1}",
        '{"a":1}}',
        '{"a":"\\ud800"}',
        '{"\\udc00":1}',
        '{"a":["\\u0000"]}',
        "[" * 100_000,
        '{"a":1,"a":2}',
    ],
    ids=lambda text: text[:12],
)
def test_what_is_not_json_is_flagged(text: str) -> None:
    assert picked(text, "a") == (None, True)


def test_json_speaks_in_the_source_s_habits() -> None:
    assert picked('{"a":1.5}', "a", Kind.DECIMAL, GERMAN) == ("1,5", False)
    assert picked('{"a":1.5}', "a", Kind.STRING, GERMAN) == ("1.5", False)
    assert picked('{"a":true}', "a", Kind.BOOLEAN, GERMAN) == ("ja", False)
    assert picked('{"a":false}', "a", Kind.BOOLEAN, GERMAN) == ("nein", False)


@settings(max_examples=50)
@given(st.lists(st.lists(st.decimals("-1e15", "1e15", places=2), max_size=4), max_size=30))
def test_numbers_in_arrays_keep_every_digit(arrays: list[list[Decimal]]) -> None:
    texts = [json.dumps([{"p": 0} for _ in array]).replace("0", "%s") % tuple(array) for array in arrays]
    rows, flags = json_fields.unpack(
        pa.chunked_array([pa.array(texts, pa.string())]),
        pa.chunked_array([pa.array(range(len(texts)), pa.int64())]),
        [Wanted("p", ("p",), Kind.DECIMAL)],
        PLAIN,
    )
    assert not any(flags.to_pylist())
    expected = [(row, at, str(p)) for row, array in enumerate(arrays) for at, p in enumerate(array, start=1)]
    assert [(row["_row_number"], row["position"], row["p"]) for row in rows.to_pylist()] == expected


SHOPS = Contract(
    name="shops",
    version="7",
    description="",
    tables=(
        Table(
            "shops",
            (Column("shop", Kind.INTEGER), Column("city", Kind.STRING), Column("size", Kind.DECIMAL, 9, 1)),
            ("shop",),
        ),
        Table(
            "visits",
            (
                Column("shop", Kind.INTEGER),
                Column("position", Kind.INTEGER),
                Column("spent", Kind.DECIMAL, precision=9, scale=2, json_path="money.spent", required=True),
                Column("who", Kind.STRING, json_path="who", valid_values=("a", "b")),
            ),
            ("shop", "position"),
            parent="shops",
            explode="visits",
        ),
    ),
    sources=(
        Source("flat"),
        Source(
            "nested",
            columns={"shop": ("id",), "city": ("geo.city", "town"), "size": ("geo.size",), "visits": ("log.v",)},
        ),
    ),
    residency=Residency(None),
)


def outcome(source: str, row: Mapping[str, str | None]) -> tuple[Any, Any, list[tuple[Any, ...]]]:
    """The shop's own row, its visits, and (reason, column, rule, raw) of what was held back."""
    file, habits = File("shops", [row]), SHOPS.sources[0 if source == "flat" else 1]
    own, visits = transform(shared_engine(), SHOPS, habits, (), file.table)
    held = [
        (bad.reason, bad.column_name, bad.rule, bad.raw)
        for typed in (own, visits)
        for some in quarantined(file.message, file.table, SHOPS, habits, typed)
        for bad in some
    ]
    values = own.good.select(["shop", "city", "size"]).to_pylist()
    return values, visits.good.select(["shop", "position", "spent", "who"]).to_pylist(), held


def test_dotted_names_reach_into_json() -> None:
    row = {"id": "1", "geo": '{"city":" Ulm ","size":1.50}', "log": '{"v":[{"money":{"spent":2},"who":"a"}]}'}
    assert outcome("nested", row) == (
        [{"shop": 1, "city": "Ulm", "size": Decimal("1.5")}],
        [{"shop": 1, "position": 1, "spent": Decimal(2), "who": "a"}],
        [],
    )


def test_a_column_of_the_dotted_name_comes_first_and_then_the_next_name() -> None:
    assert outcome("nested", {"id": "1", "geo.city": "Bonn"})[0] == [{"shop": 1, "city": "Bonn", "size": None}]
    assert outcome("nested", {"id": "1", "town": "Bonn"})[0] == [{"shop": 1, "city": "Bonn", "size": None}]


def test_a_header_with_a_dot_is_found_whatever_its_case() -> None:
    habits = Source("till", columns={"shop": ("art.Nr.",), "city": ("nr. Ort",)})  # as a contract's reader spells them
    own, _ = transform(shared_engine(), SHOPS, habits, (), File("shops", [{"art.nr.": "1", "nr. ort": "Ulm"}]).table)
    assert own.good.select(["shop", "city"]).to_pylist() == [{"shop": 1, "city": "Ulm"}]


def test_each_row_is_read_by_the_first_name_that_it_has_dotted_or_not() -> None:
    """One file may have records of both shapes, as a deletion and an update that came within a minute."""
    rows = [
        {"id": "1", "geo": '{"city":"Ulm"}', "town": None, "log": '{"v":[]}'},
        {"id": "2", "geo": None, "town": "Bonn", "log": None},
        {"id": "3", "geo": '{"city":"Köln"}', "town": "Trier", "log": None},
    ]
    for names in (("geo.city", "town"), ("town", "geo.city")):
        habits = Source("both", columns={"shop": ("id",), "city": names, "visits": ("log.v",)})
        own, _ = transform(shared_engine(), SHOPS, habits, (), File("shops", rows).table)
        found = {row["shop"]: row["city"] for row in own.good.select(["shop", "city"]).to_pylist()}
        assert found == {1: "Ulm", 2: "Bonn", 3: "Köln" if names[0] == "geo.city" else "Trier"}


@pytest.mark.parametrize(
    ("row", "reason", "column", "rule"),
    [
        ({"id": "1", "geo": "{"}, Reason.INVALID_JSON, "geo", "JSON"),
        ({"id": "1", "log": "{"}, Reason.INVALID_JSON, "visits", "a JSON array"),
        ({"id": "1", "log": '{"v":{}}'}, Reason.INVALID_JSON, "visits", "a JSON array"),
        ({"id": "1", "log": '{"v":7}'}, Reason.INVALID_JSON, "visits", "a JSON array"),
        ({"id": "1", "geo": '{"size":"big"}'}, Reason.INVALID_TYPE, "size", "decimal(9,1) with decimal mark '.'"),
        ({"id": "1", "geo": '{"size":1.55}'}, Reason.OUT_OF_RANGE, "size", "decimal(9,1) with decimal mark '.'"),
    ],
)
def test_a_row_with_broken_json_is_held_back_whole(
    row: dict[str, str | None], reason: Reason, column: str, rule: str
) -> None:
    assert outcome("nested", row) == ([], [], [(reason, column, rule, json.dumps(row))])


@pytest.mark.parametrize(
    ("element", "reason", "column", "rule"),
    [
        ("7", Reason.INVALID_JSON, "visits", "a JSON object"),
        ("null", Reason.INVALID_JSON, "visits", "a JSON object"),
        ("[]", Reason.INVALID_JSON, "visits", "a JSON object"),
        ("{}", Reason.MISSING_VALUE, "spent", "required"),
        ('{"money":{"spent":"x"}}', Reason.INVALID_TYPE, "spent", "decimal(9,2) with decimal mark '.'"),
        ('{"money":{"spent":1.001}}', Reason.OUT_OF_RANGE, "spent", "decimal(9,2) with decimal mark '.'"),
        ('{"money":{"spent":1},"who":"c"}', Reason.INVALID_VALUE, "who", "one of a, b"),
    ],
)
def test_a_bad_element_is_held_back_alone(element: str, reason: Reason, column: str, rule: str) -> None:
    good = '{"money":{"spent":1.10}}'
    row = {"shop": "1", "city": "Ulm", "visits": f"[{good},{element},{good}]"}
    own, visits, held = outcome("flat", row)
    assert own == [{"shop": 1, "city": "Ulm", "size": None}]
    assert [visit["position"] for visit in visits] == [1, 3]
    assert held == [(reason, column, f"visits element 2: {rule}", json.dumps({"shop": "1", "visits": f"[{element}]"}))]


def test_the_elements_of_a_bad_row_are_not_unpacked() -> None:
    row = {"shop": "one", "visits": '[{"money":{"spent":1}},7]'}
    assert outcome("flat", row) == ([], [], [(Reason.INVALID_TYPE, "shop", "integer", json.dumps(row))])


@pytest.mark.parametrize("visits", [None, "", "[]", "null", " "])
def test_no_array_means_no_elements(visits: str | None) -> None:
    assert outcome("flat", {"shop": "1", "visits": visits})[1:] == ([], [])


def test_a_file_without_the_array_s_column_has_no_elements() -> None:
    assert outcome("flat", {"shop": "1"}) == ([{"shop": 1, "city": None, "size": None}], [], [])
