"""What the page of all regions leaves out, so that no two of its numbers tell of a few people by their difference."""

from __future__ import annotations

from datetime import date
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from watershed.across.combine import Answer
from watershed.across.request import SMALLEST_GROUP

from local.dashboard import across
from tests.dashboard_lab import CATALOG

REQUESTS = across.requests(CATALOG.models)
Groups = dict[tuple[Any, ...], tuple[Any, ...]]


def page(branches: Groups, engaged: Groups, months: Groups) -> across.AllRegions:
    """What a region's true groups become: Athena holds back the small ones, and the page may leave out more."""

    def given_out(groups: Groups, people: int) -> Answer:
        large = {group: sums for group, sums in groups.items() if sums[people] >= SMALLEST_GROUP}
        return Answer(large, len(groups) - len(large))

    return across.side_by_side(
        REQUESTS,
        {
            "branches": {"R": given_out(branches, 1)},
            "engaged": {"R": given_out(engaged, 1)},
            # Here each transaction is another customer's, so that transactions count the people.
            "months": {"R": given_out(months, 1)},
        },
    )


def group(people: int) -> tuple[int, int, int, int]:
    return people * 7, people, 1, people


def shown(made: across.AllRegions, scope: str) -> dict[str, int]:
    return {row["branch_name"]: row["customers"] for row in made.branches.records() if row["scope"] == scope}


def test_a_scope_that_another_exceeds_by_a_few_people_is_left_out() -> None:
    made = page(
        {("all", "a"): group(50), ("all", "b"): group(50), ("all", "c"): group(50)},
        {("engaged", "a"): group(41), ("engaged", "b"): group(50), ("engaged", "c"): group(40)},
        {},
    )
    assert shown(made, "engaged") == {"b": 50, "c": 40}
    assert shown(made, "all") == {"a": 50, "b": 50, "c": 50}
    assert made.held_back == {"R": 1}


def test_with_a_small_branch_goes_the_smallest_of_the_others() -> None:
    made = page(
        {("all", "a"): group(50), ("all", "b"): group(20), ("all", "c"): group(3)},
        {("engaged", "a"): group(40), ("engaged", "b"): group(20)},
        {(date(2024, 1, 1),): (10, 73)},
    )
    assert shown(made, "all") == {"a": 50}
    assert shown(made, "engaged") == {"a": 40}
    assert made.held_back == {"R": 3}
    assert len(made.months.rows) == 1


def test_with_a_small_month_goes_the_smallest_of_the_others() -> None:
    months = {(date(2024, 1, 1),): (10, 73), (date(2024, 2, 1),): (9, 12), (date(2024, 3, 1),): (1, 1)}
    made = page({}, {}, {**months})
    assert [row["order_month"] for row in made.months.records()] == [date(2024, 1, 1)]
    assert made.months_held_back == {"R": 2}
    assert page({}, {}, {(date(2024, 1, 1),): (10, 3)}).months.rows == ()


@given(st.dictionaries(st.sampled_from("abcdefg"), st.tuples(st.integers(0, 40), st.integers(0, 40))), st.data())
def test_no_difference_tells_of_fewer_people_than_a_group_may_have(
    branches: dict[str, tuple[int, int]], data: st.DataObject
) -> None:
    whole = {name: engaged + others for name, (engaged, others) in branches.items() if engaged + others}
    engaged = {name: count for name, (count, _) in branches.items() if count}
    places = st.sampled_from(range(1, 7))
    months: dict[int, int] = {}
    for count in whole.values():
        for _ in range(count):
            month = data.draw(places) if len(months) < 2 else min(months, key=lambda each: (months[each] > 5, each))
            months[month] = months.get(month, 0) + 1
    made = page(
        {("all", name): group(count) for name, count in whole.items()},
        {("engaged", name): group(count) for name, count in engaged.items()},
        {(date(2024, month, 1),): (count * 7, count) for month, count in months.items()},
    )
    seen, part = shown(made, "all"), shown(made, "engaged")
    every = sum(whole.values())
    by_month = sum(row["transactions"] for row in made.months.records())
    for told in (
        # What is not shown of the branches, if the months come to everything; and the other way round.
        *([every - sum(seen.values())] if by_month == every else []),
        *([every - by_month] if sum(seen.values()) == every else []),
        # Those of a branch who are not engaged.
        *(seen[name] - part[name] for name in seen.keys() & part.keys()),
        *seen.values(),
        *part.values(),
    ):
        assert told == 0 or told >= SMALLEST_GROUP
