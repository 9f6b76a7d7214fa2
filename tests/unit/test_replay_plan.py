"""What a replay does with what is held: what it takes again, and what it says of the rest."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from watershed.replay import plan
from watershed.replay.held import ROW

HELD = {
    "dataset": "customers",
    "batch_id": "b1",
    "part": None,
    "stage": "bronze",
    "source_key": "customers/a.csv",
    "source_version": "v1",
    "quarantined_at": datetime(2026, 1, 1, tzinfo=UTC),
}


@pytest.mark.parametrize(("reason", "why"), [("malformed_row", plan.NOT_A_WHOLE_FILE), ("erased", plan.ERASED)])
def test_a_row_without_its_values_stays_for_what_became_of_it(reason: str, why: str) -> None:
    """Whoever reads "drop the file again" of an erased row would bring the person back."""
    row = HELD | {"row_number": 17, "reason": reason}

    planned = plan.plan([tuple(row[name] for name in ROW)], "r1", "raw", "eu-central-1", {})

    assert planned.left == {why: 1}
    assert not planned.parts
    assert not planned.files
