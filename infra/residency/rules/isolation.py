"""A region's stack stands alone: it takes nothing from another one and gives nothing, and all of it is in sight."""

from __future__ import annotations

from typing import TYPE_CHECKING

from infra.residency.kinds import NEVER
from infra.residency.paths import values
from infra.residency.rule import Flaw, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from infra.residency.graph import Graph

_SECTIONS = {"AWSTemplateFormatVersion", "Description", "Metadata", "Outputs", "Resources"}
_CUSTOM = "AWS::CloudFormation::CustomResource"


def _no_region(graph: Graph) -> Iterator[Flaw]:
    if not graph.stack.region:
        yield Flaw("", "region", "The stack may be deployed to any region.")


def _sections(graph: Graph) -> Iterator[Flaw]:
    for section in sorted(graph.stack.template.keys() - _SECTIONS):
        yield Flaw("", section, f"The template has {section}, so what is deployed is decided elsewhere.")


def _exports(graph: Graph) -> Iterator[Flaw]:
    for name, output in sorted(graph.stack.template.get("Outputs", {}).items()):
        if "Export" in output:
            yield Flaw("", f"Outputs.{name}.Export", "Other stacks may import it.", ("the stack", f"export {name}"))
    for node in graph.nodes.values():
        for unknown in node.unknown:
            if unknown.what == "Fn::ImportValue":
                path = ("another stack", f"Fn::ImportValue at {unknown.where}", node.label)
                yield Flaw(node.id, unknown.where, "It takes a value that another stack exports.", path)


def _unknown_values(graph: Graph) -> Iterator[Flaw]:
    for node in graph.nodes.values():
        for unknown in node.unknown:
            yield Flaw(node.id, unknown.where, f"The template does not tell its value: {unknown.what}.")


def _custom(graph: Graph) -> Iterator[Flaw]:
    for node in graph.nodes.values():
        if node.type.startswith("Custom::") or node.type == _CUSTOM:
            path = (
                "the deployment",
                f"{node.type} {node.id}",
                str(node.properties.get("ServiceToken", "its function")),
            )
            yield Flaw(node.id, "Type", f"{node.type} runs code that the template does not show.", path)


def _never(graph: Graph) -> Iterator[Flaw]:
    for node in graph.nodes.values():
        if node.type in NEVER:
            yield Flaw(node.id, "Type", f"{node.type} {NEVER[node.type]}.", (node.label, "outside the region"))


def _shared(graph: Graph) -> Iterator[Flaw]:
    for node in graph.of("bucket", "role", "managed policy"):
        if owners := graph.elsewhere.get(node.name):
            path = tuple(f"{node.label} of {stack}" for stack in owners)
            yield Flaw(node.id, "name", f"It is claimed by {' and '.join(owners)}.", path)


def _multi_region_keys(graph: Graph) -> Iterator[Flaw]:
    for node in graph.of("key"):
        for where, given in values(node.properties, "MultiRegion"):
            if given not in {False, "false"}:
                path = (node.label, "a replica of the key", "any other region")
                yield Flaw(node.id, where, "A replica of the key could decrypt in another region.", path)


RULES = (
    Rule(
        "no-region",
        "a stack whose region is left open",
        "Give the stack its region: env=Environment(region=…).",
        _no_region,
    ),
    Rule(
        "cross-stack",
        "an export, or an import of another stack's",
        "Make what the stack needs in the stack itself; regions share nothing.",
        _exports,
    ),
    Rule(
        "outside-section",
        "parameters, conditions, mappings, transforms: anything that decides elsewhere what is deployed",
        "Decide it in the app, so that the template says what is deployed.",
        _sections,
    ),
    Rule(
        "unknown-value",
        "a value that the template alone does not tell",
        "Write the value, or a reference to a resource of this stack.",
        _unknown_values,
    ),
    Rule(
        "custom-resource",
        "a custom resource, which runs code with unknown reach",
        "Use the resource type itself; CDK adds custom resources for auto-delete, bucket notifications and others.",
        _custom,
    ),
    Rule(
        "forbidden-type",
        "a type that replicates, shares or publishes whatever its properties say",
        "Leave it out: a lake whose regions share nothing has no place for it.",
        _never,
    ),
    Rule(
        "shared-name",
        "a bucket, role or policy that two stacks claim",
        "Put the region into the name, as watershed.names does.",
        _shared,
    ),
    Rule("multi-region-key", "a key that may have replicas", "Leave MultiRegion out.", _multi_region_keys),
)
