"""The table of resource types that the laptop's CloudFormation keeps, and the check of a template against it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from local.aws.cloudformation import (
    athena,
    cloudwatch,
    databases,
    dynamodb,
    ecr,
    events,
    functions,
    glue,
    http_api,
    iam,
    keys,
    logs,
    mappings,
    metadata,
    metric_filters,
    networks,
    parameters,
    queues,
    quicksight,
    s3,
    scheduler,
    stepfunctions,
    topics,
)
from local.aws.errors import UnsupportedResource

if TYPE_CHECKING:
    from local.aws.cloudformation.resource import ResourceType

TYPES: dict[str, ResourceType] = {
    kind.name: kind
    for module in (
        athena,
        cloudwatch,
        databases,
        dynamodb,
        ecr,
        events,
        functions,
        glue,
        http_api,
        iam,
        keys,
        logs,
        mappings,
        metadata,
        metric_filters,
        networks,
        parameters,
        queues,
        quicksight,
        s3,
        scheduler,
        stepfunctions,
        topics,
    )
    for kind in module.TYPES
}


def resource_type(definition: dict[str, Any], where: str) -> ResourceType:
    """The row of the table for a resource of a template.

    Args:
        definition: the resource's JSON: `Type`, `Properties` ...
        where: stack and logical id, for messages.

    Raises:
        UnsupportedResource: if there is no such row, or a property is not in it.
    """
    name = definition["Type"]
    if name not in TYPES:
        raise UnsupportedResource(where, name, "the laptop does not know this resource type")
    if unknown := sorted(set(definition.get("Properties", {})) - TYPES[name].known()):
        raise UnsupportedResource(where, name, f"the laptop does not keep {', '.join(unknown)}")
    return TYPES[name]


def check(template: dict[str, Any], stack: str) -> None:
    """Refuse a template before anything of it is made.

    Raises:
        UnsupportedResource: naming the first fault, and how many more there are in `__notes__`.
    """
    faults: list[UnsupportedResource] = []
    for logical_id, definition in template["Resources"].items():
        try:
            resource_type(definition, f"{stack}/{logical_id}")
        except UnsupportedResource as error:
            faults.append(error)
    if faults:
        for other in faults[1:]:
            faults[0].add_note(other.message)
        raise faults[0]
