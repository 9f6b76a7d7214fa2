"""A child's rows follow the parent row that stands: also if Glue still shows the parent as it was before."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.silver_lab import STORES, File, region

STORE = {"store_id": "a", "updated_at": "2024-01-01 00:00:00", "plans": '[{"price": 5}, {"price": 7}]'}


@pytest.mark.xfail(strict=True, reason="a child's merge does not see that the parent it loaded lacks its own commit")
def test_elements_are_not_lost_to_a_stale_parent() -> None:
    """The third GetTable of the parent, which is the child's, answers as of before the parent's commit."""
    with region(STORES) as lake:
        lake.silver.lakehouse.ensure([STORES])
        get_table, answers = lake.glue.get_table, list[dict[str, Any]]()

        def stale(**request: Any) -> dict[str, Any]:
            answer: dict[str, Any] = get_table(**request)
            if request["Name"] == "stores":
                answers.append(answer)
                return answers[0] if len(answers) == 3 else answer
            return answer

        lake.glue.get_table = stale
        lake.take(File("stores", [STORE], key="stores/a.jsonl"))
        assert [row["price"] for row in lake.rows("store_plans")] == [5, 7]
