"""One region's stack as a graph: its resources, and every way from one to another."""

from __future__ import annotations

import json
import re
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from watershed import names

from infra.residency.actions import Verb
from infra.residency.kinds import Kind, Part
from infra.residency.resolve import Unknown
from infra.residency.stack import Stack
from infra.residency.statements import Statement

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

OUTSIDE = "the sources that connectors name, on the public internet"
REPORTS = ("QuickSight source", "QuickSight dataset", "QuickSight analysis", "QuickSight dashboard")
_DATA = {"bucket", "queue", "log group", "topic", "QuickSight dataset", "database cluster"}
# What is no address. By its whole path: an environment variable may be called anything.
_POLICIES = {"AssumeRolePolicyDocument", "KeyPolicy", "PolicyDocument", "Policies"}
# Nor are QuickSight's users and groups, who live in one region for all: rules of reports say who of them is right.
_PEOPLE = re.compile(r"Permissions\[\d+\]\.Principal")
_WORDS = {"AlarmDescription", "DataProtectionPolicy.Description", "Description", "TableInput.Description"}


@dataclass(frozen=True)
class Node:
    """A resource.

    Args:
        id: Its logical id.
        type: Its CloudFormation type.
        kind: What is known of the type; None if nothing is.
        name: Its physical name; `${LogicalId}` where CloudFormation makes one up.
        arn: Its ARN.
        ref: What `Ref` gives.
        properties: With all functions worked out.
        unknown: What of them the template does not tell.
    """

    id: str
    type: str
    kind: Kind | None
    name: str
    arn: str
    ref: str
    properties: Mapping[str, Any]
    unknown: tuple[Unknown, ...] = ()

    @property
    def noun(self) -> str:
        """What people call its type."""
        return self.kind.noun if self.kind else self.type

    @property
    def label(self) -> str:
        """How paths name it."""
        return f"{self.noun} {self.id if self.name.startswith('${') else self.name}"


@dataclass(frozen=True)
class Edge:
    """One way from a resource, or from an AWS service, to a resource.

    Args:
        source: A logical id, or `service …`.
        verb: What the source does to the target.
        target: A logical id, or an ARN that a statement confines itself to.
        where: The statement's or property's place, as `LogicalId: path`.
        confined: What keeps it in the region.
        forth: Whether data goes from source to target.
        back: Whether data goes from target to source.
    """

    source: str
    verb: Verb
    target: str
    where: str
    confined: str
    forth: bool = False
    back: bool = False


@dataclass(frozen=True)
class Graph:
    """A stack's resources, statements and edges; `elsewhere` has the names that several stacks claim, and which do."""

    stack: Stack
    nodes: Mapping[str, Node]
    statements: tuple[Statement, ...]
    edges: tuple[Edge, ...]
    elsewhere: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def of(self, *nouns: str) -> list[Node]:
        """Its resources of some kinds, by logical id."""
        return [node for node in self.nodes.values() if node.noun in nouns]

    def find(self, value: Any, nouns: tuple[str, ...]) -> Node | None:
        """The resource of one of these kinds that a property's value names: by ARN, by reference, by name or by URI."""
        text = value if isinstance(value, str) else json.dumps(value)
        if text.startswith("s3://"):
            text = text.removeprefix("s3://").partition("/")[0]
        for node in self._named.get(text, ()):
            if node.noun in nouns:
                return node
        return None

    def covered(self, resource: str) -> list[str]:
        """The logical ids of the resources that an ARN in a statement names, lies within, or covers by its wildcard."""
        found = list(self._within.get(resource, ()))
        for place in range(len(resource) - 1, 0, -1):
            if resource[place] in "/:":
                found += self._within.get(resource[:place], ())
        stem = resource.partition("*")[0]
        if stem != resource and stem.partition(":table/")[2]:  # a database at least
            found += [each.id for each in self.of("table") if each.arn.startswith(stem)]
        return list(dict.fromkeys(found))

    def protecting(self, node: Node) -> list[Statement]:
        """The statements of the resource policies that speak of a resource."""
        return [each for each in self.statements if each.use == "resource policy" and node.id in each.holders]

    def label(self, end: str) -> str:
        """How a path names the end of an edge."""
        return self.nodes[end].label if end in self.nodes else end

    def at_stake(self, nodes: Iterable[str]) -> list[str]:
        """The labels of what holds data that may come to resources, over any number of edges; the nearest first."""
        seen = dict.fromkeys(nodes)
        waiting = deque(seen)
        while waiting:
            for other in self._comes_from.get(waiting.popleft(), ()):
                if other not in seen:
                    seen[other] = None
                    waiting.append(other)
        return [self.nodes[each].label for each in seen if each in self.nodes and self.nodes[each].noun in _DATA]

    @cached_property
    def strings(self) -> list[tuple[Node, str, str]]:
        """Every text in a property, with its path; without policies, which are statements, and words for people."""
        return [
            (node, where, text)
            for node in self.nodes.values()
            for where, text in _strings(node.properties, "")
            if not (node.noun in REPORTS and _PEOPLE.fullmatch(where))
        ]

    @cached_property
    def _within(self) -> dict[str, list[str]]:
        """By ARN, less a final wildcard; a database also by the ARN that its tables begin with."""
        found: dict[str, list[str]] = {}
        for node in self.nodes.values():
            own = node.arn.removesuffix(":*")
            found.setdefault(own, []).append(node.id)
            if node.noun == "database":
                found.setdefault(own.replace(":database/", ":table/"), []).append(node.id)
            if node.noun == "database cluster":  # whose users' ARNs have its resource's id
                place = own.partition(":cluster:")[0].replace(":rds:", ":rds-db:")
                found.setdefault(f"{place}:dbuser:${{{node.id}.DBClusterResourceId}}", []).append(node.id)
        return found

    @cached_property
    def _named(self) -> dict[str, list[Node]]:
        found: dict[str, list[Node]] = {}
        for node in self.nodes.values():
            for text in {node.arn, node.arn.removesuffix(":*"), node.ref, node.name}:
                found.setdefault(text, []).append(node)
        return found

    @cached_property
    def _comes_from(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for edge in self.edges:
            if edge.forth:
                found.setdefault(edge.target, []).append(edge.source)
            if edge.back:
                found.setdefault(edge.source, []).append(edge.target)
        return found


def goes_outside(graph: Graph) -> list[Node]:
    """The functions that are declared to call the internet, by a tag; nothing else tells it."""
    key, value = names.GOES_OUTSIDE
    return [node for node in graph.of("function") if {"Key": key, "Value": value} in node.properties.get("Tags", [])]


def parts(graph: Graph, part: Part) -> Iterator[Node]:
    """The resources that are one part of the lake, by label."""
    found = [node for node in graph.nodes.values() if node.kind and node.kind.part is part]
    yield from sorted(found, key=lambda node: (node.label, node.id))


def _strings(value: Any, where: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield where, value
    elif isinstance(value, list):
        for place, item in enumerate(value):
            yield from _strings(item, f"{where}[{place}]")
    elif isinstance(value, dict):
        for key, item in value.items():
            here = f"{where}.{key}" if where else key
            if here not in _POLICIES and here not in _WORDS:
                yield from _strings(item, here)
