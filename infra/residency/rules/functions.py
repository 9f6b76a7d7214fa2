"""What functions are made of, and whether it is said what they can reach over the network."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from infra.residency.paths import value
from infra.residency.rule import Flaw, Rule
from infra.residency.stack import ACCOUNT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from infra.residency.graph import Graph

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
        "unknown-network",
        "a function in a network without a security group of this stack",
        "Name a security group of this stack, or leave the function outside of a network.",
        _no_group,
    ),
)
