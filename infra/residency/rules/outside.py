"""What goes outside on purpose: one function asks sources for rows, so it must have none to tell.

Any function of Lambda's can open connections; this one is made to. The tag by which it says so is the declaration, and
this is its price.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from watershed import names
from watershed.names import Layer

from infra.residency.actions import VERBS, Verb
from infra.residency.graph import OUTSIDE, goes_outside
from infra.residency.paths import value
from infra.residency.rule import Flaw, Rule
from infra.residency.statements import Use

if TYPE_CHECKING:
    from collections.abc import Iterator

    from infra.residency.graph import Graph, Node

_TELLING = {Verb.READ, Verb.RUN}


def _telling(graph: Graph) -> Iterator[Flaw]:
    for function in goes_outside(graph):
        role = graph.find(function.properties.get("Role"), ("role",))
        for each in graph.statements:
            if role is None or each.use is not Use.GRANT or not each.allow or role.id not in each.holders:
                continue
            reading = [action for action in each.actions if VERBS.get(action.lower()) in _TELLING]
            for place, resource in enumerate(each.resources):
                if reading and not _rowless(graph, function, resource, reading):
                    what = f"{function.label} goes outside, and may {reading[0]} on {resource}, which may tell it rows."
                    path = (resource, role.label, function.label, OUTSIDE)
                    yield Flaw(each.written, f"{each.where}.Resource[{place}]", what, path)


def _rowless(graph: Graph, function: Node, resource: str, actions: list[str]) -> bool:
    """Whether a resource holds no rows: a secret, the function's own queue, or its notes in the ledger's bucket."""
    covered = [graph.nodes[end] for end in graph.covered(resource)]
    return bool(covered) and all(
        node.noun == "secret" or _feeds(graph, node, function) or _notes(node, resource, actions) for node in covered
    )


def _feeds(graph: Graph, queue: Node, function: Node) -> bool:
    return queue.noun == "queue" and any(
        graph.find(value(each.properties, "EventSourceArn"), ("queue",)) == queue
        and graph.find(value(each.properties, "FunctionName"), ("function",)) == function
        for each in graph.of("event source mapping")
    )


def _notes(bucket: Node, resource: str, actions: list[str]) -> bool:
    """How far streams were read, or which notes there are; an object's name tells no row."""
    if bucket.noun != "bucket" or not bucket.name.startswith(f"{names.PREFIX}-{Layer.LEDGER}-"):
        return False
    return resource.startswith(f"{bucket.arn}/{names.POLLS_PREFIX}") or actions == ["s3:ListBucket"]


RULES = (
    Rule(
        "row-telling-function",
        "a function that is declared to go outside whose role may read, or run, anything but secrets, its own queue "
        "and its notes: it could tell rows",
        "Let it read nothing that holds rows, and another function do what needs them.",
        _telling,
    ),
)
