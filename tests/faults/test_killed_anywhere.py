"""Functions are killed, starved and misled at every AWS call that they make; what readers see in the end is the same.

Between two AWS calls a function changes nothing that anything outside it can see: its memory and its /tmp go with
it. So "killed between any two steps" is a kill before and after each call, and a kill after a read leaves what the kill
after the write before it left. Each fault starts from the state in which the undisturbed run was before that stage, in
cold functions; the queues then deliver until all is quiet. Equal are, row by row and with every lineage column, the
tables of silver and gold, and byte by byte, bronze, quarantine and the ledger. No message is left in any queue,
dead-letter queues included, and no part is in two snapshots of a table.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from watershed.names import Stage

from tests.faults.deliveries import DELIVERIES
from tests.faults.kinds import Kind
from tests.faults.rig import STAGES

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.faults.sweep import Count, Sweep

pytestmark = pytest.mark.slow  # `make faults`


def test_the_undisturbed_run_is_what_the_deliveries_say(sweep: Sweep) -> None:
    """Counted by hand from `deliveries.py`, so that two equal runs cannot be equally wrong."""
    last = sweep.undisturbed.after[-1]
    assert {name: len(rows) for name, rows in last.silver.items()} == {"orders": 4, "shops": 3, "shop_plans": 3}
    assert {name: set(merged.values()) for name, merged in last.merged.items()} == {name: {1} for name in last.silver}
    assert {name: [row.split(", ") for row in rows] for name, rows in last.gold.items()} == {
        "shop_orders": [
            ["{'shop_id': 'a'", "'orders': 2", "'revenue': Decimal('15.25')}"],
            ["{'shop_id': 'b'", "'orders': 1", "'revenue': Decimal('20.00')}"],
            ["{'shop_id': 'c'", "'orders': 1", "'revenue': Decimal('3.00')}"],
        ],
        "shop_balance": [
            ["{'shop_id': 'a'", "'revenue': Decimal('15.25')", "'plans': 1", "'cost': Decimal('6.00')}"],
            ["{'shop_id': 'b'", "'revenue': Decimal('20.00')", "'plans': 0", "'cost': None}"],
            ["{'shop_id': 'c'", "'revenue': Decimal('3.00')", "'plans': 2", "'cost': Decimal('17.00')}"],
        ],
    }
    assert not last.waiting


@pytest.mark.parametrize(("stage", "deliveries"), [(Stage.BRONZE, 2), (Stage.SILVER, 1), (Stage.GOLD, 1)])
def test_killed_in_every_state_that_a_stage_leaves(
    sweep: Sweep, report: Callable[[str, str, Count], None], stage: Stage, deliveries: int
) -> None:
    """Killed after each write, and before the first call: the last deliveries, which merge into what is there."""
    chosen = range(len(DELIVERIES) - deliveries, len(DELIVERIES))
    late = [point for point in sweep.points(stage) if point.delivery in chosen]
    firsts = [next(point for point in late if point.delivery == delivery) for delivery in chosen]
    before = sweep.strike(Kind.KILL_BEFORE, firsts)
    after = sweep.strike(Kind.KILL_AFTER, [point for point in late if point.writes])
    for kind, count in ((Kind.KILL_BEFORE, before), (Kind.KILL_AFTER, after)):
        report(stage, kind, count)
        assert count.struck
        assert not count.failures


@pytest.mark.timeout(3600)
@pytest.mark.parametrize("kind", Kind)
@pytest.mark.parametrize("stage", STAGES)
def test_every_fault_at_every_call(
    sweep: Sweep, report: Callable[[str, str, Count], None], stage: Stage, kind: Kind
) -> None:
    points = sweep.points(stage)
    count = sweep.strike(kind, points)
    report(stage, kind, count)
    assert count.struck + count.inapplicable.total() == len(points)
    assert not count.failures
