"""The shipped templates of all regions: nothing in them is dropped, and stacks come and go."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING

from local.aws import LocalAWS
from local.aws.cloudformation.registry import TYPES

if TYPE_CHECKING:
    from pathlib import Path


def templates(assembly: Path) -> dict[str, dict[str, dict[str, str]]]:
    return {
        path.name.removesuffix(".template.json"): json.loads(path.read_text(encoding="utf-8"))["Resources"]
        for path in assembly.glob("*.template.json")
    }


def test_every_resource_of_every_region_is_deployed_deployed_again_and_deleted(shipped: Path) -> None:
    resources = templates(shipped)
    assert len(resources) == 3
    with LocalAWS() as aws:
        deployed = {stack.stack: stack for stack in aws.deploy(shipped)}
        assert {name: stack.resources for name, stack in deployed.items()} == {
            name: len(found) for name, found in resources.items()
        }
        aws.deploy(shipped)
        for name, stack in deployed.items():
            cloudformation = aws.client("cloudformation", stack.region)
            assert cloudformation.describe_stacks(StackName=name)["Stacks"][0]["StackStatus"] == "UPDATE_COMPLETE"
            cloudformation.delete_stack(StackName=name)
            assert aws.client("lambda", stack.region).list_functions()["Functions"] == []


def test_the_properties_without_effect_are_known(shipped: Path) -> None:
    """Whoever adds one sees here what the laptop will not show."""
    ignored = Counter(
        (resource["Type"], name)
        for found in templates(shipped).values()
        for resource in found.values()
        for name in resource.get("Properties", {})
        if name in TYPES[resource["Type"]].not_imitated
    )
    assert set(ignored) == {("AWS::SQS::Queue", "RedriveAllowPolicy"), ("AWS::Logs::LogGroup", "DataProtectionPolicy")}
