"""Deploys the stacks of a cloud assembly, or brings deployed ones up to date."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from local.aws import assembly
from local.aws.cloudformation import registry

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

    from local.aws.assembly import StackArtifact
    from local.aws.assets import Publisher
    from local.aws.clients import Clients


@dataclass(frozen=True)
class Deployed:
    """A stack as deployed.

    Args:
        resources: how many it holds.
        seconds: how long it took, with its assets.
    """

    stack: str
    region: str
    resources: int
    seconds: float


def deploy(
    folder: Path, clients: Clients, publisher: Publisher, regions: Collection[str] | None = None
) -> list[Deployed]:
    """Deploy every stack of a `cdk.out` folder, or those of some regions. All of them are checked before any is made.

    Raises:
        UnsupportedResource: if a template holds what the laptop would drop. There is no rollback.
        DeploymentRejected: if AWS would refuse a template.
        LayerMismatch: if a third-party layer pins other versions than are installed here.
    """
    stacks = [stack for stack in assembly.read(folder) if regions is None or stack.region in regions]
    for stack in stacks:
        registry.check(stack.template, stack.name)
    return [_deploy(stack, clients, publisher) for stack in stacks]


def _deploy(stack: StackArtifact, clients: Clients, publisher: Publisher) -> Deployed:
    started = time.monotonic()
    publisher.publish(stack)
    cloudformation = clients.client("cloudformation", stack.region)
    body = json.dumps(stack.template)
    pages = cloudformation.get_paginator("list_stacks").paginate()
    live = {
        found["StackName"]
        for page in pages
        for found in page["StackSummaries"]
        if found["StackStatus"] != "DELETE_COMPLETE"
    }
    if stack.name in live:
        cloudformation.update_stack(StackName=stack.name, TemplateBody=body)
    else:
        cloudformation.create_stack(StackName=stack.name, TemplateBody=body)
    described = cloudformation.describe_stack_resources(StackName=stack.name)["StackResources"]
    made = [resource for resource in described if "ResourceType" in resource]  # the others' conditions are false
    return Deployed(stack.name, stack.region, len(made), time.monotonic() - started)
