"""Regions share nothing: each stack comes, changes and goes alone, whether the others are there or not."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest

from local.aws import LocalAWS, assembly
from local.config import regions
from tests.infra.test_region_stack import TYPES

if TYPE_CHECKING:
    from pathlib import Path

REGIONS = tuple(each.region for each in regions())
# What is asked of each service for all that a region holds: the operation, where the answer has it.
HOLDINGS = (
    ("lambda", "list_functions", "Functions"),
    ("lambda", "list_layers", "Layers"),
    ("lambda", "list_event_source_mappings", "EventSourceMappings"),
    ("sqs", "list_queues", "QueueUrls"),
    ("sns", "list_topics", "Topics"),
    ("logs", "describe_log_groups", "logGroups"),
    ("logs", "describe_metric_filters", "metricFilters"),
    ("cloudwatch", "describe_alarms", "MetricAlarms"),
    ("glue", "get_databases", "DatabaseList"),
    ("scheduler", "list_schedules", "Schedules"),
    ("stepfunctions", "list_state_machines", "stateMachines"),
    ("kms", "list_aliases", "Aliases"),
    ("kms", "list_keys", "Keys"),
    ("cloudformation", "list_stack_resources", "StackResourceSummaries"),
)

_TIES = re.compile(
    r'"Export":|"Fn::ImportValue":|"Fn::GetStackOutput":|"Fn::Transform":|"MultiRegion":|"ReplicationConfiguration":'
    r'|"Replicas":|{{resolve:'
)


def holdings(aws: LocalAWS, region: str) -> dict[str, Any]:
    """All that a region holds of the lake, with its buckets' policies, and its roles and policies in IAM."""
    found: dict[str, Any] = {}
    for service, operation, key in HOLDINGS:
        given = {"StackName": f"Watershed-{region}"} if service == "cloudformation" else {}
        try:
            items = getattr(aws.client(service, region), operation)(**given).get(key, [])
        except aws.client("cloudformation", region).exceptions.ClientError:
            items = []  # no such stack
        found[operation] = [each for each in items if "alias/aws/" not in str(each)]
    s3, iam = aws.client("s3", region), aws.client("iam", region)
    buckets = [each["Name"] for each in s3.list_buckets()["Buckets"] if each["Name"].endswith(f"-{region}")]
    found["buckets"] = {
        name: json.loads(s3.get_bucket_policy(Bucket=name)["Policy"]) for name in buckets if "watershed" in name
    }
    found["roles"] = [each for each in iam.list_roles()["Roles"] if each["RoleName"].endswith(f"-{region}")]
    policies = iam.list_policies(Scope="Local")["Policies"]
    found["policies"] = [each for each in policies if each["PolicyName"].endswith(f"-{region}")]
    return found


def changed(shipped: Path, folder: Path, region: str) -> Path:
    """The assembly with a region's functions changed."""
    folder.mkdir()
    template = f"Watershed-{region}.template.json"
    for entry in shipped.iterdir():
        if entry.name != template:
            (folder / entry.name).symlink_to(entry)
    document = json.loads((shipped / template).read_text(encoding="utf-8"))
    for each in document["Resources"].values():
        if each["Type"] == "AWS::Lambda::Function":
            each["Properties"]["MemorySize"] += 1
    (folder / template).write_text(json.dumps(document), encoding="utf-8")
    return folder


def destroy(aws: LocalAWS, region: str) -> None:
    aws.client("cloudformation", region).delete_stack(StackName=f"Watershed-{region}")


@pytest.mark.slow  # `make drills`
def test_each_region_comes_changes_and_goes_while_no_other_is_there(shipped: Path, tmp_path: Path) -> None:
    with LocalAWS() as aws:
        for region in REGIONS:
            before = {other: holdings(aws, other) for other in REGIONS if other != region}
            aws.deploy(shipped, [region])
            made = holdings(aws, region)
            assert all(made.values()), "of what a region has none, this test shows nothing"
            aws.deploy(changed(shipped, tmp_path / region, region), [region])
            assert holdings(aws, region) != made
            destroy(aws, region)
            left = holdings(aws, region)
            assert {name for name, items in left.items() if items} == {"buckets", "list_keys"}
            assert left["buckets"] == made["buckets"], "what outlives the stack stays as closed as it was"
            assert {other: holdings(aws, other) for other in before} == before


def test_nothing_that_one_region_does_is_seen_in_another(shipped: Path, tmp_path: Path) -> None:
    with LocalAWS() as aws:
        aws.deploy(shipped)
        others = {region: holdings(aws, region) for region in REGIONS}
        for region in REGIONS:
            aws.deploy(changed(shipped, tmp_path / region, region), [region])
            del others[region]
            destroy(aws, region)
            assert {other: holdings(aws, other) for other in others} == others


def ties(template: dict[str, Any], region: str) -> set[str]:
    """What in a template would tie its region to another one, or to anything that is not its own."""
    text = json.dumps(template)
    found = {other for other in {*REGIONS, "us-west-2"} - {region} if other in text}
    found |= {each["Type"] for each in template["Resources"].values()} - TYPES
    found |= {match.strip('"{:') for match in _TIES.findall(text)}
    return found | ({"Parameters", "Rules", "Transform", "Conditions"} & set(template))


def test_no_template_is_tied_to_another_region(shipped: Path) -> None:
    manifest = json.loads((shipped / "manifest.json").read_text(encoding="utf-8"))["artifacts"]
    stacks = assembly.read(shipped)
    assert {stack.region for stack in stacks} == set(REGIONS)
    for stack in stacks:
        assert ties(stack.template, stack.region) == set()
        assert {asset.bucket.rpartition("}-")[2] for asset in stack.assets} == {stack.region}
        assert manifest[stack.name]["dependencies"] == [f"{stack.name}.assets"]


@pytest.mark.parametrize(
    ("part", "tie"),
    [
        ({"Type": "AWS::DynamoDB::GlobalTable"}, "AWS::DynamoDB::GlobalTable"),
        ({"Type": "AWS::KMS::ReplicaKey"}, "AWS::KMS::ReplicaKey"),
        ({"Type": "AWS::CloudFormation::Stack"}, "AWS::CloudFormation::Stack"),
        ({"Type": "Custom::CrossRegionExportReader"}, "Custom::CrossRegionExportReader"),
        ({"Type": "AWS::KMS::Key", "Properties": {"MultiRegion": True}}, "MultiRegion"),
        ({"Type": "AWS::S3::Bucket", "Properties": {"ReplicationConfiguration": {}}}, "ReplicationConfiguration"),
        ({"Type": "AWS::SQS::Queue", "Properties": {"QueueName": {"Fn::ImportValue": "x"}}}, "Fn::ImportValue"),
        ({"Type": "AWS::SQS::Queue", "Properties": {"QueueName": "{{resolve:ssm:/x}}"}}, "resolve"),
        ({"Type": "AWS::SNS::Topic", "Properties": {"TopicName": "to-us-east-1"}}, "us-east-1"),
    ],
)
def test_a_tie_would_be_seen(shipped: Path, part: dict[str, Any], tie: str) -> None:
    template = json.loads((shipped / "Watershed-eu-central-1.template.json").read_text(encoding="utf-8"))
    template["Resources"]["More"] = part
    assert ties(template, "eu-central-1") == {tie}
