"""What a rule is, and what it finds."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from infra.residency.graph import Graph

_NEAREST = 3  # how many stores at stake a finding names


@dataclass(frozen=True)
class Flaw:
    """One thing that a rule refuses.

    Args:
        node: The resource's logical id, or empty for the stack.
        where: The property's or statement's path in it.
        what: What is wrong, as a sentence.
        path: The way out, from end to end; empty if it is the resource alone.
    """

    node: str
    where: str
    what: str
    path: tuple[str, ...] = ()


@dataclass(frozen=True)
class Rule:
    """One rule.

    Args:
        id: Its name, e.g. `unconfined-statement`.
        refuses: What it refuses, in words, for the documentation.
        remedy: What to do about it.
        look: Finds it in a graph.
    """

    id: str
    refuses: str
    remedy: str
    look: Callable[[Graph], Iterator[Flaw]]


@dataclass(frozen=True, order=True)
class Finding:
    """A flaw, with everything that a reader needs."""

    stack: str
    logical_id: str  # empty for the stack as a whole
    resource: str  # noun and physical name, e.g. `role watershed-bronze-eu-central-1`
    where: str
    rule: str
    what: str
    path: tuple[str, ...]
    at_stake: tuple[str, ...]  # what holds data that may come to the resource, the nearest first
    remedy: str

    def __str__(self) -> str:
        place = f"{self.resource} ({self.logical_id})" if self.logical_id else self.resource
        path = f" Path: {' -> '.join(self.path)}." if self.path else ""
        more = len(self.at_stake) - _NEAREST
        nearest = ", ".join(self.at_stake[:_NEAREST]) + (f" and {more} more" if more > 0 else "")
        stake = f" At stake: {nearest}." if nearest else ""
        return f"{self.stack}: {place}: {self.where}: {self.what}{path}{stake}"
