"""Applies all rules to all stacks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from infra.residency.build import graphs
from infra.residency.rule import Finding
from infra.residency.rules import RULES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from infra.residency.graph import Graph
    from infra.residency.rule import Flaw, Rule
    from infra.residency.stack import Stack


def check(stacks: Sequence[Stack]) -> list[Finding]:
    """Every path by which data could leave a region, and every place that the check cannot judge; sorted."""
    return findings(graphs(stacks))


def findings(built: Iterable[Graph]) -> list[Finding]:
    """The findings in graphs that are built."""
    return sorted(finding for graph in built for finding in _of(graph))


def _of(graph: Graph) -> Iterator[Finding]:
    said = set()
    for rule in RULES:
        for flaw in rule.look(graph):
            # The rules go from the particular to the general: of one place, the first one that speaks says most.
            if (flaw.node, flaw.where) not in said:
                said.add((flaw.node, flaw.where))
                yield _finding(graph, rule, flaw)


def _finding(graph: Graph, rule: Rule, flaw: Flaw) -> Finding:
    # A policy's flaw is that of what it protects, or of the roles that hold it.
    held = [holder for each in graph.statements if each.written == flaw.node for holder in each.holders]
    return Finding(
        stack=graph.stack.name,
        logical_id=flaw.node,
        resource=graph.nodes[flaw.node].label if flaw.node else "the stack",
        where=flaw.where,
        rule=rule.id,
        what=flaw.what,
        path=flaw.path,
        at_stake=tuple(graph.at_stake([flaw.node, *held])) if flaw.node else (),
        remedy=rule.remedy,
    )
