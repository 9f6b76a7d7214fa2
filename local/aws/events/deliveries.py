"""How at-least-once delivery shows: AWS may repeat messages of standard queues and deliver them in any order."""

from __future__ import annotations

import random
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Deliveries:
    """Knobs for tests. The default is the kindest delivery that AWS may make: once, in order.

    Args:
        duplicate: the probability that a message of a standard queue is delivered once more after it was handled.
        shuffle: whether messages of standard queues are delivered in random order.
        seed: makes both repeatable.
    """

    duplicate: float = 0.0
    shuffle: bool = False
    seed: int = 0
    random: random.Random = field(init=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "random", random.Random(self.seed))  # noqa: S311 - for tests

    def repeats(self) -> bool:
        """Whether the next message is delivered once more."""
        return self.duplicate > 0 and self.random.random() < self.duplicate
