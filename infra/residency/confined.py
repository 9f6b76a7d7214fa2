"""Whether an ARN stays within one region's stack."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from infra.residency.arn import Arn
from infra.residency.stack import ACCOUNT

if TYPE_CHECKING:
    from infra.residency.graph import Graph
    from infra.residency.statements import Condition

_REGION = re.compile(
    r"(?<![a-z])(?:af|ap|ca|cn|eu|eusc-de|il|me|mx|sa|us)(?:-gov|-iso[a-z]?)?-(?:central|north|south|east|west)+[a-z]*-\d(?!\d)",
    re.IGNORECASE,
)
_PLACELESS = {"s3", "iam"}  # whose ARNs name no region; a bucket's names no account either
# A catalog is its account's and region's alone; functions make tables in it, and Athena asks for the default database.
_CATALOG = ("catalog", "database/default")
_GLUE = "datacatalog/AwsDataCatalog"  # as Athena calls it; others read what another account or region keeps


def beyond(graph: Graph, text: str) -> str | None:
    """What is wrong with an ARN that may name something outside of the stack, as a sentence; None if it cannot."""
    arn, stack = Arn.parse(text), graph.stack
    if arn is None:
        return f"{text} is not confined to a resource of this stack."
    if arn.partition != stack.partition:
        return f"{text} is not confined to the partition {stack.partition}."
    if arn.region != stack.region and (arn.region or arn.service not in _PLACELESS):
        where = f"in {arn.region}, not in" if _one(arn.region) else "not confined to"
        return f"{text} is {where} {stack.region}."
    if arn.account != ACCOUNT and (arn.account or arn.service != "s3"):
        whose = f"belongs to the account {arn.account}" if _one(arn.account) else "is not confined to this account"
        return f"{text} {whose}."
    if graph.covered(text) or _made_later(graph, arn):
        return None
    return f"{text} names nothing that this stack makes."


def _one(place: str) -> bool:
    return bool(place) and "*" not in place


def _made_later(graph: Graph, arn: Arn) -> bool:
    """Whether it names something that only exists once the stack runs.

    Executions of its machines, what is in the catalog, and interfaces of functions in a network, which Lambda makes and
    removes: it asks to be allowed to remove all of them.
    """
    if arn.service == "ec2":
        return bool(graph.of("network")) and (arn.resource.startswith("network-interface/") or arn.resource == "*/*")
    if arn.service == "glue":
        return arn.resource in _CATALOG
    if arn.service == "athena":
        return arn.resource == _GLUE
    if arn.service == "states":
        machines = [f"execution:{machine.name}{end}" for machine in graph.of("state machine") for end in ":/"]
        return arn.resource.startswith(tuple(machines))
    if arn.service == "iam":
        return arn.resource == "root"
    return False


def holds(conditions: tuple[Condition, ...], key: str, value: str) -> bool:
    """Whether the conditions demand that a key has exactly one value; `IfExists` and `Like` demand less."""
    return any(each.operator == "StringEquals" and each.of(key) and each.values == (value,) for each in conditions)


def other_regions(text: str, region: str) -> list[str]:
    """The AWS regions that a text names, other than `region`."""
    return [each for each in _REGION.findall(text.replace("_", "-")) if each.lower() != region]
