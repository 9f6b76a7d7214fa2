"""The SQL database and its network: who reaches whom, how it is kept, and what the function that loads it may do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from watershed import names
from watershed.names import Layer, Stage

from infra.prefix_lists import S3_PREFIX_LISTS
from layers.manifest import FUNCTION_LAYERS
from tests.infra.resources import Resources, flat

if TYPE_CHECKING:
    from collections.abc import Mapping

REGION = "eu-central-1"
PORT = names.DATABASE_PORT


@pytest.fixture(scope="module")
def made(with_database: dict[str, Any]) -> Resources:
    return Resources(with_database)


def only(resources: Resources, kind: str) -> dict[str, Any]:
    (found,) = resources.of(kind).values()
    properties: dict[str, Any] = found["Properties"]
    return properties


def groups(resources: Resources) -> dict[str, str]:
    """Logical ids of security groups by what they are called."""
    return {
        logical.split("Group")[0].removeprefix("Network"): logical for logical in resources.of("EC2::SecurityGroup")
    }


def test_without_the_setting_there_is_nothing_of_it(template: dict[str, Any], with_database: dict[str, Any]) -> None:
    added = {"AWS::EC2", "AWS::RDS"}
    assert not [each for each in template["Resources"].values() if each["Type"].rpartition("::")[0] in added]
    assert names.queue(Stage.PUBLISH) not in Resources(template).named("SQS::Queue", "QueueName")
    # What both have is the same, but for the key, the boundary and gold, which make room for it.
    both = template["Resources"].keys() & with_database["Resources"].keys()
    assert both == set(template["Resources"])
    changed = {key for key in both if template["Resources"][key] != with_database["Resources"][key]}
    assert {with_database["Resources"][key]["Type"] for key in changed} == {
        "AWS::KMS::Key",
        "AWS::IAM::ManagedPolicy",
        "AWS::IAM::Role",
        "AWS::Lambda::Function",
    }
    gold = {names.role(Stage.GOLD, REGION), names.function(Stage.GOLD)}
    of_gold = [with_database["Resources"][key]["Properties"] for key in changed]
    assert {each.get("RoleName") or each.get("FunctionName") for each in of_gold} - {None} == gold


def test_the_database_sleeps_is_encrypted_and_asks_iam(made: Resources) -> None:
    cluster = only(made, "RDS::DBCluster")
    key = {"Fn::GetAtt": [next(iter(made.of("KMS::Key"))), "Arn"]}
    assert cluster["ServerlessV2ScalingConfiguration"] == {
        "MinCapacity": 0,
        "MaxCapacity": 4,
        "SecondsUntilAutoPause": 300,
    }
    assert (cluster["Engine"], cluster["Port"]) == ("aurora-postgresql", PORT)
    assert (cluster["StorageEncrypted"], cluster["KmsKeyId"]) == (True, key)
    assert (cluster["ManageMasterUserPassword"], cluster["MasterUserSecret"]) == (True, {"KmsKeyId": key})
    assert cluster["EnableIAMDatabaseAuthentication"] is True
    assert cluster["DeletionProtection"] is True
    assert cluster["CopyTagsToSnapshot"] is True
    assert cluster["BackupRetentionPeriod"] == 7
    assert only(made, "RDS::DBInstance")["PubliclyAccessible"] is False
    assert only(made, "RDS::DBInstance")["DBInstanceClass"] == "db.serverless"
    parameters = only(made, "RDS::DBClusterParameterGroup")
    assert parameters["Family"] == f"aurora-postgresql{cluster['EngineVersion'].partition('.')[0]}"
    assert parameters["Parameters"]["rds.force_ssl"] == "1"
    assert made.of("RDS::DBProxy") == {}, "its connections would never let it sleep"


def test_what_postgresql_logs_quotes_no_row_and_is_encrypted(made: Resources) -> None:
    parameters = only(made, "RDS::DBClusterParameterGroup")["Parameters"]
    assert (parameters["log_error_verbosity"], parameters["log_min_error_statement"]) == ("terse", "panic")
    (cluster,) = made.of("RDS::DBCluster").values()
    name = f"/aws/rds/cluster/{cluster['Properties']['DBClusterIdentifier']}/postgresql"
    (logical,) = [key for key, each in made.of("Logs::LogGroup").items() if each["Properties"]["LogGroupName"] == name]
    assert logical in cluster["DependsOn"], "else RDS makes it itself"
    group = made.named("Logs::LogGroup", "LogGroupName")[name]
    assert group["RetentionInDays"] == 90
    assert group["KmsKeyId"]["Fn::GetAtt"][0] in made.of("KMS::Key")
    assert "DataProtectionPolicy" in group


def test_a_snapshot_outlives_the_database(made: Resources) -> None:
    (cluster,) = made.of("RDS::DBCluster").values()
    assert (cluster["DeletionPolicy"], cluster["UpdateReplacePolicy"]) == ("Snapshot", "Snapshot")


def test_the_network_has_subnets_in_two_zones_and_no_way_out(made: Resources) -> None:
    subnets = [each["Properties"] for each in made.of("EC2::Subnet").values()]
    assert len({str(each["AvailabilityZone"]) for each in subnets}) == 2
    assert not any(each["MapPublicIpOnLaunch"] for each in subnets)
    assert {each["Ref"] for each in only(made, "RDS::DBSubnetGroup")["SubnetIds"]} == set(made.of("EC2::Subnet"))
    tables = {
        each["Properties"]["RouteTableId"]["Ref"] for each in made.of("EC2::SubnetRouteTableAssociation").values()
    }
    assert tables == set(made.of("EC2::RouteTable"))
    for way in ("Route", "InternetGateway", "NatGateway", "VPCPeeringConnection", "VPNGateway"):
        assert made.of(f"EC2::{way}") == {}


def test_its_one_endpoint_is_free_and_lets_the_publisher_read_gold(made: Resources) -> None:
    endpoint = only(made, "EC2::VPCEndpoint")
    assert (endpoint["VpcEndpointType"], endpoint["ServiceName"]) == ("Gateway", f"com.amazonaws.{REGION}.s3")
    (statement,) = endpoint["PolicyDocument"]["Statement"]
    assert statement["Action"] == ["s3:GetObject", "s3:ListBucket"]
    bucket = made.arn_of("S3::Bucket", "BucketName", names.bucket(Layer.GOLD, "1234", REGION))["Fn::GetAtt"][0]
    assert [flat(each) for each in statement["Resource"]] == [f"<{bucket}>", f"<{bucket}>/*"]
    asked = statement["Condition"]["StringEquals"]
    assert flat(asked["aws:PrincipalArn"]) == f"arn:aws:iam::1234:role/{names.role(Stage.PUBLISH, REGION)}"
    assert asked["aws:ResourceAccount"] == {"Ref": "AWS::AccountId"}


def test_the_database_takes_connections_from_two_groups_and_makes_none(made: Resources) -> None:
    by_name = groups(made)
    assert only(made, "RDS::DBCluster")["VpcSecurityGroupIds"] == [{"Fn::GetAtt": [by_name["Database"], "GroupId"]}]
    rules = [each["Properties"] for each in made.of("EC2::SecurityGroupIngress").values()]
    assert {flat(rule["GroupId"]) for rule in rules} == {f"<{by_name['Database']}>"}
    assert {flat(rule["SourceSecurityGroupId"]) for rule in rules} == {
        f"<{by_name[name]}>" for name in ("Publisher", "Readers")
    }
    assert {(rule["FromPort"], rule["ToPort"], rule["IpProtocol"]) for rule in rules} == {(PORT, PORT, "tcp")}
    assert not any("CidrIp" in rule for rule in rules)
    egress = {name: made.of("EC2::SecurityGroup")[logical]["Properties"] for name, logical in by_name.items()}
    assert not any("SecurityGroupIngress" in each for each in egress.values())
    assert egress["Database"]["SecurityGroupEgress"] == [{"CidrIp": "127.0.0.1/32", "IpProtocol": "-1"}]
    to_database = {
        "DestinationSecurityGroupId": {"Fn::GetAtt": [by_name["Database"], "GroupId"]},
        "FromPort": PORT,
        "IpProtocol": "tcp",
        "ToPort": PORT,
    }
    s3 = {"DestinationPrefixListId": S3_PREFIX_LISTS[REGION], "FromPort": 443, "IpProtocol": "tcp", "ToPort": 443}
    assert egress["Publisher"]["SecurityGroupEgress"] == [to_database, s3]
    assert egress["Readers"]["SecurityGroupEgress"] == [to_database]


def test_connections_are_noted_and_the_notes_encrypted(made: Resources) -> None:
    flows = only(made, "EC2::FlowLog")
    assert (flows["ResourceId"]["Ref"], flows["TrafficType"]) == (next(iter(made.of("EC2::VPC"))), "ALL")
    role = made.named("IAM::Role", "RoleName")[names.role("flows", REGION)]
    (trust,) = role["AssumeRolePolicyDocument"]["Statement"]
    assert trust["Principal"] == {"Service": "vpc-flow-logs.amazonaws.com"}
    assert trust["Condition"] == {"StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}}
    group = made.named("Logs::LogGroup", "LogGroupName")[names.FLOW_LOG]
    assert group["RetentionInDays"] == 90
    assert group["KmsKeyId"]["Fn::GetAtt"][0] in made.of("KMS::Key")


def publish(resources: Resources) -> dict[str, Any]:
    return resources.named("Lambda::Function", "FunctionName")[names.function(Stage.PUBLISH)]


def test_the_function_is_in_the_network_and_knows_the_database(made: Resources) -> None:
    function, cluster = publish(made), next(iter(made.of("RDS::DBCluster")))
    assert function["VpcConfig"] == {
        "SecurityGroupIds": [{"Fn::GetAtt": [groups(made)["Publisher"], "GroupId"]}],
        "SubnetIds": [{"Ref": logical} for logical in made.of("EC2::Subnet")],
    }
    assert function["Environment"]["Variables"] == {
        "WATERSHED_ACCOUNT": {"Ref": "AWS::AccountId"},
        "WATERSHED_ATTEMPTS": "3",
        "WATERSHED_DATABASE_HOST": {"Fn::GetAtt": [cluster, "Endpoint.Address"]},
        "WATERSHED_DATABASE_PORT": {"Fn::GetAtt": [cluster, "Endpoint.Port"]},
        "WATERSHED_JURISDICTION": "DE,FR",
        "POWERTOOLS_LOG_LEVEL": "INFO",
        "POWERTOOLS_SERVICE_NAME": names.function(Stage.PUBLISH),
    }
    versions = {key: each["Properties"]["LayerName"] for key, each in made.of("Lambda::LayerVersion").items()}
    carried = [versions[layer["Ref"]] for layer in function["Layers"]]
    assert carried == [f"watershed-{layer}" for layer in FUNCTION_LAYERS[Stage.PUBLISH]]
    assert (function["MemorySize"], function["Timeout"]) == (1024, 900)


def test_gold_tells_it_and_its_queue_feeds_it(made: Resources) -> None:
    queue = made.arn_of("SQS::Queue", "QueueName", names.queue(Stage.PUBLISH))["Fn::GetAtt"][0]
    gold = made.named("Lambda::Function", "FunctionName")[names.function(Stage.GOLD)]
    assert gold["Environment"]["Variables"]["WATERSHED_PUBLISH_QUEUE_URL"] == {"Ref": queue}
    (mapping,) = [
        each["Properties"]
        for each in made.of("Lambda::EventSourceMapping").values()
        if each["Properties"]["EventSourceArn"]["Fn::GetAtt"][0] == queue
    ]
    assert (mapping["BatchSize"], mapping["ScalingConfig"]) == (10, {"MaximumConcurrency": 2})
    assert "MaximumBatchingWindowInSeconds" not in mapping
    assert mapping["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    redrive = made.named("SQS::Queue", "QueueName")[names.queue(Stage.PUBLISH)]["RedrivePolicy"]
    dead = made.arn_of("SQS::Queue", "QueueName", names.dead_letter_queue(Stage.PUBLISH))
    assert redrive == {"deadLetterTargetArn": dead, "maxReceiveCount": 3}


def test_alarms_watch_its_queues_and_its_size(made: Resources) -> None:
    alarms = made.named("CloudWatch::Alarm", "AlarmName")
    assert {"watershed-publish-dlq-given-up", "watershed-publish-waiting"} <= set(alarms)
    full = alarms["watershed-database-full"]
    assert (full["MetricName"], full["Threshold"], full["EvaluationPeriods"]) == ("ACUUtilization", 95, 3)
    assert full["Dimensions"] == [{"Name": "DBClusterIdentifier", "Value": names.DATABASE}]
    assert full["TreatMissingData"] == "notBreaching"
    (topic,) = made.of("SNS::Topic")
    assert full["AlarmActions"] == [{"Ref": topic}]


def test_outputs_say_where_it_is_and_whom_to_join(with_database: Mapping[str, Any], made: Resources) -> None:
    cluster, outputs = next(iter(made.of("RDS::DBCluster"))), with_database["Outputs"]
    assert {name: each["Value"] for name, each in outputs.items() if name.startswith("Database")} == {
        "DatabaseHost": {"Fn::GetAtt": [cluster, "Endpoint.Address"]},
        "DatabasePort": {"Fn::GetAtt": [cluster, "Endpoint.Port"]},
        "DatabaseSecret": {"Fn::GetAtt": [cluster, "MasterUserSecret.SecretArn"]},
        "DatabaseReadersGroup": {"Fn::GetAtt": [groups(made)["Readers"], "GroupId"]},
    }
