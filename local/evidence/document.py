"""What the evidence says of a region, as data: worked out from its stack's graph, sorted, without a time of its own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from infra.residency.actions import Verb
from infra.residency.check import findings
from infra.residency.graph import parts
from infra.residency.kinds import Part
from infra.residency.rules import FAMILIES
from infra.residency.statements import Use
from local.evidence.commit import Commit
from local.evidence.database import Database, databases
from local.evidence.holds import Holds

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from watershed.connectors.model import Connector

    from infra.config import RegionConfig
    from infra.residency.graph import Edge, Graph, Node
    from infra.residency.statements import Statement

_STORES = (Part.STORE, Part.CHANNEL, Part.LOG, Part.CATALOG)
_OTHERWISE = {
    "key-value table": "AWS's own key: it holds digests and times, and nothing of a row",
    "QuickSight dataset": "QuickSight's own, where it keeps a copy; otherwise it keeps none",
}
_READS = {Verb.READ}
_WRITES = {Verb.WRITE, Verb.SEND, Verb.DELIVER, Verb.LOG}


@dataclass(frozen=True)
class Store:
    """Whatever holds or describes data."""

    kind: str
    name: str
    key: str  # what encrypts it; empty for what is only a description
    read_by: tuple[str, ...]
    written_by: tuple[str, ...]
    denied: tuple[str, ...]  # what its policy refuses to everybody
    data_of: tuple[str, ...]  # other stores whose data may come here, over any number of steps


@dataclass(frozen=True)
class Key:
    """An encryption key."""

    name: str
    single_region: bool
    rotated: bool
    encrypts: tuple[str, ...]
    allowed: tuple[str, ...]  # its policy's statements


@dataclass(frozen=True)
class Permission:
    """A statement of a role."""

    statement: str
    actions: tuple[str, ...]
    on: tuple[str, ...]
    confined_by: tuple[str, ...]


@dataclass(frozen=True)
class Principal:
    """A role."""

    name: str
    taken_by: tuple[str, ...]
    may: tuple[Permission, ...]


@dataclass(frozen=True, order=True)
class Path:
    """One step that data, a message, a log or a right can take."""

    start: str
    does: str
    end: str
    statement: str
    confined_by: str


@dataclass(frozen=True)
class Asked:
    """A source outside that is asked for rows, by its connector."""

    source: str
    hosts: tuple[str, ...]  # all that asking it may reach
    datasets: tuple[str, ...]
    every_minutes: int
    paused: bool


@dataclass(frozen=True)
class Checked:
    """One rule of the check, and what it found."""

    family: str
    rule: str
    refuses: str
    found: tuple[str, ...]


@dataclass(frozen=True)
class Evidence:
    """All that is said of a region."""

    region: str
    name: str
    jurisdiction: tuple[str, ...]
    stack: str
    commit: Commit
    resources: int
    checked: tuple[Checked, ...]
    stores: tuple[Store, ...]
    keys: tuple[Key, ...]
    principals: tuple[Principal, ...]
    databases: tuple[Database, ...]
    paths: tuple[Path, ...]
    asked: tuple[Asked, ...]
    holds: Holds

    @property
    def found(self) -> int:
        """How many ways out the check found."""
        return sum(len(rule.found) for rule in self.checked)

    @property
    def held(self) -> int:
        """How many rows were held back."""
        return sum(day.rows for day in self.holds.days)


def evidence(
    config: RegionConfig, graph: Graph, commit: Commit, holds: Holds, connectors: Iterable[Connector] = ()
) -> Evidence:
    """Put together what is known of a region."""
    return Evidence(
        region=config.region,
        name=config.name,
        jurisdiction=tuple(sorted(config.jurisdiction)),
        stack=graph.stack.name,
        commit=commit,
        resources=len(graph.nodes),
        checked=tuple(_checked(graph)),
        stores=tuple(_store(graph, node) for part in _STORES for node in parts(graph, part)),
        keys=tuple(_key(graph, node) for node in parts(graph, Part.KEY)),
        principals=tuple(_principal(graph, node) for node in parts(graph, Part.PRINCIPAL)),
        databases=tuple(databases(graph)),
        paths=tuple(sorted(_path(graph, edge) for edge in graph.edges)),
        asked=tuple(_asked(config.region, connectors)),
        holds=holds,
    )


def _asked(region: str, connectors: Iterable[Connector]) -> Iterator[Asked]:
    for each in sorted(connectors, key=lambda each: each.name):
        if each.region == region and each.pull:
            yield Asked(each.name, each.pull.hosts, each.pull.datasets, each.pull.every, each.pull.paused)


def _checked(graph: Graph) -> Iterator[Checked]:
    found = findings([graph])
    for family, rules in FAMILIES.items():
        for rule in rules:
            said = tuple(f"{each} {each.remedy}" for each in found if each.rule == rule.id)
            yield Checked(family, rule.id, rule.refuses, said)


def _store(graph: Graph, node: Node) -> Store:
    return Store(
        kind=node.noun,
        name=node.name,
        key=", ".join(_ends(graph, (e for e in graph.edges if e.source == node.id and e.verb is Verb.KEY), "target"))
        or _OTHERWISE.get(node.noun, ""),
        read_by=_ends(graph, (e for e in graph.edges if e.target == node.id and e.verb in _READS), "source"),
        written_by=_ends(graph, (e for e in graph.edges if e.target == node.id and e.verb in _WRITES), "source"),
        denied=tuple(sorted({_said(each) for each in graph.protecting(node) if not each.allow})),
        data_of=tuple(sorted(set(graph.at_stake([node.id])) - {node.label})),
    )


def _key(graph: Graph, node: Node) -> Key:
    aliases = [
        each.name for each in graph.of("key alias") if graph.find(each.properties["TargetKeyId"], ("key",)) == node
    ]
    users = (e for e in graph.edges if e.target == node.id and e.verb is Verb.KEY and _holds_data(graph, e.source))
    return Key(
        name=", ".join(sorted(aliases)) or node.id,
        single_region=node.properties.get("MultiRegion") in {None, False},
        rotated=node.properties.get("EnableKeyRotation") is True,
        encrypts=_ends(graph, users, "source"),
        allowed=tuple(f"{_who(each)}: {_said(each)}" for each in graph.protecting(node) if each.allow),
    )


def _holds_data(graph: Graph, end: str) -> bool:
    kind = graph.nodes[end].kind if end in graph.nodes else None
    return kind is not None and kind.part in _STORES


def _principal(graph: Graph, node: Node) -> Principal:
    taken = (e for e in graph.edges if e.target == node.id and e.verb is Verb.ACT_AS)
    held = (each for each in graph.statements if each.use is Use.GRANT and each.allow and node.id in each.holders)
    may = (
        Permission(
            statement=each.sid or each.where,
            actions=tuple(sorted(each.actions)),
            on=tuple(dict.fromkeys(_named(graph, resource) for resource in each.resources)),
            confined_by=tuple(sorted(str(condition) for condition in each.conditions)),
        )
        for each in held
    )
    return Principal(node.name, _ends(graph, taken, "source"), tuple(sorted(may, key=lambda each: each.statement)))


def _named(graph: Graph, resource: str) -> str:
    """A resource's label, and below it the part that a statement names."""
    for covered in graph.covered(resource):
        own = graph.nodes[covered].arn.removesuffix(":*")
        if resource.startswith(own):
            return f"{graph.nodes[covered].label}{resource.removeprefix(own)}"
    return resource


def _path(graph: Graph, edge: Edge) -> Path:
    return Path(graph.label(edge.source), edge.verb, graph.label(edge.target), edge.where, edge.confined)


def _ends(graph: Graph, edges: Iterable[Edge], end: str) -> tuple[str, ...]:
    return tuple(sorted({graph.label(getattr(edge, end)) for edge in edges}))


def _who(each: Statement) -> str:
    return ", ".join(value for _, value in each.principals)


def _said(each: Statement) -> str:
    """A statement in a line."""
    condition = f" if {' and '.join(map(str, each.conditions))}" if each.conditions else ""
    return f"{', '.join(each.actions) or ', '.join(each.negated)}{condition}"
