"""Who may connect to a region's SQL database, and as whom: all of it from the stack's graph, nothing from its code.

It says more rather than less: what a wildcard or a value that the template leaves open may cover, counts as covered.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

from infra.residency.paths import value
from infra.residency.rules.networks import incoming, members
from infra.residency.stack import ACCOUNT
from infra.residency.statements import Use

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from infra.residency.graph import Graph, Node
    from infra.residency.statements import Statement

_NOT_SAID = "not said"
_OPEN = re.compile(r"\$\{\?|[*?]")  # where a value that the template leaves open, or a wildcard, begins
_NOT_TCP = {"udp", "icmp", "icmpv6", "17", "1", "58"}
_CONNECT, _READ_SECRET, _DATA_API = "rds-db:connect", "secretsmanager:GetSecretValue", "rds-data:ExecuteStatement"


@dataclass(frozen=True, order=True)
class WayIn:
    """A rule of a security group that lets connections come to the database's port."""

    source: str  # a security group, a range of addresses or a prefix list
    joined_by: tuple[str, ...]  # what of the stack is in that group
    ports: str
    rule: str  # where it is written, as `LogicalId: path`


@dataclass(frozen=True, order=True)
class Right:
    """A statement by which a role may sign in, run SQL or read the owner's password."""

    role: str
    on: str  # the ARN as the statement has it
    user: str  # the database's, where the ARN names one
    statement: str
    confined_by: tuple[str, ...]


@dataclass(frozen=True)
class Instance:
    """What runs the database."""

    name: str
    public: str  # whether it may get a public address
    authority: str  # which signs its certificate


@dataclass(frozen=True)
class Database:
    """A database cluster and who may come to it."""

    name: str
    port: str
    encrypted: bool
    key: str  # what encrypts what it holds
    tls: str  # whether it takes connections without
    instances: tuple[Instance, ...]
    groups: tuple[str, ...]  # the security groups that it is in
    ways_in: tuple[WayIn, ...]
    iam: bool  # whether IAM's tokens are taken for passwords
    signs_in: tuple[Right, ...]
    owner: str
    secret: str  # how the owner's password is kept
    secret_read_by: tuple[Right, ...]
    data_api: bool  # whether SQL can be run over AWS's API, without a connection
    data_api_by: tuple[Right, ...]


def databases(graph: Graph) -> Iterator[Database]:
    """The stack's database clusters, by logical id."""
    for node in graph.of("database cluster"):
        given = node.properties
        secret = f"arn:{graph.stack.partition}:secretsmanager:{graph.stack.region}:{ACCOUNT}:secret:rds!cluster-"
        yield Database(
            name=node.name,
            port=str(given.get("Port", _NOT_SAID)),
            encrypted=given.get("StorageEncrypted") is True,
            key=_label(graph, given.get("KmsKeyId"), "key"),
            tls=_tls(graph, node),
            instances=tuple(_instances(graph, node)),
            groups=tuple(_label(graph, each, "security group") for each in _groups(node)),
            ways_in=tuple(sorted(_ways_in(graph, node))),
            iam=given.get("EnableIAMDatabaseAuthentication") is True,
            signs_in=tuple(sorted(_rights(graph, _CONNECT))),
            owner=str(given.get("MasterUsername", _NOT_SAID)),
            secret=_secret(graph, node),
            secret_read_by=tuple(
                right for right in sorted(_rights(graph, _READ_SECRET)) if _may_cover(right.on, secret)
            ),
            data_api=given.get("EnableHttpEndpoint") is True,
            data_api_by=tuple(sorted(_rights(graph, _DATA_API))),
        )


def _groups(node: Node) -> list[Any]:
    found: list[Any] = node.properties.get("VpcSecurityGroupIds") or []
    return found


def _label(graph: Graph, given: Any, noun: str) -> str:
    """What a property names, as paths name it; what is not of this stack as it stands."""
    if given is None:
        return _NOT_SAID
    found = graph.find(given, (noun,))
    return found.label if found else f"{given}, not of this stack"


def _tls(graph: Graph, node: Node) -> str:
    found = graph.find(node.properties.get("DBClusterParameterGroupName"), ("database parameters",))
    forced = value(found.properties, "Parameters.rds~force_ssl") if found else None
    if forced is None:
        return "not said: no rds.force_ssl in parameters of this stack"
    return "demanded: rds.force_ssl is 1" if forced == "1" else f"not demanded: rds.force_ssl is {forced}"


def _instances(graph: Graph, node: Node) -> Iterator[Instance]:
    for each in graph.of("database instance"):
        if graph.find(each.properties.get("DBClusterIdentifier"), ("database cluster",)) == node:
            public = {True: "yes", False: "no"}.get(each.properties.get("PubliclyAccessible", _NOT_SAID), _NOT_SAID)
            authority = each.properties.get("CACertificateIdentifier", "RDS's default: the template names none")
            yield Instance(each.name, public, str(authority))


def _ways_in(graph: Graph, node: Node) -> Iterator[WayIn]:
    given = _groups(node)
    own = [graph.find(each, ("security group",)) for each in given]
    for written, group, where, rule, end in incoming(graph):
        if (group in own if group else rule.get("GroupId") in given) and _reaches(rule, node.properties.get("Port")):
            source = graph.find(end, ("security group",))
            ports = "all" if str(rule.get("IpProtocol")) == "-1" else _ports(rule)
            yield WayIn(
                source=source.label if source else end,
                joined_by=tuple(members(graph, source)) if source else (),
                ports=ports,
                rule=f"{written.id}: {where}",
            )


def _reaches(rule: Mapping[str, Any], port: Any) -> bool:
    protocol = str(rule.get("IpProtocol"))
    if protocol in _NOT_TCP:
        return False
    try:
        return protocol == "-1" or int(rule["FromPort"]) <= int(port) <= int(rule["ToPort"])
    except (KeyError, TypeError, ValueError):
        return True


def _ports(rule: Mapping[str, Any]) -> str:
    first, last = (str(rule.get(key, _NOT_SAID)) for key in ("FromPort", "ToPort"))
    return first if first == last else f"{first} to {last}"


def _rights(graph: Graph, action: str) -> Iterator[Right]:
    """Every statement of a role that allows an action, a resource at a time."""
    for each in graph.statements:
        if each.use is not Use.GRANT or not each.allow or not _allows(each, action):
            continue
        for holder in each.holders:
            for on in each.resources or ("everything but a list",):
                yield Right(
                    role=graph.nodes[holder].label,
                    on=on,
                    user=on.rpartition("/")[2] if ":dbuser:" in on else "any" if action == _CONNECT else "",
                    statement=each.sid or each.where,
                    confined_by=tuple(sorted(str(condition) for condition in each.conditions)),
                )


def _allows(each: Statement, action: str) -> bool:
    if "NotAction" in each.negated:
        return True
    return any(fnmatchcase(action.lower(), pattern.lower()) for pattern in each.actions)


def _may_cover(resource: str, beginning: str) -> bool:
    """Whether a statement's resource may be what has an ARN that begins so. What is no ARN, such as `*`, may be."""
    stem = _OPEN.split(resource)[0]
    return (
        not resource.startswith("arn:")
        or stem.startswith(beginning)
        or (stem != resource and beginning.startswith(stem))
    )


def _secret(graph: Graph, node: Node) -> str:
    if node.properties.get("ManageMasterUserPassword") is not True:
        return "not by RDS"
    key = value(node.properties, "MasterUserSecret.KmsKeyId")
    return f"a secret of RDS, encrypted with {_label(graph, key, 'key') if key else 'the key of AWS'}"
