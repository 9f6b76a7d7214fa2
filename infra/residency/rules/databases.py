"""Databases are in a network of this stack, have no copies, speak TLS only, and let one user of a role sign in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from watershed import names

from infra.residency.actions import BY_ARN_ALONE
from infra.residency.paths import value
from infra.residency.rule import Flaw, Rule
from infra.residency.statements import Use

if TYPE_CHECKING:
    from collections.abc import Iterator

    from infra.residency.graph import Graph

# Properties by which rows come from elsewhere, or go there.
_COPIES = {
    "AssociatedRoles": "lets SQL write to, and read from, whatever buckets and functions the roles may use",
    "DBSnapshotIdentifier": "fills it with what somebody's snapshot holds",
    "DBClusterSnapshotIdentifier": "fills it with what somebody's snapshot holds",
    "GlobalClusterIdentifier": "replicates its rows between regions",
    "ReplicationSourceIdentifier": "makes it a replica of another database",
    "RestoreToTime": "fills it with what another database held",
    "SnapshotIdentifier": "fills it with what somebody's snapshot holds",
    "SourceDBClusterIdentifier": "fills it with what another database holds",
    "SourceDBInstanceIdentifier": "makes it a replica of another database",
    "SourceDbClusterResourceId": "fills it with what another database holds",
    "SourceDbiResourceId": "makes it a replica of another database",
    "SourceRegion": "takes its rows from another region",
}


def _public(graph: Graph) -> Iterator[Flaw]:
    for node in graph.of("database instance"):
        if node.properties.get("PubliclyAccessible") is not False:
            path = ("the public internet", "PubliclyAccessible", node.label)
            yield Flaw(node.id, "PubliclyAccessible", "It may get a public address.", path)


def _placed(graph: Graph) -> Iterator[Flaw]:
    for node in graph.of("database cluster"):
        for name in ("DBSubnetGroupName", "VpcSecurityGroupIds"):
            if not node.properties.get(name):
                what = "It is in the account's default network, or in its default group."
                yield Flaw(node.id, name, what, ("whatever is in the default network", node.label))
    for node in graph.of("database instance"):
        if not node.properties.get("DBClusterIdentifier"):
            what = "It stands alone: nothing says how it is encrypted and who reaches it."
            yield Flaw(node.id, "DBClusterIdentifier", what, ("whatever reaches it", node.label))


def _copies(graph: Graph) -> Iterator[Flaw]:
    for node in graph.of("database cluster", "database instance"):
        for name in sorted(node.properties.keys() & _COPIES.keys()):
            end = str(node.properties[name])
            yield Flaw(node.id, name, f"{name} {_COPIES[name]}.", (node.label, name, end))


def _plain(graph: Graph) -> Iterator[Flaw]:
    for node in graph.of("database cluster"):
        found = graph.find(node.properties.get("DBClusterParameterGroupName"), ("database parameters",))
        if found is None or value(found.properties, "Parameters.rds~force_ssl") != "1":
            where = "DBClusterParameterGroupName"
            yield Flaw(node.id, where, "It takes connections without TLS.", ("any client", "plain SQL", node.label))
        if value(node.properties, "MasterUserSecret.KmsKeyId") is None:
            what = "Its owner's password is not kept under a key of this stack."
            yield Flaw(node.id, "MasterUserSecret", what, ("AWS's own key, or the template", node.label))


def _users(graph: Graph) -> Iterator[Flaw]:
    own = {
        f"{node.arn.partition(':cluster:')[0].replace(':rds:', ':rds-db:')}:dbuser:"
        f"${{{node.id}.DBClusterResourceId}}/{names.DATABASE_PUBLISHER}"
        for node in graph.of("database cluster")
    }
    for each in graph.statements:
        if each.use is not Use.GRANT or not each.allow or not BY_ARN_ALONE & {one.lower() for one in each.actions}:
            continue
        for place, resource in enumerate(each.resources):
            if resource not in own:
                what = f"It lets {resource} sign in, and not only {names.DATABASE_PUBLISHER} of this stack's database."
                holders = ", ".join(graph.nodes[holder].label for holder in each.holders)
                yield Flaw(each.written, f"{each.where}.Resource[{place}]", what, (holders, each.label, resource))


RULES = (
    Rule("public-database", "a database that may get a public address", "Set publicly_accessible=False.", _public),
    Rule(
        "unplaced-database",
        "a database outside of this stack's subnets and security groups",
        "Name the stack's own; let instances belong to its cluster.",
        _placed,
    ),
    Rule(
        "database-copies",
        f"whatever fills a database from elsewhere, or copies it there: {', '.join(sorted(_COPIES))}",
        "Remove the property: the database is loaded from gold, and what it holds stays in it.",
        _copies,
    ),
    Rule(
        "plain-database",
        "a database that takes connections without TLS, or whose owner's password is not under the region's key",
        "Set rds.force_ssl to 1 in its parameters, and the key of its owner's secret.",
        _plain,
    ),
    Rule(
        "database-user",
        "a role that may sign in to a database as anybody but the publisher",
        "Name the cluster and the user, without a wildcard.",
        _users,
    ),
)
