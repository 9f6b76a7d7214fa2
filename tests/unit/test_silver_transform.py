"""One part: every row ends as good or bad, the bad ones say why and keep what they were."""

from __future__ import annotations

import dataclasses
import json
from collections import Counter
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from watershed.errors import LedgerImbalance
from watershed.reasons import Reason
from watershed.silver import quarantine
from watershed.silver.decision import Decision, Verdict
from watershed.silver.quarantine import quarantined
from watershed.silver.tally import control_sums, tally
from watershed.silver.transform import TypedRows, transform

from tests.unit.silver_lab import NOON, ORDERS, File, shared_engine
from tests.unit.test_silver_merge import order


def typed(*rows: dict[str, Any]) -> TypedRows:
    return transform(shared_engine(), ORDERS, ORDERS.sources[0], ("DE", "AT"), File("orders", rows).table)[0]


def held(*rows: dict[str, Any]) -> list[Any]:
    file = File("orders", rows)
    chunks = quarantined(file.message, file.table, ORDERS, ORDERS.sources[0], typed(*rows))
    return [bad for some in chunks for bad in some]


@pytest.mark.parametrize(
    ("row", "reason", "column"),
    [
        (order(1, order_id=""), Reason.MISSING_VALUE, "order_id"),
        (order(1, order_id="x", amount="x"), Reason.INVALID_TYPE, "order_id"),
        (order(1, amount="x", status="x"), Reason.INVALID_TYPE, "amount"),
        (order(1, status="x", updated_at="x"), Reason.INVALID_VALUE, "status"),
        (order(1, updated_at="x"), Reason.INVALID_TYPE, "updated_at"),
        (order(1, ordered_at=None, order_id="1.5"), Reason.INVALID_TYPE, "order_id"),
        (order(1, ordered_at=None), Reason.MISSING_VALUE, "ordered_at"),
        (order(1, order_id="x", country="US"), Reason.RESIDENCY_VIOLATION, "country"),
    ],
)
def test_the_first_fault_is_told_and_a_foreign_row_is_foreign_first(
    row: dict[str, Any], reason: Reason, column: str
) -> None:
    assert [(bad.reason, bad.column_name) for bad in held(order(1), row, order(2))] == [(reason, column)]


def test_a_row_held_back_keeps_all_it_was() -> None:
    row = order(1, amount="1.005", note='say "hi" 👍', country=None)
    (bad,) = held(order(7), row)
    assert json.loads(bad.raw) == row
    assert dataclasses.asdict(bad) == {
        "batch_id": File("orders", []).message.batch_id,
        "part": 0,
        "stage": "silver",
        "reason": "out_of_range",
        "column_name": "amount",
        "rule": "decimal(18,2) with decimal mark '.'",
        "remedy": Reason.OUT_OF_RANGE.remedy,
        "raw": bad.raw,
        "row_number": 2,
        "line_number": None,
        "source_key": "orders/a.csv",
        "source_version": "v1",
        "source_name": "any",
        "contract_version": "1.0.0",
        "quarantined_at": NOON,
        "replay": "",
    }


def test_rules_name_what_the_source_and_the_region_expect() -> None:
    rows = (order(1, status="x"), order(1, country="US"), order(1, updated_at="soon"))
    assert [bad.rule for bad in held(*rows)] == [
        "one of open, paid",
        "one of DE, AT or empty",
        "timestamp as %Y-%m-%d %H:%M:%S.%f or %Y-%m-%d %H:%M:%S, local time in UTC",
    ]


def test_many_bad_rows_come_in_their_order_some_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quarantine, "_ROWS_AT_ONCE", 7)
    rows = [order(n, status="x" if n % 3 else "open") for n in range(50)]
    file = File("orders", rows)
    chunks = list(quarantined(file.message, file.table, ORDERS, ORDERS.sources[0], typed(*rows)))
    assert max(map(len, chunks)) == 7
    assert [json.loads(str(bad.raw))["order_id"] for some in chunks for bad in some] == [
        str(n) for n in range(50) if n % 3
    ]


def test_columns_that_the_contract_does_not_know_are_left_out() -> None:
    good = typed(order(1, surprise="x")).good
    assert good.column_names[5:7] == ["updated_at", "_source_key"]


def test_an_empty_part_is_typed_too() -> None:
    assert typed().rows_in == 0
    assert typed().good.schema == typed(order(1)).good.schema


def test_control_sums_are_exact() -> None:
    rows = [order(n, amount="0.10") for n in range(1000)]
    assert control_sums(typed(*rows)) == {"amount": Decimal("100.00")}
    assert control_sums(typed(order(1, amount=None), order(2, amount="9", status="x"))) == {"amount": Decimal("0.00")}
    most = "9999999999999999.99"
    assert control_sums(typed(*(order(n, amount=most) for n in range(3)))) == {"amount": Decimal(most) * 3}


def decision(inserted: int, total: str) -> Decision:
    nothing = pa.table({})
    sums = {Verdict.INSERTED: {"amount": Decimal(total)}}
    return Decision({"p": Counter({Verdict.INSERTED: inserted})}, {"p": sums}, nothing, nothing, 0)


def test_an_account_that_does_not_balance_stops_everything() -> None:
    rows = typed(order(1, amount="5.00"), order(2, status="x"))
    account = tally("1", rows, "p", decision(1, "5.00"))
    assert account.quarantined == 1
    assert json.loads(account.control_sums_out) == {"amount": {"inserted": "5.00"}}
    with pytest.raises(LedgerImbalance, match="2 rows came in, but 2 were merged and 1 quarantined"):
        tally("1", rows, "p", decision(2, "5.00"))
    with pytest.raises(LedgerImbalance, match="the sum of amount is not the same") as refusal:
        tally("1", rows, "p", decision(1, "5.01"))
    assert "5.0" not in str(refusal.value)


VALUES = {
    "order_id": st.sampled_from(["1", "2", "x", "", None, "1.0", "9" * 30]),
    "ordered_at": st.sampled_from(["2024-01-05 10:00:00", "2024-02-30 10:00:00", "", "yesterday"]),
    "amount": st.sampled_from(["1", "0.10", "-3.55", "1.005", "x", None]),
    "status": st.sampled_from(["open", "paid", "lost", ""]),
    "country": st.sampled_from(["DE", "US", "", None]),
}


@settings(max_examples=30)
@given(st.lists(st.fixed_dictionaries(VALUES), max_size=20))
def test_every_row_is_good_or_held_back_once(rows: list[dict[str, Any]]) -> None:
    outcome = typed(*rows)
    good = outcome.good["_row_number"].to_pylist()
    bad = [row.row_number for row in held(*rows)]
    assert sorted([*good, *bad]) == list(range(1, len(rows) + 1))
    assert outcome.rows_in == len(rows)
    expected = sum((Decimal(rows[number - 1]["amount"] or 0) for number in good), Decimal(0))
    assert control_sums(outcome)["amount"] == expected
