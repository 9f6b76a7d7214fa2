"""What the public internet can ask: only a function of this stack, and one that has nothing to answer with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from infra.residency.actions import Verb
from infra.residency.rule import Flaw, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from infra.residency.graph import Graph

_TELLING = {Verb.READ, Verb.RUN}
_ROWLESS = ("secret", "key-value table")  # a receipt is a digest, and a secret is the sender's own
_INTERNET = "the public internet"


def _answers(graph: Graph) -> Iterator[Flaw]:
    for integration in graph.of("integration"):
        function = graph.find(integration.properties.get("IntegrationUri"), ("function",))
        role = graph.find(function.properties.get("Role"), ("role",)) if function else None
        if function is None or role is None:
            continue
        for edge in graph.edges:
            target = graph.nodes.get(edge.target)
            if edge.source != role.id or edge.verb not in _TELLING or (target and target.noun in _ROWLESS):
                continue
            what = f"{function.label} answers the public internet, and may read {graph.label(edge.target)}."
            yield Flaw(role.id, edge.where, what, (graph.label(edge.target), function.label, _INTERNET))


def _passes_on(graph: Graph) -> Iterator[Flaw]:
    for node in graph.of("integration"):
        kind = node.properties.get("IntegrationType")
        if kind != "AWS_PROXY":
            path = (_INTERNET, node.label, str(node.properties.get("IntegrationUri")))
            yield Flaw(node.id, "IntegrationType", f"{kind} hands requests to anything but a function.", path)


RULES = (
    Rule(
        "answering-function",
        "a function behind an API whose role may read, or run, anything but secrets and receipts: its answers leave",
        "Let it write only, and let another function read.",
        _answers,
    ),
    Rule(
        "passing-api",
        "an API that hands requests to anything but a function of this stack",
        "Let its integrations be AWS_PROXY.",
        _passes_on,
    ),
)
