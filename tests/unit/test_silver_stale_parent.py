"""A child's rows follow the parent row that stands: also if Glue still shows the parent as it was before."""

from __future__ import annotations

from typing import Any

from tests.unit.silver_lab import STORES, File, region

STORE = {"store_id": "a", "updated_at": "2024-01-01 00:00:00", "plans": '[{"price": 5}, {"price": 7}]'}


def test_elements_are_not_lost_to_a_stale_parent() -> None:
    """The first GetTable after the parent's commit, which is the child's, answers as of before it."""
    with region(STORES) as lake:
        lake.silver.lakehouse.ensure([STORES])
        get_table, update_table = lake.glue.get_table, lake.glue.update_table
        before: list[dict[str, Any]] = []
        stale: list[dict[str, Any]] = []

        def get(**request: Any) -> dict[str, Any]:
            if request["Name"] == "stores" and stale:
                return stale.pop()
            answer: dict[str, Any] = get_table(**request)
            if request["Name"] == "stores":
                before.append(answer)
            return answer

        def update(**request: Any) -> dict[str, Any]:
            answer: dict[str, Any] = update_table(**request)
            if request["TableInput"]["Name"] == "stores":
                stale.append(before[-1])
            return answer

        lake.glue.get_table, lake.glue.update_table = get, update
        lake.take(File("stores", [STORE], key="stores/a.jsonl"))
        assert not stale
        assert [row["price"] for row in lake.rows("store_plans")] == [5, 7]
