"""What functions are made of, and what they can reach over the network."""

from __future__ import annotations

import ipaddress
import re
from typing import TYPE_CHECKING, Any

from infra.residency.paths import value, values
from infra.residency.rule import Flaw, Rule
from infra.residency.stack import ACCOUNT

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from infra.residency.graph import Graph

_PRIVATE = [ipaddress.ip_network(each) for each in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7")]
_ENDS = ("CidrIp", "CidrIpv6", "DestinationPrefixListId", "DestinationSecurityGroupId")
_CODE = {"function": "Code", "layer": "Content"}


def _foreign_code(graph: Graph) -> Iterator[Flaw]:
    own = re.compile(rf"cdk-[a-z0-9]+-assets-{re.escape(ACCOUNT)}-{re.escape(graph.stack.region)}")
    for node in graph.of(*_CODE):
        source = node.properties.get(_CODE[node.noun]) or {}
        bucket = source.get("S3Bucket")
        if isinstance(bucket, str) and own.fullmatch(bucket) and "ImageUri" not in source:
            continue
        end = str(bucket or source.get("ImageUri") or "its template")
        what = f"Its code comes from {end}, not from what this app uploads to the account and region."
        yield Flaw(node.id, _CODE[node.noun], what, (end, _CODE[node.noun], node.label))


def _open_egress(graph: Graph) -> Iterator[Flaw]:
    for node in graph.of("security group"):
        behind = (*_behind(graph, node.id), node.label)
        if not node.properties.get("SecurityGroupEgress"):
            what = "It has no egress rule, which lets everything out."
            yield Flaw(node.id, "SecurityGroupEgress", what, (*behind, "any address"))
        for where, rule in values(node.properties, "SecurityGroupEgress[]"):
            if end := _public_end(graph, rule):
                yield Flaw(node.id, where, f"It lets connections out to {end}.", (*behind, end))


def _public_end(graph: Graph, rule: Mapping[str, Any]) -> str | None:
    """Where a rule lets connections go that is neither a security group of this stack nor a private network."""
    ends = [str(rule[key]) for key in _ENDS if key in rule]
    own = {name for node in graph.of("security group") for name in (node.ref, f"${{{node.id}.GroupId}}")}
    return next((end for end in ends if end not in own and not _private(end)), None if ends else "any address")


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


def _behind(graph: Graph, group: str) -> tuple[str, ...]:
    """The functions that a security group stands before."""
    return tuple(
        node.label
        for node in graph.of("function")
        for _, given in values(node.properties, "VpcConfig.SecurityGroupIds[]")
        if (found := graph.find(given, ("security group",))) and found.id == group
    )


def _no_group(graph: Graph) -> Iterator[Flaw]:
    for node in graph.of("function"):
        if node.properties.get("VpcConfig") and not value(node.properties, "VpcConfig.SecurityGroupIds[]"):
            what = "It is in a network, and which connections may leave that is not in the template."
            yield Flaw(node.id, "VpcConfig", what, (node.label, "VpcConfig", "any address"))


RULES = (
    Rule(
        "foreign-code",
        "a function or layer whose code is not an asset of this app in this account and region",
        "Let CDK upload the code: Code.from_asset(…).",
        _foreign_code,
    ),
    Rule(
        "open-egress",
        "a security group that lets connections out beyond private networks, or has no egress rule",
        "Let connections out to private networks only; better, leave the function outside of a network.",
        _open_egress,
    ),
    Rule(
        "unknown-network",
        "a function in a network without a security group of this stack",
        "Name a security group of this stack, or leave the function outside of a network.",
        _no_group,
    ),
)
