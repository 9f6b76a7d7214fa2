"""Buckets are private, have no ACLs, and copy nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from infra.residency.paths import value, values
from infra.residency.rule import Flaw, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from infra.residency.graph import Graph

_BLOCKS = ("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets")
# Properties that copy or publish what is in a bucket.
_COPIES = {
    "AccelerateConfiguration": "takes and gives objects at edge locations everywhere",
    "AccessControl": "gives rights by ACL, which no policy shows",
    "AnalyticsConfigurations": "writes reports to another bucket",
    "CorsConfiguration": "lets pages of other sites read it",
    "InventoryConfigurations": "writes lists of its objects to another bucket",
    "MetadataTableConfiguration": "copies what is known of its objects into another store",
    "ReplicationConfiguration": "copies its objects to another bucket",
    "WebsiteConfiguration": "answers as a public web site",
}


def _public(graph: Graph) -> Iterator[Flaw]:
    for node in graph.of("bucket"):
        missing = [
            name for name in _BLOCKS if value(node.properties, f"PublicAccessBlockConfiguration.{name}") is not True
        ]
        if missing:
            path = ("the public internet", "PublicAccessBlockConfiguration", node.label)
            what = f"{', '.join(missing)} {'is' if len(missing) == 1 else 'are'} not set."
            yield Flaw(node.id, "PublicAccessBlockConfiguration", what, path)


def _acls(graph: Graph) -> Iterator[Flaw]:
    for node in graph.of("bucket"):
        owners = {owner for _, owner in values(node.properties, "OwnershipControls.Rules[].ObjectOwnership")}
        if owners != {"BucketOwnerEnforced"}:
            path = ("whoever an object's ACL names", "OwnershipControls", node.label)
            yield Flaw(node.id, "OwnershipControls", "Its objects may have ACLs, and owners in other accounts.", path)


def _copies(graph: Graph) -> Iterator[Flaw]:
    for node in graph.of("bucket"):
        for name in sorted(node.properties.keys() & _COPIES.keys()):
            end = value(node.properties, f"{name}.Rules[].Destination.Bucket") or "outside the bucket"
            yield Flaw(node.id, name, f"{name} {_COPIES[name]}.", (node.label, name, str(end)))


RULES = (
    Rule(
        "public-bucket",
        "a bucket that does not block all public access",
        "Set block_public_access=BlockPublicAccess.BLOCK_ALL.",
        _public,
    ),
    Rule(
        "bucket-acls",
        "a bucket whose objects may have ACLs",
        "Set object_ownership=ObjectOwnership.BUCKET_OWNER_ENFORCED.",
        _acls,
    ),
    Rule(
        "bucket-copies",
        f"replication and whatever else copies or publishes a bucket: {', '.join(sorted(_COPIES))}",
        "Remove the property: what a bucket holds stays in it.",
        _copies,
    ),
)
