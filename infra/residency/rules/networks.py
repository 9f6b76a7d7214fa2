"""What a network lets in and out: connections between its own groups, and S3, whose endpoint leaves one bucket."""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING, Any

from infra.prefix_lists import S3_PREFIX_LISTS
from infra.residency.actions import VERBS, Verb
from infra.residency.confined import beyond, holds
from infra.residency.paths import values
from infra.residency.rule import Flaw, Rule
from infra.residency.stack import ACCOUNT
from infra.residency.statements import Use

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from infra.residency.graph import Graph, Node
    from infra.residency.statements import Statement

_PRIVATE = [
    ipaddress.ip_network(each) for each in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "127.0.0.0/8", "fc00::/7")
]
_HTTPS = 443
_TO = ("CidrIp", "CidrIpv6", "DestinationPrefixListId", "DestinationSecurityGroupId")
_FROM = ("CidrIp", "CidrIpv6", "SourcePrefixListId", "SourceSecurityGroupId", "SourceSecurityGroupName")


def _rules(graph: Graph, way: str, alone: str) -> Iterator[tuple[Node, Node | None, str, Mapping[str, Any]]]:
    """Every rule of a security group: whose it is, where it is written, and what it says."""
    for node in graph.of("security group"):
        for where, rule in values(node.properties, f"{way}[]"):
            yield node, node, where, rule
    for node in graph.of(alone):
        yield node, graph.find(node.properties.get("GroupId"), ("security group",)), "Properties", node.properties


def _open_egress(graph: Graph) -> Iterator[Flaw]:
    for node in graph.of("security group"):
        if not node.properties.get("SecurityGroupEgress"):
            what = "It has no egress rule, which lets everything out."
            yield Flaw(node.id, "SecurityGroupEgress", what, (*_behind(graph, node), "any address"))
    for node, group, where, rule in _rules(graph, "SecurityGroupEgress", "egress rule"):
        ends = [str(rule[key]) for key in _TO if key in rule] or ["any address"]
        lists = {S3_PREFIX_LISTS.get(graph.stack.region)} if rule.get("ToPort") == _HTTPS else set()
        for end in ends:
            if not (_own(graph, end) or _private(end) or end in lists):
                yield Flaw(node.id, where, f"It lets connections out to {end}.", (*_behind(graph, group or node), end))


def incoming(graph: Graph) -> Iterator[tuple[Node, Node | None, str, Mapping[str, Any], str]]:
    """Every way into a security group: where it is written, the group if it is of this stack, the rule, and from where.

    A rule is written in a resource at a path; a rule that says of nobody lets in "any address".
    """
    for node, group, where, rule in _rules(graph, "SecurityGroupIngress", "ingress rule"):
        for end in [str(rule[key]) for key in _FROM if key in rule] or ["any address"]:
            yield node, group, where, rule, end


def _open_ingress(graph: Graph) -> Iterator[Flaw]:
    for node, group, where, _, end in incoming(graph):
        if not _own(graph, end):
            path = (end, (group or node).label)
            yield Flaw(node.id, where, f"It lets connections in from {end}.", path)


def _own(graph: Graph, end: str) -> bool:
    return graph.find(end, ("security group",)) is not None


def _private(end: str) -> bool:
    try:
        network = ipaddress.ip_network(end)
    except ValueError:
        return False
    return any(
        network.subnet_of(each)  # type: ignore[arg-type]
        for each in _PRIVATE
        if each.version == network.version
    )


def members(graph: Graph, group: Node) -> list[str]:
    """The functions and databases that are in a security group, by label."""
    users = {"function": "VpcConfig.SecurityGroupIds[]", "database cluster": "VpcSecurityGroupIds[]"}
    return [
        node.label
        for noun, path in users.items()
        for node in graph.of(noun)
        for _, given in values(node.properties, path)
        if graph.find(given, ("security group",)) == group
    ]


def _behind(graph: Graph, group: Node) -> tuple[str, ...]:
    """What is in a security group, and itself."""
    return (*members(graph, group), group.label)


def _public(graph: Graph) -> Iterator[Flaw]:
    for node in graph.of("subnet"):
        if node.properties.get("MapPublicIpOnLaunch") not in {None, False}:
            path = ("the public internet", "MapPublicIpOnLaunch", node.label)
            yield Flaw(node.id, "MapPublicIpOnLaunch", "What is in it gets public addresses.", path)


def _endpoints(graph: Graph) -> Iterator[Flaw]:
    for node in graph.of("network endpoint"):
        kind, service = node.properties.get("VpcEndpointType"), str(node.properties.get("ServiceName"))
        if (kind, service) != ("Gateway", f"com.amazonaws.{graph.stack.region}.s3"):
            what = f"It leads to {service}, and not to this region's S3 alone."
            yield Flaw(node.id, "ServiceName", what, (node.label, service))
        passing = [each for each in graph.statements if each.use is Use.PASSAGE and each.written == node.id]
        if not passing:
            what = "It has no policy, so it lets through whatever anybody is allowed anywhere."
            yield Flaw(node.id, "PolicyDocument", what, (node.label, "any bucket of anybody"))
        for each in passing:
            yield from _passage(graph, node, each)


def _passage(graph: Graph, node: Node, each: Statement) -> Iterator[Flaw]:
    if not each.allow:
        return
    wide = [action for action in each.actions if VERBS.get(action.lower()) is not Verb.READ]
    if wide or each.negated:
        what = f"It lets more through than reading: {', '.join([*wide, *each.negated])}."
        yield Flaw(node.id, f"{each.where}.Action", what, (node.label, "writing", "any bucket that takes it"))
    for place, resource in enumerate(each.resources):
        if resource == "*" or beyond(graph, resource):
            where = f"{each.where}.Resource[{place}]"
            yield Flaw(node.id, where, f"It lets {resource} be reached.", (node.label, each.label, resource))
    roles = [role for role in graph.of("role") if holds(each.conditions, "aws:PrincipalArn", role.arn)]
    if not roles or not holds(each.conditions, "aws:ResourceAccount", ACCOUNT):
        what = "It serves whoever comes with credentials, and not one role of this stack on this account's buckets."
        yield Flaw(node.id, f"{each.where}.Condition", what, ("credentials of others", node.label, each.label))


RULES = (
    Rule(
        "open-egress",
        "a security group that lets connections out beyond its own groups, private networks and S3's addresses in the "
        "region, or has no egress rule",
        "Let connections out to security groups of this stack only; better, leave the function outside of a network.",
        _open_egress,
    ),
    Rule(
        "open-ingress",
        "a security group that lets connections in from anything but a security group of this stack",
        "Let in security groups of this stack: whoever is to connect joins one of these.",
        _open_ingress,
    ),
    Rule(
        "public-subnet",
        "a subnet that gives out public addresses",
        "Leave MapPublicIpOnLaunch out.",
        _public,
    ),
    Rule(
        "open-endpoint",
        "an endpoint of a network to anything but the region's S3, or whose policy lets through more than one role's "
        "reading of this stack's buckets",
        "Make it a gateway to S3, and name action, bucket, role (aws:PrincipalArn) and account (aws:ResourceAccount).",
        _endpoints,
    ),
)
