"""Builds the graphs of an app's stacks from their templates."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from infra.residency import statements
from infra.residency.actions import BY_ARN_ALONE, VERBS, Verb
from infra.residency.graph import OUTSIDE, Edge, Graph, Node, goes_outside
from infra.residency.kinds import KINDS
from infra.residency.links import BETWEEN, KEYED, LINKS
from infra.residency.machines import INTEGRATIONS, calls
from infra.residency.paths import value, values
from infra.residency.resolve import Resolver
from infra.residency.statements import Statement, Use

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from infra.residency.stack import Stack

# Where a resource policy is written, and the property that says what it protects.
_RESOURCE_POLICIES = {
    "bucket policy": ("PolicyDocument", "Bucket"),
    "queue policy": ("PolicyDocument", "Queues"),
    "topic policy": ("PolicyDocument", "Topics"),
    "key": ("KeyPolicy", ""),
}
_ARN = "the ARN, which names region, account, cluster and user"
_GLOBAL = ("bucket", "role", "managed policy")  # whose names are not a region's own
_BACK = {Verb.READ, Verb.ACT_AS, Verb.RUN, Verb.CONNECT}  # a role's data is its user's, and a call has an answer
_FORTH = {Verb.WRITE, Verb.SEND, Verb.RUN, Verb.LOG, Verb.DELIVER, Verb.ACT_AS, Verb.ASK, Verb.CONNECT}


def graphs(stacks: Sequence[Stack]) -> list[Graph]:
    """One graph a stack."""
    found = [_graph(stack) for stack in stacks]
    claims: dict[str, list[str]] = {}
    for graph in found:
        for node in graph.of(*_GLOBAL):
            claims.setdefault(node.name, []).append(graph.stack.name)
    shared = {name: tuple(owners) for name, owners in claims.items() if len(owners) > 1}
    return [replace(graph, elsewhere=shared) for graph in found]


def _graph(stack: Stack) -> Graph:
    resolver = Resolver(stack)
    resources = stack.template.get("Resources", {})
    nodes = {logical: _node(resolver, logical, resource) for logical, resource in resources.items()}
    bare = Graph(stack, nodes, (), ())
    found = tuple(_statements(bare))
    edges = [*_granted(bare, found), *_used(bare, found), *_linked(bare), *_called(bare), *_outside(bare)]
    return replace(bare, statements=found, edges=tuple(dict.fromkeys(edges)))


def _node(resolver: Resolver, logical: str, resource: Mapping[str, Any]) -> Node:
    before = len(resolver.unknown)
    if not isinstance(resource, dict):  # Fn::ForEach
        resource = {}
    properties = resolver.value(resource.get("Properties") or {}, "")
    unknown = tuple(resolver.unknown[before:])
    kind = resource.get("Type", "")
    return Node(
        id=logical,
        type=kind,
        kind=KINDS.get(kind),
        name=resolver.name(logical),
        arn=resolver.arn(logical),
        ref=resolver.reference(logical),
        properties=properties if isinstance(properties, dict) else {},
        unknown=unknown,
    )


def _statements(graph: Graph) -> Iterator[Statement]:
    for node in graph.nodes.values():
        if node.noun in _RESOURCE_POLICIES:
            document, protected = _RESOURCE_POLICIES[node.noun]
            holders = _named(graph, statements.as_list(node.properties.get(protected, []))) if protected else (node.id,)
            yield from _read(node, document, Use.RESOURCE, holders)
        elif node.noun == "role":
            yield from _read(node, "AssumeRolePolicyDocument", Use.TRUST, (node.id,))
            for where, document in values(node.properties, "Policies[].PolicyDocument"):
                yield from statements.read(document, written=node.id, where=where, use=Use.GRANT, holders=(node.id,))
        elif node.noun in {"policy", "managed policy"}:
            holders = (*_named(graph, node.properties.get("Roles", [])), *_attached(graph, node))
            granting = bool(holders) or node.noun == "policy"
            yield from _read(node, "PolicyDocument", Use.GRANT if granting else Use.BOUNDARY, holders)
        elif node.noun == "network endpoint":
            yield from _read(node, "PolicyDocument", Use.PASSAGE, (node.id,))
        elif node.noun == "function permission":
            yield _permission(graph, node)


def _read(node: Node, document: str, use: Use, holders: tuple[str, ...]) -> Iterator[Statement]:
    return statements.read(node.properties.get(document), written=node.id, where=document, use=use, holders=holders)


def _named(graph: Graph, names: Iterable[Any]) -> tuple[str, ...]:
    found = (graph.find(name, ("role", "bucket", "queue", "topic")) for name in names)
    return tuple(node.id for node in found if node)


def _attached(graph: Graph, policy: Node) -> tuple[str, ...]:
    """The roles that list a managed policy."""
    return tuple(role.id for role in graph.of("role") if policy.arn in role.properties.get("ManagedPolicyArns", []))


def _permission(graph: Graph, node: Node) -> Statement:
    """Lambda's permissions are statements that CloudFormation spells differently."""
    given = node.properties
    principal = str(given.get("Principal", ""))
    service = principal.endswith((".amazonaws.com", ".amazonaws.com.cn"))
    conditions: dict[str, dict[str, Any]] = {}
    if "SourceAccount" in given:
        conditions.setdefault("StringEquals", {})["aws:SourceAccount"] = given["SourceAccount"]
    if "SourceArn" in given:
        conditions.setdefault("ArnLike", {})["aws:SourceArn"] = given["SourceArn"]
    function = graph.find(given.get("FunctionName"), ("function",))
    (made,) = statements.read(
        {
            "Statement": {
                "Effect": "Allow",
                "Principal": {"Service" if service else "AWS": principal},
                "Action": given.get("Action", []),
                "Condition": conditions,
            }
        },
        written=node.id,
        where="Properties",
        use=Use.RESOURCE,
        holders=(function.id,) if function else (),
    )
    return made


def _granted(graph: Graph, found: Iterable[Statement]) -> Iterator[Edge]:
    """What roles may do."""
    for each in found:
        if each.use is not Use.GRANT or not each.allow:
            continue
        alone = {action.lower() for action in each.actions} <= BY_ARN_ALONE
        confined = "; ".join(str(condition) for condition in each.conditions) or (_ARN if alone else "nothing")
        verbs = sorted({VERBS[action.lower()] for action in each.actions if action.lower() in VERBS})
        targets = dict.fromkeys(end for resource in each.resources for end in graph.covered(resource) or [resource])
        for holder in each.holders:
            for verb in verbs:
                for target in targets:
                    yield _edge(holder, verb, target, f"{each.written}: {each.where} {each.sid}".strip(), confined)


def _used(graph: Graph, found: Iterable[Statement]) -> Iterator[Edge]:
    """What AWS services may do by resource policies, and which roles they take."""
    verbs = {"key": Verb.KEY, "bucket": Verb.WRITE, "queue": Verb.SEND, "topic": Verb.SEND, "function": Verb.RUN}
    for each in found:
        if each.use not in {Use.RESOURCE, Use.TRUST} or not each.allow:
            continue
        confined = "; ".join(str(condition) for condition in each.conditions)
        confined = confined or ("the account's own service" if each.use is Use.TRUST else "the account itself")
        for kind, principal in each.principals:
            source = f"service {principal}" if kind == "Service" else f"principal {principal}"
            for holder in each.holders:
                verb = verbs[graph.nodes[holder].noun] if each.use is Use.RESOURCE else Verb.ACT_AS
                where = f"{each.written}: {each.where} {each.sid}".strip()
                # A service carries nothing by itself: what it is to carry, properties say.
                yield _edge(source, verb, holder, where, confined, flows=False)


def _linked(graph: Graph) -> Iterator[Edge]:
    """What properties join."""
    own = "names a resource of this stack"
    for node in graph.nodes.values():
        for link in LINKS.get(node.type, ()):
            for where, given in values(node.properties, link.path):
                target = graph.find(given, link.to)
                if link.verb and target:
                    yield _edge(node.id, link.verb, target.id, f"{node.id}: {where}", own, flows=link.towards)
        for where, given in values(node.properties, KEYED.get(node.type, "-")):
            if key := graph.find(given, ("key",)):
                yield _edge(node.id, Verb.KEY, key.id, f"{node.id}: {where}", own)
        if node.type in BETWEEN:
            first, second = (graph.find(value(node.properties, path), to) for path, to in BETWEEN[node.type])
            if first and second:
                yield _edge(first.id, Verb.DELIVER, second.id, f"{node.id}: {BETWEEN[node.type][1][0]}", own)


def _called(graph: Graph) -> Iterator[Edge]:
    """What state machines call."""
    for node in graph.of("state machine"):
        for call in calls(node.properties) or ():
            known = INTEGRATIONS.get(call.service)
            target = graph.find(call.target, known.to) if known else None
            if known and target:
                where = f"{node.id}: DefinitionString {call.where}"
                yield _edge(node.id, known.verb, target.id, where, "names a resource of this stack")


def _outside(graph: Graph) -> Iterator[Edge]:
    """What is declared to go outside."""
    for node in goes_outside(graph):
        yield _edge(node.id, Verb.ASK, OUTSIDE, f"{node.id}: Tags", "its role reads no rows: rule row-telling-function")


def _edge(source: str, verb: Verb, target: str, where: str, confined: str, *, flows: bool = True) -> Edge:
    return Edge(source, verb, target, where, confined, forth=flows and verb in _FORTH, back=flows and verb in _BACK)
