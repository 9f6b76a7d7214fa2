"""CloudFormation on the laptop: what is kept, and what is refused."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from moto.cloudformation import parsing

from local.aws import LocalAWS
from local.aws.clients import Clients
from local.aws.cloudformation.registry import TYPES
from local.aws.errors import UnsupportedResource

if TYPE_CHECKING:
    from tests.local.conftest import Assembly

REGION = "eu-central-1"
STACK = f"Stack-{REGION}"
EVERY = json.loads((Path(__file__).parent / "every_resource.json").read_text(encoding="utf-8"))


def used_properties() -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for resource in EVERY.values():
        found.setdefault(resource["Type"], set()).update(resource["Properties"])
    return found


def test_the_template_of_every_resource_uses_every_property_of_the_table() -> None:
    used = used_properties()
    assert set(used) == set(TYPES)
    unused = {name: sorted(kind.known() - used[name]) for name, kind in TYPES.items()}
    assert {name: missing for name, missing in unused.items() if missing} == {}


def test_every_resource_is_made_kept_updated_without_change_and_deleted(
    aws: LocalAWS, assembly: Assembly, layer: Path
) -> None:
    # Deploying reads every resource back and refuses what moto dropped, so success says that all was kept.
    folder = assembly.write(EVERY, assets={"layer.zip": layer})
    (deployed,) = aws.deploy(folder)
    assert deployed.resources == len(EVERY)
    aws.deploy(folder)
    cloudformation = aws.client("cloudformation", REGION)
    found = cloudformation.describe_stack_resources(StackName=STACK)["StackResources"]
    assert {item["LogicalResourceId"]: item["ResourceType"] for item in found} == {
        key: value["Type"] for key, value in EVERY.items()
    }
    cloudformation.delete_stack(StackName=STACK)
    buckets = {item["Name"] for item in aws.client("s3", REGION).list_buckets()["Buckets"]}
    assert buckets == {f"assets-{aws.account}-{REGION}", "logs-bucket"}, "the log bucket is retained"
    assert "QueueUrls" not in aws.client("sqs", REGION).list_queues()
    assert aws.client("lambda", REGION).list_functions()["Functions"] == []
    assert aws.client("lambda", REGION).list_event_source_mappings()["EventSourceMappings"] == []
    assert aws.client("iam", REGION).list_roles()["Roles"] == []
    assert aws.client("glue", REGION).get_databases()["DatabaseList"] == []
    assert (
        aws.client("kms", REGION).describe_key(KeyId=found_key(found))["KeyMetadata"]["KeyState"] == "PendingDeletion"
    )
    for service, operation, answer in (
        ("sns", "list_topics", "Topics"),
        ("cloudwatch", "describe_alarms", "MetricAlarms"),
        ("logs", "describe_log_groups", "logGroups"),
        ("scheduler", "list_schedules", "Schedules"),
        ("events", "list_rules", "Rules"),
        ("dynamodb", "list_tables", "TableNames"),
        ("ssm", "describe_parameters", "Parameters"),
        ("stepfunctions", "list_state_machines", "stateMachines"),
        ("apigatewayv2", "get_apis", "Items"),
        ("ecr", "describe_repositories", "repositories"),
    ):
        assert getattr(aws.client(service, REGION), operation)()[answer] == [], service


def found_key(resources: list[dict[str, str]]) -> str:
    return next(item["PhysicalResourceId"] for item in resources if item["ResourceType"] == "AWS::KMS::Key")


def test_unknown_types_are_refused_before_anything_is_made(aws: LocalAWS, assembly: Assembly) -> None:
    resources = {
        "Queue": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": "queue"}},
        "Instance": {"Type": "AWS::EC2::Instance"},
        "Custom": {"Type": "Custom::Thing", "Properties": {"ServiceToken": "x"}},
    }
    with pytest.raises(UnsupportedResource, match=r"Stack-eu-central-1/Instance \(AWS::EC2::Instance\)") as caught:
        aws.deploy(assembly.write(resources))
    assert any("Custom::Thing" in note or "resource type" in note for note in caught.value.__notes__)
    assert "QueueUrls" not in aws.client("sqs", REGION).list_queues()


def changed(logical_id: str, properties: dict[str, Any]) -> dict[str, Any]:
    resource = copy.deepcopy(EVERY[logical_id])
    resource["Properties"] |= properties
    return {logical_id: resource}


@pytest.mark.parametrize(
    ("resources", "what"),
    [
        (changed("Queue", {"Colour": "red"}), "Colour"),
        (changed("LogBucket", {"AccessControl": "PublicRead"}), "access control list"),
        (
            changed("Table", {"TableInput": {"Name": "t", "Colour": "red"}}),
            "create_table.TableInput has no parameter Colour",
        ),
        (
            changed(
                "LogBucket", {"LifecycleConfiguration": {"Rules": [{"Status": "Enabled", "ObjectSizeLessThan": 4}]}}
            ),
            "ObjectSizeLessThan",
        ),
        (
            changed(
                "LogBucket", {"NotificationConfiguration": {"QueueConfigurations": [{"Event": "s3:ObjectRemoved:*"}]}}
            ),
            "ObjectRemoved",
        ),
        (
            changed("Rule", {"RoleArn": "r", "Targets": [{"Id": "x", "Arn": "y", "InputTransformer": {}}]}),
            "InputTransformer",
        ),
        (
            {"Q": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": {"Fn::Length": ["a"]}}}},
            "does not resolve Fn::Length",
        ),
        (
            {
                "Q": {"Type": "AWS::SQS::Queue", "Properties": {}},
                "R": {
                    "Type": "AWS::SSM::Parameter",
                    "Properties": {"Type": "String", "Value": {"Fn::GetAtt": ["Q", "Size"]}},
                },
            },
            "does not know the attribute Size",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_dropped_properties_attributes_and_functions_are_refused(
    resources: dict[str, Any], what: str, aws: LocalAWS, assembly: Assembly
) -> None:
    resources.setdefault("Database", EVERY["Database"])
    with pytest.raises(UnsupportedResource, match=what):
        aws.deploy(assembly.write({**resources, "Key": EVERY["Key"]}))


def test_what_moto_drops_is_refused_by_reading_it_back(
    aws: LocalAWS, assembly: Assembly, monkeypatch: pytest.MonkeyPatch
) -> None:
    from moto.sqs.models import Queue

    monkeypatch.setattr(Queue, "BASE_ATTRIBUTES", ["QueueArn"])
    monkeypatch.setattr(Clients, "proven", set())  # another test may have seen this one kept
    properties = {"QueueName": "queue", "DelaySeconds": 7}
    with pytest.raises(UnsupportedResource, match=r"create_queue does not keep Attributes\.DelaySeconds"):
        aws.deploy(assembly.write({"Queue": {"Type": "AWS::SQS::Queue", "Properties": properties}}))


def test_an_unknown_type_is_refused_through_the_api_too(aws: LocalAWS) -> None:
    template = {"Resources": {"Gateway": {"Type": "AWS::EC2::InternetGateway", "Properties": {}}}}
    with pytest.raises(UnsupportedResource, match="AWS::EC2::InternetGateway"):
        aws.client("cloudformation", REGION).create_stack(StackName="s", TemplateBody=json.dumps(template))


def test_conditions_outputs_and_depends_on(aws: LocalAWS, assembly: Assembly) -> None:
    parameter = {"Type": "AWS::SSM::Parameter", "Properties": {"Type": "String", "Value": {"Ref": "AWS::Region"}}}
    folder = assembly.write(
        {
            "Made": {**parameter, "Condition": "Yes", "DependsOn": "Queue"},
            "Skipped": {**parameter, "Condition": "No"},
            "Queue": {"Type": "AWS::SQS::Queue"},
        },
        conditions={
            "Yes": {"Fn::Equals": [{"Ref": "AWS::Region"}, REGION]},
            "No": {"Fn::Not": [{"Condition": "Yes"}]},
        },
        outputs={"Url": {"Value": {"Ref": "Queue"}}, "Arn": {"Value": {"Fn::GetAtt": ["Queue", "Arn"]}}},
    )
    (deployed,) = aws.deploy(folder)
    assert deployed.resources == 2
    (stack,) = aws.client("cloudformation", REGION).describe_stacks(StackName=STACK)["Stacks"]
    outputs = {item["OutputKey"]: item["OutputValue"] for item in stack["Outputs"]}
    assert outputs["Url"].startswith(f"https://sqs.{REGION}.amazonaws.com/{aws.account}/")
    assert outputs["Arn"].startswith(f"arn:aws:sqs:{REGION}:{aws.account}:")


def test_generated_names_are_valid_and_stable(aws: LocalAWS, assembly: Assembly) -> None:
    resources = {
        "Queue": {"Type": "AWS::SQS::Queue", "Properties": {"FifoQueue": True}},
        "Bucket": {"Type": "AWS::S3::Bucket", "Properties": {}},
    }
    folder = assembly.write(resources)
    aws.deploy(folder)
    names = aws.client("sqs", REGION).list_queues()["QueueUrls"]
    aws.deploy(folder)
    assert aws.client("sqs", REGION).list_queues()["QueueUrls"] == names
    assert names[0].endswith(".fifo")


def test_only_templates_in_json_skip_the_yaml_loader(aws: LocalAWS, monkeypatch: pytest.MonkeyPatch) -> None:
    body = "Resources:\n  Queue:\n    Type: AWS::SQS::Queue\n    Properties:\n      QueueName: from-yaml\n"
    aws.client("cloudformation", REGION).create_stack(StackName="s", TemplateBody=body)
    assert aws.client("sqs", REGION).get_queue_url(QueueName="from-yaml")

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("slow")

    monkeypatch.setattr("moto.cloudformation.models.yaml.load", refuse)
    body = json.dumps({"Resources": {"Queue": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": "from-json"}}}})
    aws.client("cloudformation", REGION).create_stack(StackName="t", TemplateBody=body)
    assert aws.client("sqs", REGION).get_queue_url(QueueName="from-json")


def test_moto_is_itself_again_after_leaving() -> None:
    before = parsing.parse_and_create_resource
    with LocalAWS():
        assert parsing.parse_and_create_resource is not before
    assert parsing.parse_and_create_resource is before
