"""Nothing passes because nobody looked at it: every type and property is known."""

from __future__ import annotations

from typing import TYPE_CHECKING

from infra.residency.objects import ATTRIBUTES, OBJECTS
from infra.residency.paths import values
from infra.residency.rule import Flaw, Rule

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from typing import Any

    from infra.residency.graph import Graph, Node


def _types(graph: Graph) -> Iterator[Flaw]:
    for node in graph.nodes.values():
        if node.kind is None:
            yield Flaw(node.id, "Type", f"Nobody has judged what {node.type} does with data.")


def _properties(graph: Graph) -> Iterator[Flaw]:
    for node in graph.nodes.values():
        for name in sorted(node.properties.keys() - node.kind.properties) if node.kind else ():
            yield Flaw(node.id, name, f"Nobody has judged what {name} of {node.type} does with data.")
        for path, keys in OBJECTS.get(node.type, {}).items():
            for where, given in values(node.properties, path):
                yield from _keys(node, where, given, set(keys.split()))
        given = graph.stack.template["Resources"][node.id]
        # A function of CloudFormation that stands for the properties is an unknown value, and found as that.
        yield from _keys(node, "", given, ATTRIBUTES)


def _keys(node: Node, where: str, given: Any, known: Collection[str]) -> Iterator[Flaw]:
    """What of an object nobody has judged."""
    if not isinstance(given, dict):
        what = f"{where or 'It'} is no object, so nobody can see what {node.type} does with it."
        yield Flaw(node.id, where or "Type", what)
        return
    for name in sorted(given.keys() - known):
        place = f"{where}.{name}" if where else name
        yield Flaw(node.id, place, f"Nobody has judged what {place} of {node.type} does with data.")


def _elements(graph: Graph) -> Iterator[Flaw]:
    for each in graph.statements:
        for name in each.unknown:
            what = f"{name} is no element of a policy, or not what it must be: what the statement allows is not known."
            yield Flaw(each.written, f"{each.where}.{name}", what)


RULES = (
    Rule(
        "unknown-type",
        "a resource type that the check does not know",
        "Judge what it does with data, then describe it in infra/residency/kinds.py, with links and rules.",
        _types,
    ),
    Rule(
        "unknown-property",
        "a property that the check does not know, or a part of one that may name a place",
        "Judge what it does with data, then name it in infra/residency/kinds.py or objects.py, with a link or rule "
        "if it carries it.",
        _properties,
    ),
    Rule(
        "unknown-element",
        "a policy statement with an element that is misspelt, a condition that is text, or an effect that is neither "
        "Allow nor Deny",
        "Write the elements as IAM spells them.",
        _elements,
    ),
)
