"""Every point, every fault: what is struck, what cannot be, and what differs afterwards."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from watershed.names import Stage

from tests.faults.calls import Point
from tests.faults.deliveries import DELIVERIES
from tests.faults.kinds import Kind, inapplicable
from tests.faults.rig import STAGES, Outcome, Snapshot

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tests.faults.rig import Rig


@dataclass
class Count:
    """What one kind of fault did to one stage.

    Attributes:
        struck: points at which the fault happened.
        inapplicable: points that cannot take it, by reason.
        failures: what differed from the undisturbed run, by point.
    """

    struck: int = 0
    inapplicable: Counter[str] = field(default_factory=Counter)
    failures: dict[str, list[str]] = field(default_factory=dict)


@dataclass
class Undisturbed:
    """The run in which nothing goes wrong, delivery by delivery and stage by stage.

    Attributes:
        points: every call of every function, in order.
        before: all of AWS before each stage of each delivery.
        settled: what readers and the next stage's queue see after it.
        after: what readers see when each delivery has been handled.
    """

    points: list[Point] = field(default_factory=list)
    before: dict[tuple[int, Stage], Snapshot] = field(default_factory=dict)
    settled: dict[tuple[int, Stage], Outcome] = field(default_factory=dict)
    after: list[Outcome] = field(default_factory=list)


class Sweep:
    """Lets calls go wrong one by one, each from the same beginning."""

    def __init__(self, rig: Rig) -> None:
        self.rig = rig

    @cached_property
    def undisturbed(self) -> Undisturbed:
        """The run to compare with. Each stage starts cold, as after a fault."""
        run, rig = Undisturbed(), self.rig
        rig.wipe()
        for delivery in range(len(DELIVERIES)):
            rig.announce(delivery)
            for stage in STAGES:
                run.before[delivery, stage] = rig.snapshot()
                rig.restore(run.before[delivery, stage])
                rig.interceptor.begin(delivery)
                rig.run((stage,))
                run.points += rig.interceptor.points
                run.settled[delivery, stage] = rig.outcome()
            run.after.append(run.settled[delivery, STAGES[-1]])
        return run

    def points(self, stage: Stage) -> list[Point]:
        """A stage's calls."""
        return [point for point in self.undisturbed.points if point.stage is stage]

    def strike(self, kind: Kind, points: Iterable[Point]) -> Count:
        """Let each of the points go wrong in turn, and compare what is left."""
        count = Count()
        for point in points:
            if reason := inapplicable(kind, point):
                count.inapplicable[reason] += 1
                continue
            found = self._disturbed(kind, point)
            if self.rig.interceptor.struck is None:
                count.inapplicable[self.rig.interceptor.why] += 1
            else:
                count.struck += 1
            if found:
                count.failures[str(point)] = found
        return count

    def _disturbed(self, kind: Kind, point: Point) -> list[str]:
        """What differs in the end if `point` goes wrong.

        The stage is run until its queue is quiet. If readers and the next queue then see what they saw in the
        undisturbed run, so will the stages behind it: they have nothing else to go by. Otherwise they are run as well.
        """
        rig, run = self.rig, self.undisturbed
        rig.restore(run.before[point.delivery, point.stage])
        rig.interceptor.begin(point.delivery, point, kind)
        rig.run((point.stage,))
        if rig.interceptor.struck is False:
            return ["the call was not made again"]
        if not rig.outcome().differences(run.settled[point.delivery, point.stage]):
            return []
        rig.run()
        return rig.outcome().differences(run.after[point.delivery])
