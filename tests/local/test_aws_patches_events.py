"""Patches of events: what plain moto does, which must still be wrong, and what it does with the patch."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote_plus

import pytest
from botocore.exceptions import ClientError
from moto.sqs.exceptions import QueueDoesNotExist

if TYPE_CHECKING:
    from local.aws import LocalAWS
REGION = "eu-central-1"
HERE = {"CreateBucketConfiguration": {"LocationConstraint": REGION}}
Client = Callable[[str], Any]


# s3.skip_conditional_statements


def get_under_a_policy_that_denies_plain_http(client: Client) -> None:
    s3 = client("s3")
    s3.create_bucket(Bucket="bucket", **HERE)
    s3.put_object(Bucket="bucket", Key="key", Body=b"x")
    deny = {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*"}
    conditional = {**deny, "Condition": {"Bool": {"aws:SecureTransport": "false"}}}
    policy = {"Version": "2012-10-17", "Statement": [conditional]}
    s3.put_bucket_policy(Bucket="bucket", Policy=json.dumps(policy))
    s3.get_object(Bucket="bucket", Key="key")
    assert json.loads(s3.get_bucket_policy(Bucket="bucket")["Policy"]) == policy


def test_plain_moto_ignores_conditions(plain: Client) -> None:
    with pytest.raises(ClientError, match="403"):
        get_under_a_policy_that_denies_plain_http(plain)


def test_conditional_statements_are_skipped_and_others_enforced(patched: Client) -> None:
    get_under_a_policy_that_denies_plain_http(patched)
    deny = {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [deny]})
    patched("s3").put_bucket_policy(Bucket="bucket", Policy=policy)
    with pytest.raises(ClientError, match="403"):
        patched("s3").get_object(Bucket="bucket", Key="key")


# s3.complete_notifications and s3.announce_uploads_once


def notify(client: Client) -> list[dict[str, Any]]:
    """The records of five created objects: put twice, put with an odd key, copied, uploaded in parts."""
    s3, sqs = client("s3"), client("sqs")
    url = sqs.create_queue(QueueName="queue")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    s3.create_bucket(Bucket="bucket", **HERE)
    s3.put_bucket_versioning(Bucket="bucket", VersioningConfiguration={"Status": "Enabled"})
    configuration = {"QueueConfigurations": [{"QueueArn": arn, "Events": ["s3:ObjectCreated:*"]}]}
    s3.put_bucket_notification_configuration(Bucket="bucket", NotificationConfiguration=configuration)
    s3.put_object(Bucket="bucket", Key="a", Body=b"1", Tagging="k=v")
    s3.put_object(Bucket="bucket", Key="a", Body=b"22")
    s3.put_object(Bucket="bucket", Key="dir/ä b+c.csv", Body=b"x")
    s3.copy_object(Bucket="bucket", Key="copy", CopySource="bucket/a")
    upload = s3.create_multipart_upload(Bucket="bucket", Key="parts")["UploadId"]
    part = s3.upload_part(Bucket="bucket", Key="parts", UploadId=upload, PartNumber=1, Body=b"x")
    s3.complete_multipart_upload(
        Bucket="bucket",
        Key="parts",
        UploadId=upload,
        MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]},
    )
    bodies = []
    while messages := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", []):
        bodies += [json.loads(message["Body"]) for message in messages]
    assert bodies[0]["Event"] == "s3:TestEvent"
    return [body["Records"][0] for body in bodies[1:]]


def test_plain_moto_sends_no_version_and_no_sequencer(plain: Client) -> None:
    records = notify(plain)
    assert [record["eventName"] for record in records].count("ObjectCreated:Put") == 4, "three puts and one upload"
    assert all("versionId" not in record["s3"]["object"] for record in records)
    assert all("sequencer" not in record["s3"]["object"] for record in records)
    assert "%2F" in records[2]["s3"]["object"]["key"]


def test_notifications_are_complete(patched: Client) -> None:
    records = notify(patched)
    objects = [record["s3"]["object"] for record in records]
    created = ["Put", "Put", "Put", "Copy", "CompleteMultipartUpload"]
    assert [record["eventName"] for record in records] == [f"ObjectCreated:{name}" for name in created]
    assert objects[2]["key"] == "dir/%C3%A4+b%2Bc.csv"
    assert unquote_plus(objects[2]["key"]) == "dir/ä b+c.csv"
    versions = [
        patched("s3").head_object(Bucket="bucket", Key=unquote_plus(item["key"]))["VersionId"] for item in objects
    ]
    assert [item["versionId"] for item in objects[1:]] == versions[1:]
    assert objects[0]["versionId"] != objects[1]["versionId"]
    sequence = [item["sequencer"] for item in objects]
    assert sequence == sorted(set(sequence))
    head = patched("s3").head_object(Bucket="bucket", Key="parts")
    assert records[-1]["eventTime"].startswith(f"{head['LastModified']:%Y-%m-%dT%H:%M:%S}")
    assert records[-1]["eventTime"].endswith("Z")


def test_objects_of_an_unversioned_bucket_have_no_version(patched: Client) -> None:
    s3, sqs = patched("s3"), patched("sqs")
    url = sqs.create_queue(QueueName="queue")["QueueUrl"]
    s3.create_bucket(Bucket="bucket", **HERE)
    arn = f"arn:aws:sqs:{REGION}:123456789012:queue"
    configuration = {"QueueConfigurations": [{"QueueArn": arn, "Events": ["s3:ObjectCreated:*"]}]}
    s3.put_bucket_notification_configuration(Bucket="bucket", NotificationConfiguration=configuration)
    s3.put_object(Bucket="bucket", Key="a", Body=b"1")
    messages = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10)["Messages"]
    assert "versionId" not in json.loads(messages[1]["Body"])["Records"][0]["s3"]["object"]


def test_a_notification_that_cannot_be_delivered_is_not_hidden(patched: Client) -> None:
    s3, sqs = patched("s3"), patched("sqs")
    url = sqs.create_queue(QueueName="queue")["QueueUrl"]
    s3.create_bucket(Bucket="bucket", **HERE)
    arn = f"arn:aws:sqs:{REGION}:123456789012:queue"
    configuration = {"QueueConfigurations": [{"QueueArn": arn, "Events": ["s3:ObjectCreated:*"]}]}
    s3.put_bucket_notification_configuration(Bucket="bucket", NotificationConfiguration=configuration)
    sqs.delete_queue(QueueUrl=url)
    with pytest.raises(QueueDoesNotExist):
        s3.put_object(Bucket="bucket", Key="a", Body=b"1")


# s3.correct_event_bridge_events and eventbridge.deliver_to_all_targets


def events_of_two_puts(client: Client, **target: Any) -> list[dict[str, Any]]:
    s3, sqs, events = client("s3"), client("sqs"), client("events")
    url = sqs.create_queue(QueueName="queue")["QueueUrl"]
    arn = f"arn:aws:sqs:{REGION}:123456789012:queue"
    s3.create_bucket(Bucket="bucket", **HERE)
    s3.put_bucket_notification_configuration(
        Bucket="bucket", NotificationConfiguration={"EventBridgeConfiguration": {}}
    )
    events.put_rule(Name="rule", EventPattern=json.dumps({"source": ["aws.s3"]}))
    events.put_targets(Rule="rule", Targets=[{"Id": "one", "Arn": arn, **target}])
    s3.put_object(Bucket="bucket", Key="a/b", Body=b"1")
    s3.put_object(Bucket="bucket", Key="a/b", Body=b"22")
    found = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
    return [json.loads(message["Body"]) for message in found]


def test_plain_moto_repeats_ids_and_claims_tags(plain: Client) -> None:
    events = events_of_two_puts(plain)
    assert len({event["id"] for event in events}) == 1
    assert [event["detail-type"] for event in events].count("Object Tags Added") == 2


def test_event_bridge_events_are_told_apart(patched: Client) -> None:
    events = events_of_two_puts(patched)
    assert [event["detail-type"] for event in events] == ["Object Created"] * 2
    assert len({event["id"] for event in events}) == 2
    assert events[0]["detail"]["object"]["sequencer"] < events[1]["detail"]["object"]["sequencer"]
    assert events[0]["detail"]["reason"] == "PutObject"
    assert events[0]["detail"]["object"]["key"] == "a/b"


@pytest.mark.parametrize(
    ("target", "expected"),
    [({"Input": '{"fixed": 1}'}, {"fixed": 1}), ({"InputPath": "$.detail.bucket"}, {"name": "bucket"})],
)
def test_inputs_of_targets(target: dict[str, str], expected: Any, patched: Client) -> None:
    assert events_of_two_puts(patched, **target) == [expected] * 2


def test_plain_moto_ignores_the_input_of_a_target(plain: Client) -> None:
    assert events_of_two_puts(plain, Input='{"fixed": 1}')[0]["source"] == "aws.s3"


def put_event(client: Client, arn: str, *, state: str = "ENABLED", **rule: str) -> None:
    events = client("events")
    events.put_rule(Name="rule", State=state, **(rule or {"EventPattern": json.dumps({"source": ["shop"]})}))
    events.put_targets(Rule="rule", Targets=[{"Id": "one", "Arn": arn}])
    events.put_events(Entries=[{"Source": "shop", "DetailType": "sold", "Detail": '{"n": 1}'}])


def test_plain_moto_knows_no_functions_as_targets(plain: Client) -> None:
    with pytest.raises(NotImplementedError):
        put_event(plain, f"arn:aws:lambda:{REGION}:123456789012:function:work")


def test_functions_topics_and_state_machines_are_targets(
    aws: LocalAWS, patched: Client, deploy: Callable[..., None], function: Callable[..., dict[str, Any]]
) -> None:
    deploy(function("def handler(event, context): return event['detail']"))
    put_event(patched, f"arn:aws:lambda:{REGION}:{aws.account}:function:work")
    assert not aws.invocations, "asynchronous"
    assert aws.pump().invocations == {f"{REGION}/work": 1}
    assert json.loads(aws.invocations[0].payload) == {"n": 1}
    url = patched("sqs").create_queue(QueueName="queue")["QueueUrl"]
    topic = patched("sns").create_topic(Name="topic")["TopicArn"]
    queue_arn = f"arn:aws:sqs:{REGION}:{aws.account}:queue"
    patched("sns").subscribe(TopicArn=topic, Protocol="sqs", Endpoint=queue_arn)
    put_event(patched, topic)
    assert "sold" in patched("sqs").receive_message(QueueUrl=url)["Messages"][0]["Body"]
    machine = patched("stepfunctions").create_state_machine(
        name="machine",
        definition=json.dumps({"StartAt": "Go", "States": {"Go": {"Type": "Pass", "End": True}}}),
        roleArn=f"arn:aws:iam::{aws.account}:role/role",
    )["stateMachineArn"]
    put_event(patched, machine)
    deadline = time.monotonic() + 10
    while True:
        (execution,) = patched("stepfunctions").list_executions(stateMachineArn=machine)["executions"]
        if execution["status"] != "RUNNING" or time.monotonic() > deadline:
            break
        time.sleep(0.02)
    assert execution["status"] == "SUCCEEDED"


@pytest.mark.parametrize("rule", [{"state": "DISABLED"}, {"ScheduleExpression": "rate(1 day)"}])
def test_disabled_rules_and_schedules_do_not_match_events(rule: dict[str, str], plain: Client) -> None:
    url = plain("sqs").create_queue(QueueName="queue")["QueueUrl"]
    put_event(plain, f"arn:aws:sqs:{REGION}:123456789012:queue", **rule)
    assert "Messages" in plain("sqs").receive_message(QueueUrl=url), "moto has changed: review the patch"


@pytest.mark.parametrize("rule", [{"state": "DISABLED"}, {"ScheduleExpression": "rate(1 day)"}])
def test_disabled_rules_and_schedules_match_nothing(rule: dict[str, str], patched: Client) -> None:
    url = patched("sqs").create_queue(QueueName="queue")["QueueUrl"]
    put_event(patched, f"arn:aws:sqs:{REGION}:123456789012:queue", **rule)
    assert "Messages" not in patched("sqs").receive_message(QueueUrl=url)
