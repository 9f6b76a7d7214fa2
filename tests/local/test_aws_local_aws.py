"""The laptop's AWS as one object: assemblies, regions, schedules, the server, and the developer's settings kept out."""

from __future__ import annotations

import json
import os
import socket
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from watershed.errors import ConfigurationError

from local.aws import LocalAWS
from local.aws.errors import InvalidAssembly

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.local.conftest import Assembly

REGIONS = ("eu-central-1", "us-east-1", "ap-southeast-1")
BUCKET = {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": {"Fn::Sub": "lake-${AWS::AccountId}-${AWS::Region}"}}}


def test_regions_share_nothing(assembly: Assembly, function: Callable[..., dict[str, Any]]) -> None:
    queue = {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": "queue"}}
    with LocalAWS(account="210987654321") as aws:
        deployed = aws.deploy(assembly.write({"Bucket": BUCKET, "Queue": queue}, regions=REGIONS))
        assert [stack.region for stack in deployed] == list(REGIONS)
        assert all(stack.resources == 2 and stack.seconds > 0 for stack in deployed)
        aws.client("sqs", "us-east-1").send_message(
            QueueUrl=aws.client("sqs", "us-east-1").get_queue_url(QueueName="queue")["QueueUrl"], MessageBody="x"
        )
        url = aws.client("sqs", "eu-central-1").get_queue_url(QueueName="queue")["QueueUrl"]
        assert "Messages" not in aws.client("sqs", "eu-central-1").receive_message(QueueUrl=url)
        for region in REGIONS:
            aws.client("s3", region).head_bucket(Bucket=f"lake-210987654321-{region}")
        assert aws.client("sts", "us-east-1").get_caller_identity()["Account"] == "210987654321"


def test_nothing_is_left_and_only_one_runs_at_a_time(assembly: Assembly) -> None:
    folder = assembly.write({"Bucket": BUCKET})
    with LocalAWS() as aws:
        aws.deploy(folder)
        with pytest.raises(RuntimeError, match="Another LocalAWS"), LocalAWS():
            pass
        assert aws.client("s3", "us-east-1").list_buckets()["Buckets"]
    with LocalAWS() as aws:
        assert aws.client("s3", "us-east-1").list_buckets()["Buckets"] == []


def test_the_developers_settings_are_kept_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "production")
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", "https://production.example")
    before = dict(os.environ)
    with LocalAWS():
        assert boto3.client("s3", region_name="us-east-1").list_buckets()["Buckets"] == []
        assert "AWS_PROFILE" not in os.environ
    assert dict(os.environ) == before


def test_a_schedule_is_fired_by_name_at_the_clocks_time(assembly: Assembly) -> None:
    queue_arn = {"Fn::GetAtt": ["Queue", "Arn"]}
    schedule = {
        "ScheduleExpression": "rate(1 day)",
        "FlexibleTimeWindow": {"Mode": "OFF"},
        "Target": {
            "Arn": queue_arn,
            "RoleArn": "arn:aws:iam::1:role/r",
            "Input": '{"at": "<aws.scheduler.scheduled-time>"}',
        },
    }
    folder = assembly.write(
        {
            "Queue": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": "queue"}},
            "Group": {"Type": "AWS::Scheduler::ScheduleGroup", "Properties": {"Name": "lake"}},
            "Daily": {
                "Type": "AWS::Scheduler::Schedule",
                "Properties": {"Name": "daily", "GroupName": {"Ref": "Group"}, **schedule},
            },
            "Off": {"Type": "AWS::Scheduler::Schedule", "Properties": {"Name": "off", "State": "DISABLED", **schedule}},
        }
    )
    with LocalAWS(clock=lambda: datetime(2025, 1, 1, 2, tzinfo=UTC)) as aws:
        aws.deploy(folder)
        aws.fire_schedule("eu-central-1", "daily")
        aws.fire_schedule("eu-central-1", "off")
        sqs = aws.client("sqs", "eu-central-1")
        url = sqs.get_queue_url(QueueName="queue")["QueueUrl"]
        messages = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10)["Messages"]
        assert [json.loads(message["Body"]) for message in messages] == [{"at": "2025-01-01T02:00:00Z"}]
        with pytest.raises(LookupError, match="no schedule weekly"):
            aws.fire_schedule("eu-central-1", "weekly")


def test_the_server_serves_the_same_aws_on_loopback(assembly: Assembly) -> None:
    with LocalAWS(port=0) as aws:
        aws.deploy(assembly.write({"Bucket": BUCKET}))
        assert aws.endpoint.startswith("http://127.0.0.1:")
        s3 = boto3.client(
            "s3",
            region_name="eu-central-1",
            endpoint_url=aws.endpoint,
            aws_access_key_id="anyone",
            aws_secret_access_key="x",
        )
        bucket = f"lake-{aws.account}-eu-central-1"
        s3.put_object(Bucket=bucket, Key="k", Body=b"over http")
        assert aws.client("s3", "eu-central-1").get_object(Bucket=bucket, Key="k")["Body"].read() == b"over http"
        endpoint = aws.endpoint
    with pytest.raises(OSError, match="refused"):
        urllib.request.urlopen(endpoint, timeout=2)  # noqa: S310 - our own address


def test_clients_over_http_send_while_functions_run(
    assembly: Assembly, function: Callable[..., dict[str, Any]], queue: Callable[..., dict[str, Any]]
) -> None:
    code = """
import boto3
s3 = boto3.client("s3")
def handler(event, context):
    for record in event["Records"]:
        s3.put_object(Bucket="done", Key=record["body"], Body=b"x")
"""
    done = {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": "done"}}
    with LocalAWS(account="210987654321", port=0) as aws:
        aws.deploy(assembly.write({**function(code), **queue("work", BatchSize=3), "Done": done}))
        make: Any = boto3.client
        keys = {"aws_access_key_id": "anyone", "aws_secret_access_key": "x"}
        sqs = make("sqs", region_name="eu-central-1", endpoint_url=aws.endpoint, **keys)
        url = sqs.get_queue_url(QueueName="queue")["QueueUrl"]
        assert "210987654321" in url

        def send(start: int) -> None:
            for number in range(start, start + 25):
                sqs.send_message(QueueUrl=url, MessageBody=str(number))

        with ThreadPoolExecutor(4) as pool:
            sending = [pool.submit(send, 25 * number) for number in range(4)]
            while not all(each.done() for each in sending):
                aws.pump()
            for each in sending:
                each.result()
        aws.pump()
        assert aws.client("s3", "eu-central-1").list_objects_v2(Bucket="done")["KeyCount"] == 100


def test_a_port_that_is_taken_is_refused() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(ConfigurationError, match=f"Port {port} on 127.0.0.1 cannot be used"), LocalAWS(port=port):
            pass
    with LocalAWS() as aws, pytest.raises(RuntimeError, match="serves no HTTP"):
        aws.endpoint  # noqa: B018 - reading it is what is tested


def test_a_port_that_no_machine_has_is_refused() -> None:
    with pytest.raises(ConfigurationError, match=r"Port 99999 on 127.0.0.1 cannot be used"), LocalAWS(port=99999):
        pass


def test_a_folder_without_an_assembly_is_refused(tmp_path: Path) -> None:
    with LocalAWS() as aws, pytest.raises(InvalidAssembly, match="holds no cloud assembly"):
        aws.deploy(tmp_path)


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"environment": "aws://unknown-account/unknown-region"}, "has no region"),
        ({"type": "cdk:cloud-assembly"}, "nests Stack-eu-central-1"),
    ],
)
def test_assemblies_that_cannot_be_deployed_are_refused(change: dict[str, str], fault: str, assembly: Assembly) -> None:
    folder = assembly.write({"Bucket": BUCKET})
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest["artifacts"]["Stack-eu-central-1"] |= change
    (folder / "manifest.json").write_text(json.dumps(manifest))
    with LocalAWS() as aws, pytest.raises(InvalidAssembly, match=fault):
        aws.deploy(folder)


def test_a_dropped_file_reaches_the_function_of_its_region(
    assembly: Assembly, function: Callable[..., dict[str, Any]], queue: Callable[..., dict[str, Any]]
) -> None:
    code = """
import boto3, json, os, urllib.parse
s3 = boto3.client("s3")
def handler(event, context):
    for record in event["Records"]:
        for created in json.loads(record["body"]).get("Records", []):
            item = created["s3"]["object"]
            key = urllib.parse.unquote_plus(item["key"])
            found = s3.get_object(Bucket=created["s3"]["bucket"]["name"], Key=key, VersionId=item["versionId"])
            s3.put_object(Bucket=os.environ["OUT"], Key=key, Body=found["Body"].read().upper())
"""
    allow = {
        "Effect": "Allow",
        "Principal": {"Service": "s3.amazonaws.com"},
        "Action": "sqs:SendMessage",
        "Resource": "*",
    }
    notify = {"QueueConfigurations": [{"Event": "s3:ObjectCreated:*", "Queue": {"Fn::GetAtt": ["Queue", "Arn"]}}]}
    properties = {
        "BucketName": {"Fn::Sub": "raw-${AWS::Region}"},
        "VersioningConfiguration": {"Status": "Enabled"},
        "NotificationConfiguration": notify,
    }
    folder = assembly.write(
        {
            **function(code, Environment={"Variables": {"OUT": {"Ref": "Bucket"}}}),
            **queue("work"),
            "Bucket": BUCKET,
            "Policy": {
                "Type": "AWS::SQS::QueuePolicy",
                "Properties": {"Queues": [{"Ref": "Queue"}], "PolicyDocument": {"Statement": [allow]}},
            },
            "Raw": {"Type": "AWS::S3::Bucket", "DependsOn": "Policy", "Properties": properties},
        },
        regions=REGIONS,
    )
    with LocalAWS() as aws:
        aws.deploy(folder)
        for region in REGIONS:
            aws.client("s3", region).put_object(Bucket=f"raw-{region}", Key=f"in/ä {region}.csv", Body=region.encode())
        report = aws.pump()
        assert report.clean
        for region in REGIONS:
            key = f"in/ä {region}.csv"
            found = aws.client("s3", region).get_object(Bucket=f"lake-{aws.account}-{region}", Key=key)["Body"].read()
            assert found.decode() == region.upper()
