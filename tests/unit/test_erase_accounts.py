"""The ledger and quarantine once rows are gone: it balances still, and no sum gives a row away."""

from __future__ import annotations

import json
from dataclasses import asdict
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest
from watershed import records
from watershed.contracts.model import Source
from watershed.erase.accounts import corrected, held, with_places
from watershed.erase.match import Matcher
from watershed.erase.subject import Subject, holders
from watershed.errors import ConfigurationError
from watershed.records import LedgerEntry, QuarantinedRow
from watershed.silver.transform import TypedRows, transform

from tests.unit.silver_lab import NOON, ORDERS, File, shared_engine

if TYPE_CHECKING:
    from collections.abc import Mapping

BRONZE = LedgerEntry("b", 0, "bronze", "orders", "k", "v", "any", "1.0.0", NOON, rows_read=10, rows_out=8, malformed=2)
SUMS = {"control_sums": '{"amount": "30.00"}', "control_sums_out": '{"amount": {"inserted": "30.00"}}'}


def silver(**values: Any) -> dict[str, Any]:
    return asdict(LedgerEntry("b", 0, "silver", "orders", "k", "v", "any", "1.0.0", NOON, **values))


def typed(*rows: Mapping[str, str | None]) -> list[TypedRows]:
    return transform(shared_engine(), ORDERS, Source("any"), ("DE",), File("orders", rows).table)


GOOD = {"order_id": "1", "ordered_at": "2024-01-05 10:00:00", "amount": "10.00"}
BAD = {"order_id": "1", "ordered_at": "never", "amount": "1.00"}


def test_bronze_counts_a_row_that_is_gone_among_those_held_back() -> None:
    entry = asdict(BRONZE)
    assert corrected(entry, 3, []) == {**entry, "rows_out": 5, "malformed": 5}


@pytest.mark.parametrize(
    ("counts", "gone", "left", "total"),
    [
        ({"rows_in": 3, "inserted": 3}, [GOOD], {"rows_in": 2, "inserted": 2}, "20.00"),
        ({"rows_in": 3, "inserted": 2, "quarantined": 1}, [BAD], {"rows_in": 2, "inserted": 2}, "30.00"),
        ({"rows_in": 3, "inserted": 2, "quarantined": 1}, [GOOD, BAD], {"rows_in": 1, "inserted": 1}, "20.00"),
        ({"rows_in": 3, "inserted": 1, "updated": 1, "stale": 1}, [GOOD, GOOD], {"rows_in": 1, "stale": 1}, "10.00"),
        ({"rows_in": 1, "duplicate": 1}, [GOOD], {"rows_in": 0}, "20.00"),
        ({"rows_in": 3, "inserted": 3}, [], {"rows_in": 3, "inserted": 3}, "30.00"),
    ],
)
def test_silver_balances(
    counts: dict[str, int], gone: list[Mapping[str, str | None]], left: dict[str, int], total: str
) -> None:
    after = corrected(silver(**counts, **SUMS), len(gone), typed(*gone) if gone else [])
    verdicts = ("inserted", "updated", "duplicate", "stale", "quarantined")
    assert {name: after[name] for name in ("rows_in", *verdicts) if after[name] or name == "rows_in"} == left
    assert after["rows_in"] == sum(after[name] for name in verdicts)
    came = json.loads(after["control_sums"])
    assert came == {"amount": total}
    went = json.loads(after["control_sums_out"])
    assert sum(map(Decimal, went["amount"].values())) == Decimal(total)


def test_sums_of_many_digits_stay_exact() -> None:
    entry = silver(rows_in=2, inserted=2, control_sums='{"amount": "123456789012345678901234567890.12"}')
    after = corrected(entry, 1, typed(GOOD))
    assert json.loads(after["control_sums"]) == {"amount": "123456789012345678901234567880.12"}


def test_a_part_that_was_stopped_has_no_sums_to_correct() -> None:
    entry = silver(rows_in=3, quarantined=3, control_sums='{"amount": "0"}')
    after = corrected(entry, 1, typed(GOOD))
    assert after == {**entry, "rows_in": 2, "quarantined": 2}


def test_of_later_passes_the_sums_go() -> None:
    entry = silver(rows_in=3, duplicate=3, replay="r", **SUMS)
    assert corrected(entry, 1, []) == {**entry, "control_sums": "{}", "control_sums_out": "{}"}
    assert corrected(entry, 0, []) == entry


def row(number: int | None, stage: str, raw: str | None) -> QuarantinedRow:
    return QuarantinedRow("b", 0, stage, "malformed_row", "c", "r", "m", raw, number, 7, "k", "v", "any", "1.0.0", NOON)


def test_bronze_keeps_places_and_silver_none() -> None:
    table = records.to_arrow(QuarantinedRow, [row(1, "bronze", "x"), row(2, "bronze", "PERSON"), row(3, "silver", "P")])
    left = held(table, {2, 3}).to_pylist()
    assert [(each["row_number"], each["reason"], each["raw"]) for each in left] == [
        (1, "malformed_row", "x"), (2, "erased", ""),
    ]  # fmt: skip
    assert held(held(table, {2, 3}), {2, 3}).to_pylist() == left
    whole = records.to_arrow(QuarantinedRow, [row(None, "bronze", None)])
    assert held(whole, {1}).equals(whole)


def test_places_are_added_once() -> None:
    there = records.to_arrow(QuarantinedRow, [row(2, "bronze", "x")])
    once = with_places(there, asdict(BRONZE), [1, 5])
    assert [(each["row_number"], each["reason"]) for each in once.to_pylist()] == [
        (1, "erased"), (2, "malformed_row"), (5, "erased"),
    ]  # fmt: skip
    assert with_places(once, asdict(BRONZE), [1, 5]).equals(once)
    assert with_places(None, asdict(BRONZE), [1]).num_rows == 1
    assert once.schema == there.schema


@pytest.mark.parametrize(
    ("source", "texts", "found"),
    [
        ({}, ["1017", " 1017 ", "1017.0", "01017", "1018", "", None, "x"], [1, 2, 3, 4]),
        ({"decimal_mark": ",", "thousands_mark": "."}, ["1.017", "1017,0", "1017"], [1, 2, 3]),
        ({"columns": {"order_id": ("nr", "order_id")}}, ["1017", "7"], [1]),
    ],
)
def test_a_row_is_found_as_silver_reads_it(source: dict[str, Any], texts: list[str | None], found: list[int]) -> None:
    table = pa.table({"order_id": pa.array(texts, pa.string()), "_row_number": range(1, len(texts) + 1)})
    matcher = Matcher(shared_engine(), ORDERS, Source("any", **source), Subject("order_id", "1017"))
    assert matcher.rows(table) == found
    assert matcher.rows(table.slice(0, 0)) == []


def test_rows_that_are_text_are_found_by_their_words() -> None:
    subject = Subject("order_id", "17")
    assert subject.is_named_in("1;17;x")
    assert subject.is_named_in('{"id": "17", "x"')
    assert not subject.is_named_in("117;170;x17;17.5")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("17", "1^17^x"),
        ("17", "1#17"),
        ("gid://shopify/Customer/17", '{"id": "gid://shopify/Customer/17", "x"'),
        ("gid://shopify/Customer/17", r'{"id": "gid:\/\/shopify\/Customer\/17", "x"'),
        ("Zoë Ohm", "1;Zoë Ohm;x"),
        ("Zoë Ohm", r'{"id": "Zo\u00eb Ohm", "x"'),
        ('Ann "Nan" Ohm', r'{"id": "Ann \"Nan\" Ohm"'),
        ("a.b+c@example.org", "<a.b+c@example.org>"),
    ],
)
def test_a_value_of_any_signs_is_found_in_a_row_of_text(value: str, text: str) -> None:
    assert Subject("order_id", value).is_named_in(text)
    assert not Subject("order_id", value[1:]).is_named_in(text)


def test_the_fingerprint_needs_the_key() -> None:
    subject = Subject.parse(" order_id = 17 ")
    assert subject == Subject("order_id", "17")
    assert subject.fingerprint(b"a") != subject.fingerprint(b"b")
    assert subject.fingerprint(b"a") == Subject("order_id", "17").fingerprint(b"a")


def test_one_person_has_one_fingerprint_however_the_number_is_written() -> None:
    assert Subject("order_id", "017").plain([ORDERS]) == Subject("order_id", "17")
    assert Subject("status", "017").plain([ORDERS]) == Subject("status", "017")


@pytest.mark.parametrize("value", ["x", "1_7", "1.0", "٣", "9223372036854775808", "-9223372036854775809", "9" * 5000])
def test_a_number_that_silver_cannot_hold_is_nobodys(value: str) -> None:
    with pytest.raises(ConfigurationError, match="order_id is an integer"):
        Subject("order_id", value).typed(ORDERS.table.column("order_id"))


def test_literals_are_quoted() -> None:
    assert Subject("status", "o'pen").literal(ORDERS.table.column("status")) == "'o''pen'"
    assert Subject("order_id", "017").literal(ORDERS.table.column("order_id")) == "17"


def test_a_column_that_is_nobodys_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="none yet"):
        holders({"orders": ORDERS}, Subject("order_id", "17"))
