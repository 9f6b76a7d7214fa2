"""Everything that holds data is encrypted with the stack's own key."""

from __future__ import annotations

from typing import TYPE_CHECKING

from infra.residency.links import KEYED
from infra.residency.paths import value, values
from infra.residency.rule import Flaw, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from infra.residency.graph import Graph

# Beside the key, what says that the key is used: (property, value).
_BY: dict[str, tuple[str, set[str | bool]]] = {
    "AWS::S3::Bucket": (
        "BucketEncryption.ServerSideEncryptionConfiguration[].*.SSEAlgorithm",
        {"aws:kms", "aws:kms:dsse"},
    ),
    "AWS::Athena::WorkGroup": (
        "WorkGroupConfiguration.ResultConfiguration.EncryptionConfiguration.EncryptionOption",
        {"SSE_KMS", "CSE_KMS"},
    ),
    "AWS::RDS::DBCluster": ("StorageEncrypted", {True}),
}


def _unencrypted(graph: Graph) -> Iterator[Flaw]:
    for node in graph.nodes.values():
        if node.type not in KEYED:
            continue
        path, ciphers = _BY.get(node.type, ("", set()))
        used = {cipher for _, cipher in values(node.properties, path)} if path else set()
        if (path and (not used or used - ciphers)) or value(node.properties, KEYED[node.type]) is None:
            way = (node.label, "AWS's own key, or none", "whoever reads the store")
            yield Flaw(node.id, KEYED[node.type], f"The {node.noun} is not encrypted with a key of this stack.", way)


def _wrongly_keyed(graph: Graph) -> Iterator[Flaw]:
    for node in graph.nodes.values():
        for where, given in values(node.properties, KEYED.get(node.type, "-")):
            if not graph.find(given, ("key",)):
                what = f"The {node.noun} is encrypted with {given}, which is not a key of this stack."
                yield Flaw(node.id, where, what, (node.label, where, str(given)))


RULES = (
    Rule(
        "unencrypted",
        "a bucket, queue, topic, log group, workgroup, secret or database without a customer-managed key",
        "Encrypt it with the region's key.",
        _unencrypted,
    ),
    Rule(
        "wrong-key",
        "a key that is not this stack's: AWS's own, another region's or another account's",
        "Encrypt it with the region's key.",
        _wrongly_keyed,
    ),
)
