"""A backfill's price, by hand."""

from __future__ import annotations

import pytest
from watershed.backfill.price import Assumptions, parts, price, stated
from watershed.bronze.batch import MEBIBYTE

BY_HAND = Assumptions(
    bronze_rate=10,
    bronze_start=1,
    silver_rate=5,
    silver_start=2,
    part=50,
    transitions=4,
    writes=10,
    reads=20,
    messages=3,
)


def test_each_position_is_amount_times_list_price() -> None:
    """Two objects of 100 and 10 MiB: three parts; bronze 13 s, silver 28 s, both with 2 GB."""
    lines = price([100 * MEBIBYTE, 10 * MEBIBYTE], bronze_memory=2048, silver_memory=2048, assumed=BY_HAND)
    assert {(line.what, line.unit): line.amount for line in lines} == {
        ("Lambda, bronze", "GB-seconds"): pytest.approx(26),
        ("Lambda, silver", "GB-seconds"): pytest.approx(56),
        ("Lambda", "requests"): 5,
        ("Step Functions", "transitions"): 8,
        ("S3", "writes"): 30,
        ("S3", "reads"): 62,
        ("SQS FIFO, to silver", "requests"): 9,
        ("SQS, to gold", "requests"): 9,
    }
    assert {(line.what, line.unit): line.dollars for line in lines} == pytest.approx(
        {
            ("Lambda, bronze", "GB-seconds"): 0.0003466684,
            ("Lambda, silver", "GB-seconds"): 0.0007466704,
            ("Lambda", "requests"): 0.000001,
            ("Step Functions", "transitions"): 0.0002,
            ("S3", "writes"): 0.00015,
            ("S3", "reads"): 0.0000248,
            ("SQS FIFO, to silver", "requests"): 0.0000045,
            ("SQS, to gold", "requests"): 0.0000036,
        }
    )


def test_an_empty_object_is_a_part_all_the_same() -> None:
    assert parts([0, 1, 50 * MEBIBYTE, 50 * MEBIBYTE + 1], BY_HAND) == 5


def test_nothing_costs_nothing() -> None:
    assert sum(line.dollars for line in price([], bronze_memory=2048, silver_memory=3008)) == 0


def test_the_assumptions_are_called_so() -> None:
    told = stated(BY_HAND)
    assert "Assumed, not measured" in told
    assert "bronze reads 10 MiB/s" in told
    assert "list prices of us-east-1, 2025; check yours" in told
