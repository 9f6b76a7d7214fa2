"""Small parts that are typed together come to what each comes to alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from watershed.silver import lineage
from watershed.silver.together import together
from watershed.silver.transform import transform, transform_together

from tests.unit.silver_lab import ORDERS, STORES, File, shared_engine

if TYPE_CHECKING:
    from collections.abc import Iterator

    from watershed.contracts.model import Contract

ORDER = {
    "order_id": st.sampled_from(["1", "2", "x", ""]),
    "ordered_at": st.sampled_from(["2024-03-01 10:00:00", "yesterday", ""]),
    "amount": st.sampled_from(["1.50", "1,5", "-3"]),
    "status": st.sampled_from(["open", "shut"]),
    "country": st.sampled_from(["DE", "US", ""]),
    "updated_at": st.sampled_from(["2024-03-01 10:00:00", ""]),
}
PLANS = ["", "[]", '[{"price": 1}]', '[{"price": 0.1}, 5, {"price": "x", "planName": "gold"}]', "no JSON", "{}"]
STORE = {
    "store_id": st.sampled_from(["a", "b", ""]),
    "updated_at": st.just("2024-03-01 10:00:00"),
    "plans": st.sampled_from(PLANS),
}


def check(contract: Contract, parts: list[list[dict[str, str]]]) -> None:
    last = dict.fromkeys(ORDER if contract is ORDERS else STORE, "")  # a part without rows has its columns too
    tables = [
        File(contract.name, [*rows, last], f"{number}.csv").table.slice(0, len(rows)).select([*last, *lineage.COLUMNS])
        for number, rows in enumerate(parts)
    ]
    alone = [transform(shared_engine(), contract, contract.sources[0], ("DE",), table) for table in tables]
    assert transform_together(shared_engine(), contract, contract.sources[0], ("DE",), tables) == alone


@settings(max_examples=20)
@given(st.lists(st.lists(st.fixed_dictionaries(ORDER), max_size=4), min_size=1, max_size=4))
def test_each_part_of_orders_is_what_it_is_alone(parts: list[list[dict[str, str]]]) -> None:
    check(ORDERS, parts)


@settings(max_examples=20)
@given(st.lists(st.lists(st.fixed_dictionaries(STORE), max_size=4), min_size=1, max_size=4))
def test_each_part_of_stores_is_what_it_is_alone(parts: list[list[dict[str, str]]]) -> None:
    check(STORES, parts)


def fails_at(place: int) -> Iterator[int]:
    for number in range(5):
        if number == place:
            raise ValueError(number)
        yield number


def test_items_come_in_order_as_many_as_fit() -> None:
    assert list(together([1, 2, 3, 9, 1, 1], lambda some: sum(some) <= 5)) == [[1, 2], [3], [9], [1, 1]]
    assert list(together([], lambda _: True)) == []


@pytest.mark.parametrize("place", range(5))
def test_what_came_before_a_failure_comes_first(place: int) -> None:
    got: list[list[int]] = []
    with pytest.raises(ValueError, match=str(place)):
        got.extend(together(fails_at(place), lambda some: len(some) <= 2))
    assert [number for group in got for number in group] == list(range(place))
