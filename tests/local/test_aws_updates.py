"""Stacks that change: in place, through references, and refused."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from local.aws.cloudformation.registry import TYPES
from local.aws.errors import UnsupportedResource

if TYPE_CHECKING:
    from collections.abc import Callable

    from local.aws import LocalAWS
    from tests.local.conftest import Assembly

REGION = "eu-central-1"
EVERY = json.loads((Path(__file__).parent / "every_resource.json").read_text(encoding="utf-8"))


def test_an_update_reaches_all_that_refer_to_what_changed(
    aws: LocalAWS, assembly: Assembly, layer: Path, function: Callable[..., dict[str, Any]]
) -> None:
    code = "import library, os\ndef handler(event, context): return [library.VALUE, os.environ['URL']]"
    resources = {
        **function(code, Layers=[{"Ref": "Layer"}], Environment={"Variables": {"URL": {"Ref": "Queue"}}}),
        "Layer": EVERY["Layer"],
        "Queue": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": "queue", "VisibilityTimeout": 30}},
        "Gone": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": "gone"}},
        "Kept": {"Type": "AWS::SQS::Queue", "DeletionPolicy": "Retain", "Properties": {"QueueName": "kept"}},
    }
    aws.deploy(assembly.write(resources, assets={"layer.zip": layer}))

    def ask() -> list[Any]:
        answer: list[Any] = json.load(aws.client("lambda", REGION).invoke(FunctionName="work")["Payload"])
        return answer

    url = aws.client("sqs", REGION).get_queue_url(QueueName="queue")["QueueUrl"].rsplit("/", 1)[-1]
    assert ask()[0] == 1
    (layer / "python" / "library" / "__init__.py").write_text("VALUE = 2\n")
    resources["Layer"] = copy.deepcopy(resources["Layer"])
    resources["Layer"]["Properties"]["Content"]["S3Key"] = "layer2.zip"
    resources["Queue"]["Properties"]["VisibilityTimeout"] = 60
    del resources["Gone"], resources["Kept"]
    aws.deploy(assembly.write(resources, assets={"layer2.zip": layer}))
    assert ask() == [2, f"https://sqs.{REGION}.amazonaws.com/{aws.account}/{url}"]
    names = {item.rsplit("/", 1)[-1] for item in aws.client("sqs", REGION).list_queues()["QueueUrls"]}
    assert names == {"queue", "kept"}
    attributes = aws.client("sqs", REGION).get_queue_attributes(
        QueueUrl=f"https://sqs.{REGION}.amazonaws.com/{aws.account}/queue", AttributeNames=["VisibilityTimeout"]
    )
    assert attributes["Attributes"]["VisibilityTimeout"] == "60"
    configuration = aws.client("lambda", REGION).get_function_configuration(FunctionName="work")
    assert configuration["Layers"][0]["Arn"].endswith(":library:2")


@pytest.mark.parametrize(
    ("before", "after", "what"),
    [
        ({"QueueName": "a"}, {"QueueName": "b"}, "QueueName replaces"),
        ({"QueueName": "a", "DelaySeconds": 1}, {"QueueName": "a"}, "taking DelaySeconds back"),
    ],
)
def test_replacements_are_refused_and_the_stack_stays_usable(
    before: dict[str, Any], after: dict[str, Any], what: str, aws: LocalAWS, assembly: Assembly
) -> None:
    aws.deploy(assembly.write({"Queue": {"Type": "AWS::SQS::Queue", "Properties": before}}))
    with pytest.raises(UnsupportedResource, match=what):
        aws.deploy(assembly.write({"Queue": {"Type": "AWS::SQS::Queue", "Properties": after}}))
    aws.deploy(assembly.write({"Queue": {"Type": "AWS::SQS::Queue", "Properties": {**before, "VisibilityTimeout": 5}}}))


ALLOW = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:ListBucket", "Resource": "*"}]}
ASSUME = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "states.amazonaws.com"}, "Action": "sts:AssumeRole"}],
}
SEND = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "sqs:SendMessage", "Resource": "*"}],
}
PULL = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "ecr:GetDownloadUrlForLayer"}],
}
HOURLY = {"ScheduleId": "daily", "RefreshType": "FULL_REFRESH", "ScheduleFrequency": {"Interval": "HOURLY"}}
UPDATES: dict[str, dict[str, Any]] = {
    "Bucket": {"LifecycleConfiguration": {"Rules": [{"Id": "new", "Status": "Enabled", "ExpirationInDays": 5}]}},
    "BucketPolicy": {"PolicyDocument": {"Version": "2012-10-17", "Statement": []}},
    "Key": {"Description": "another"},
    "Alias": {"TargetKeyId": {"Fn::GetAtt": ["Key", "Arn"]}},
    "Queue": {"DelaySeconds": 3},
    "QueuePolicy": {"PolicyDocument": SEND},
    "Topic": {"DisplayName": "More"},
    "TopicPolicy": {"PolicyDocument": {"Version": "2012-10-17", "Statement": []}},
    "Role": {"AssumeRolePolicyDocument": ASSUME},
    "Policy": {"PolicyDocument": ALLOW},
    "Boundary": {"PolicyDocument": ALLOW},
    "Function": {"MemorySize": 1024, "EphemeralStorage": {"Size": 2048}, "TracingConfig": {"Mode": "PassThrough"}},
    "Layer": {"Description": "changed"},
    "Mapping": {"BatchSize": 50},
    "MayInvoke": {"Principal": "sns.amazonaws.com"},
    "LogGroup": {"RetentionInDays": 60},
    "MetricFilter": {"FilterPattern": '{ $.alarm = "other" }'},
    "Database": {"DatabaseInput": {"Name": "bronze", "Description": "changed"}},
    "Table": {"TableInput": {"Name": "rows", "Description": "changed"}},
    "WorkGroup": {"WorkGroupConfiguration": {"BytesScannedCutoffPerQuery": 20000000000}},
    "Alarm": {"Threshold": 5},
    "Dashboard": {"DashboardBody": '{"widgets": [1]}'},
    "Stage": {"DefaultRouteSettings": {"ThrottlingBurstLimit": 3, "ThrottlingRateLimit": 1}},
    "Schedule": {"ScheduleExpression": "cron(0 3 * * ? *)"},
    "Rule": {"State": "DISABLED"},
    "Repository": {"RepositoryPolicyText": PULL},
    "Parameter": {"Value": "Asia/Singapore"},
    "Machine": {"DefinitionString": '{"StartAt": "Go", "States": {"Go": {"Type": "Pass", "End": true}}}'},
    "QuickSightSource": {"Name": "Renamed"},
    "QuickSightRules": {"Name": "Renamed"},
    "QuickSightDataset": {"Name": "Renamed"},
    "QuickSightRefresh": {"Schedule": HOURLY},
    "QuickSightAnalysis": {"Name": "Renamed"},
    "QuickSightDashboard": {"Name": "Renamed"},
    "Cluster": {"BackupRetentionPeriod": 14},
    "Instance": {"AutoMinorVersionUpgrade": False},
    "DatabaseSubnets": {"DBSubnetGroupDescription": "changed"},
    "DatabaseParameters": {"Parameters": {"rds.force_ssl": "1", "idle_session_timeout": "1"}},
    "Metadata": {"Analytics": "v2:other"},
}


def test_every_type_with_an_update_is_updated_below() -> None:
    updated = {EVERY[logical_id]["Type"] for logical_id in UPDATES}
    assert updated == {name for name, kind in TYPES.items() if kind.update}


def test_in_place_updates(aws: LocalAWS, assembly: Assembly, layer: Path) -> None:
    aws.deploy(assembly.write(EVERY, assets={"layer.zip": layer}))
    resources = copy.deepcopy(EVERY)
    for logical_id, properties in UPDATES.items():
        resources[logical_id]["Properties"] |= properties
    aws.deploy(assembly.write(resources, assets={"layer.zip": layer}))

    def ask(service: str, operation: str, **parameters: Any) -> Any:
        return getattr(aws.client(service, REGION), operation)(**parameters)

    bucket = f"raw-{aws.account}-{REGION}"
    assert [rule["ID"] for rule in ask("s3", "get_bucket_lifecycle_configuration", Bucket=bucket)["Rules"]] == ["new"]
    assert ask("lambda", "get_function_configuration", FunctionName="worker")["EphemeralStorage"] == {"Size": 2048}
    assert ask("lambda", "list_event_source_mappings")["EventSourceMappings"][0]["BatchSize"] == 50
    assert ask("logs", "describe_log_groups")["logGroups"][0]["retentionInDays"] == 60
    filters = ask("logs", "describe_metric_filters", filterNamePrefix="alarms")["metricFilters"]
    assert [each["filterPattern"] for each in filters] == ['{ $.alarm = "other" }']
    assert ask("glue", "get_table", DatabaseName="bronze", Name="rows")["Table"]["Description"] == "changed"
    assert ask("ssm", "get_parameter", Name="/lake/zone")["Parameter"]["Value"] == "Asia/Singapore"
    assert json.loads(ask("ecr", "get_repository_policy", repositoryName="images")["policyText"]) == PULL
    assert ask("events", "describe_rule", Name="created")["State"] == "DISABLED"
    source = ask("quicksight", "describe_data_source", AwsAccountId=aws.account, DataSourceId="lake")["DataSource"]
    assert source["Name"] == "Renamed"
    (api,) = ask("apigatewayv2", "get_apis")["Items"]
    (stage,) = ask("apigatewayv2", "get_stages", ApiId=api["ApiId"])["Items"]
    assert stage["DefaultRouteSettings"] == {"ThrottlingBurstLimit": 3, "ThrottlingRateLimit": 1}
    assert (
        ask("iam", "get_policy", PolicyArn=f"arn:aws:iam::{aws.account}:policy/lake/boundary")["Policy"][
            "DefaultVersionId"
        ]
        == "v2"
    )


def test_a_saved_query_that_says_something_else_is_another_and_the_old_one_goes(
    aws: LocalAWS, assembly: Assembly
) -> None:
    group = {"WorkGroup": {"Type": "AWS::Athena::WorkGroup", "Properties": {"Name": "lake"}}}
    aws.deploy(assembly.write({**group, "NamedQuery": EVERY["NamedQuery"]}))
    changed = copy.deepcopy(EVERY["NamedQuery"])
    changed["Properties"]["QueryString"] = "SELECT 2"
    with pytest.raises(UnsupportedResource, match="QueryString"):
        aws.deploy(assembly.write({**group, "NamedQuery": changed}))
    aws.deploy(assembly.write({**group, "Other": changed}))
    athena = aws.client("athena", REGION)
    texts = [
        athena.get_named_query(NamedQueryId=query)["NamedQuery"]["QueryString"]
        for query in athena.list_named_queries(WorkGroup="lake")["NamedQueryIds"]
    ]
    assert texts == ["SELECT 2"]
    with pytest.raises(athena.exceptions.InvalidRequestException, match="is not found"):
        athena.delete_named_query(NamedQueryId="gone")
