"""What a run of the pump did."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field


@dataclass(frozen=True)
class InvocationError:
    """A function that raised or timed out.

    Args:
        error: type and message, with the traceback.
        log: all that the handler wrote.
    """

    region: str
    function: str
    request_id: str
    error: str
    log: str


@dataclass(frozen=True)
class DeadLetter:
    """A message that ended in a dead-letter queue while the pump ran."""

    region: str
    queue: str
    message_id: str
    body: str
    receives: int


@dataclass
class PumpReport:
    """What a run of the pump did.

    Args:
        invocations: how often each function ran, by `region/function`.
        messages: how many messages each function was given, repeats included, by `region/function`.
        errors: every failed invocation, in order.
        partial_failures: how many messages handlers reported as failed, by `region/function`.
        dead_letters: messages that reached a dead-letter queue, in no order.
    """

    invocations: Counter[str] = field(default_factory=Counter)
    messages: Counter[str] = field(default_factory=Counter)
    partial_failures: Counter[str] = field(default_factory=Counter)
    errors: list[InvocationError] = field(default_factory=list)
    dead_letters: list[DeadLetter] = field(default_factory=list)

    @property
    def clean(self) -> bool:
        """Whether nothing failed."""
        return not (self.errors or self.dead_letters or self.partial_failures)
