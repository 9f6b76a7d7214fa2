"""Nothing passes because nobody looked at it: every type and property is known."""

from __future__ import annotations

from typing import TYPE_CHECKING

from infra.residency.rule import Flaw, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from infra.residency.graph import Graph


def _types(graph: Graph) -> Iterator[Flaw]:
    for node in graph.nodes.values():
        if node.kind is None:
            yield Flaw(node.id, "Type", f"Nobody has judged what {node.type} does with data.")


def _properties(graph: Graph) -> Iterator[Flaw]:
    for node in graph.nodes.values():
        for name in sorted(node.properties.keys() - node.kind.properties) if node.kind else ():
            yield Flaw(node.id, name, f"Nobody has judged what {name} of {node.type} does with data.")


RULES = (
    Rule(
        "unknown-type",
        "a resource type that the check does not know",
        "Judge what it does with data, then describe it in infra/residency/kinds.py, with links and rules.",
        _types,
    ),
    Rule(
        "unknown-property",
        "a property that the check does not know",
        "Judge what it does with data, then name it in infra/residency/kinds.py, with a link or rule if it carries it.",
        _properties,
    ),
)
