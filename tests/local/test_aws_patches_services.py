"""Patches of services: what plain moto does, which must still be wrong, and what it does with the patch."""

from __future__ import annotations

import itertools
import json
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError
from moto.core import utils

from local.aws.patches.all_patches import PATCHES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from local.aws import LocalAWS
REGION = "eu-central-1"
Client = Callable[[str], Any]


def test_every_patch_says_what_moto_lacks() -> None:
    assert all(patch.__doc__ and "oto" in patch.__doc__ for patch in PATCHES)


# sqs.lock_queues


def lost_messages(client: Client) -> int:
    """How many messages are lost while one thread sends and another receives and deletes."""
    sqs = client("sqs")
    url = sqs.create_queue(QueueName="queue")["QueueUrl"]
    from moto.sqs.models import Queue, sqs_backends

    queue = next(iter(sqs_backends["123456789012"][REGION].queues.values()))
    assert isinstance(queue, Queue)
    sqs.send_message(QueueUrl=url, MessageBody="first")
    receipt = sqs.receive_message(QueueUrl=url)["Messages"][0]["ReceiptHandle"]
    passes, inside, sent = itertools.count(1), threading.Event(), threading.Event()

    class Slow(list[Any]):
        """A list of messages that is copied, in the second pass of a deletion, while another message is sent."""

        def __iter__(self) -> Iterator[Any]:
            yield from super().__iter__()
            if threading.current_thread() is not threading.main_thread() and next(passes) == 1:
                inside.set()
                sent.wait(0.5)

    queue._messages = Slow(queue._messages)
    with ThreadPoolExecutor(1) as pool:
        deleted = pool.submit(queue.delete_message, receipt)
        inside.wait(1)
        sqs.send_message(QueueUrl=url, MessageBody="second")
        sent.set()
        deleted.result()
    return 1 - len(queue._messages)


def test_plain_moto_loses_a_message_that_is_sent_during_a_deletion(plain: Client) -> None:
    assert lost_messages(plain) == 1


def test_no_message_is_lost_during_a_deletion(patched: Client) -> None:
    assert lost_messages(patched) == 0


def test_long_polling_does_not_hold_the_lock(patched: Client) -> None:
    sqs = patched("sqs")
    url = sqs.create_queue(QueueName="queue")["QueueUrl"]
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(sqs.receive_message, QueueUrl=url, WaitTimeSeconds=10)
        time.sleep(0.05)
        started = time.monotonic()
        sqs.send_message(QueueUrl=url, MessageBody="x")
        assert waiting.result()["Messages"][0]["Body"] == "x"
        assert time.monotonic() - started < 3


# sqs.show_at_once


def received_after_all_were_given_back(client: Client, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The bodies that are received, in order, when the clock does not tick after three messages were given back."""
    from moto.sqs import models

    sqs = client("sqs")
    url = sqs.create_queue(QueueName="queue.fifo", Attributes={"FifoQueue": "true"})["QueueUrl"]
    for number in range(4):
        sqs.send_message(QueueUrl=url, MessageBody=str(number), MessageGroupId="g", MessageDeduplicationId=str(number))
    now = models.unix_time_millis() + 1
    monkeypatch.setattr(models, "unix_time_millis", lambda: now)
    for message in sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=3)["Messages"]:
        sqs.change_message_visibility(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"], VisibilityTimeout=0)
    return [message["Body"] for message in sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=4).get("Messages", [])]


def test_plain_moto_holds_a_group_back_until_its_clock_ticks(plain: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    assert received_after_all_were_given_back(plain, monkeypatch) == []


def test_what_is_given_back_comes_first(patched: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    assert received_after_all_were_given_back(patched, monkeypatch) == ["0", "1", "2", "3"]


# sqs.remember_deduplication_ids


def send_again_after_deletion(client: Client) -> int:
    sqs = client("sqs")
    url = sqs.create_queue(QueueName="queue.fifo", Attributes={"FifoQueue": "true"})["QueueUrl"]
    for _ in range(2):
        sqs.send_message(QueueUrl=url, MessageBody="x", MessageGroupId="g", MessageDeduplicationId="same")
        for message in sqs.receive_message(QueueUrl=url).get("Messages", []):
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
            last = message
    sqs.send_message(QueueUrl=url, MessageBody=last["Body"], MessageGroupId="g", MessageDeduplicationId="same")
    return len(sqs.receive_message(QueueUrl=url).get("Messages", []))


def test_plain_moto_forgets_deduplication_ids(plain: Client) -> None:
    assert send_again_after_deletion(plain) == 1


def test_deduplication_ids_are_remembered(patched: Client) -> None:
    assert send_again_after_deletion(patched) == 0


def test_a_dead_letter_is_never_dropped_as_a_duplicate(aws: LocalAWS, patched: Client) -> None:
    sqs = patched("sqs")
    sqs.create_queue(QueueName="dlq.fifo", Attributes={"FifoQueue": "true"})
    redrive = {"deadLetterTargetArn": f"arn:aws:sqs:{REGION}:{aws.account}:dlq.fifo", "maxReceiveCount": 1}
    attributes = {"FifoQueue": "true", "RedrivePolicy": json.dumps(redrive), "VisibilityTimeout": "0"}
    url = sqs.create_queue(QueueName="queue.fifo", Attributes=attributes)["QueueUrl"]
    for _ in range(2):
        aws.forget_deduplication(REGION)
        sqs.send_message(QueueUrl=url, MessageBody="x", MessageGroupId="g", MessageDeduplicationId="same")
        for _ in range(2):
            sqs.receive_message(QueueUrl=url)
            time.sleep(0.005)
    dead = sqs.get_queue_url(QueueName="dlq.fifo")["QueueUrl"]
    attributes = sqs.get_queue_attributes(QueueUrl=dead, AttributeNames=["ApproximateNumberOfMessages"])["Attributes"]
    assert attributes["ApproximateNumberOfMessages"] == "2"


# sqs.poll_instead_of_push, functions.*


def function(client: Client, **named: Any) -> str:
    import io
    import zipfile

    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("index.py", "def handler(event, context): return {'handled': event}")
    role = client("iam").create_role(RoleName="role", AssumeRolePolicyDocument=json.dumps({"Statement": []}))["Role"][
        "Arn"
    ]
    settings = {
        "Runtime": "python3.13",
        "Handler": "index.handler",
        "Role": role,
        "Code": {"ZipFile": packed.getvalue()},
    }
    arn: str = client("lambda").create_function(FunctionName="work", **settings, **named)["FunctionArn"]
    return arn


def test_a_mapping_does_not_run_its_function_while_a_message_is_sent(aws: LocalAWS, patched: Client) -> None:
    from moto.sqs.models import Queue

    arn = function(patched)
    url = patched("sqs").create_queue(QueueName="queue")["QueueUrl"]
    source = f"arn:aws:sqs:{REGION}:{aws.account}:queue"
    patched("lambda").create_event_source_mapping(EventSourceArn=source, FunctionName=arn)
    patched("sqs").send_message(QueueUrl=url, MessageBody="x")
    assert not aws.invocations
    assert aws.pump([REGION]).invocations == {f"{REGION}/work": 1}
    assert "lambda_event_source_mappings" in vars(Queue)


def test_plain_moto_serves_mappings_inside_send_message(plain: Client) -> None:
    from moto.sqs.models import sqs_backends

    arn = function(plain)
    plain("sqs").create_queue(QueueName="queue")
    source = f"arn:aws:sqs:{REGION}:123456789012:queue"
    plain("lambda").create_event_source_mapping(EventSourceArn=source, FunctionName=arn)
    (queue,) = sqs_backends["123456789012"][REGION].queues.values()
    assert list(queue.lambda_event_source_mappings) == [arn], "moto has changed: review the patch"


def test_plain_moto_never_runs_a_function(plain: Client) -> None:
    function(plain)
    answer = plain("lambda").invoke(FunctionName="work", Payload=json.dumps({"a": 1}))
    assert json.load(answer["Payload"]) == {"a": 1}


def test_functions_are_run(patched: Client) -> None:
    function(patched)
    answer = patched("lambda").invoke(FunctionName="work", Payload=json.dumps({"a": 1}))
    assert json.load(answer["Payload"]) == {"handled": {"a": 1}}


def test_plain_moto_drops_the_logging_configuration(plain: Client) -> None:
    function(plain, LoggingConfig={"LogFormat": "JSON"})
    assert "LoggingConfig" not in plain("lambda").get_function_configuration(FunctionName="work")


def test_settings_are_kept_and_updated(patched: Client) -> None:
    function(patched, LoggingConfig={"LogFormat": "JSON", "LogGroup": "/lake/work"})
    client = patched("lambda")
    kept = client.get_function_configuration(FunctionName="work")
    assert kept["LoggingConfig"] == {"LogFormat": "JSON", "LogGroup": "/lake/work"}
    changes = {
        "TracingConfig": {"Mode": "Active"},
        "EphemeralStorage": {"Size": 1024},
        "LoggingConfig": {"LogFormat": "Text"},
    }
    client.update_function_configuration(FunctionName="work", **changes)
    kept = client.get_function_configuration(FunctionName="work")
    assert kept["TracingConfig"] == {"Mode": "Active"}
    assert kept["EphemeralStorage"] == {"Size": 1024}
    assert kept["LoggingConfig"]["LogFormat"] == "Text"


# glue.enforce_table_versions


def update_with_a_stale_version(client: Client) -> None:
    glue = client("glue")
    glue.create_database(DatabaseInput={"Name": "db"})
    glue.create_table(DatabaseName="db", TableInput={"Name": "t", "Parameters": {"n": "0"}})
    stale = glue.get_table(DatabaseName="db", Name="t")["Table"]["VersionId"]
    table = {"Name": "t", "Parameters": {"n": "1"}}
    glue.update_table(DatabaseName="db", TableInput=table, VersionId=stale)
    glue.update_table(DatabaseName="db", TableInput={**table, "Parameters": {"n": "2"}}, VersionId=stale)


def test_plain_moto_accepts_a_stale_version(plain: Client) -> None:
    update_with_a_stale_version(plain)


def test_a_stale_version_is_a_concurrent_modification(patched: Client) -> None:
    with pytest.raises(ClientError, match="ConcurrentModificationException"):
        update_with_a_stale_version(patched)
    glue = patched("glue")
    assert glue.get_table(DatabaseName="db", Name="t")["Table"]["Parameters"] == {"n": "1"}
    glue.update_table(DatabaseName="db", TableInput={"Name": "t", "Parameters": {"n": "3"}})


def test_of_concurrent_updates_of_one_version_exactly_one_wins(patched: Client) -> None:
    glue = patched("glue")
    glue.create_database(DatabaseInput={"Name": "db"})
    glue.create_table(DatabaseName="db", TableInput={"Name": "t"})
    version = glue.get_table(DatabaseName="db", Name="t")["Table"]["VersionId"]

    def update(number: int) -> bool:
        table = {"Name": "t", "Parameters": {"n": str(number)}}
        try:
            glue.update_table(DatabaseName="db", TableInput=table, VersionId=version)
        except glue.exceptions.ConcurrentModificationException:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(update, range(24))) == 1


# cloudformation.use_handlers


def test_plain_moto_skips_unknown_types_with_a_warning(plain: Client) -> None:
    template = {"Resources": {"Policy": {"Type": "AWS::S3::BucketPolicy", "Properties": {}}}}
    with pytest.warns(UserWarning, match="not supported by moto"):
        plain("cloudformation").create_stack(StackName="s", TemplateBody=json.dumps(template))


def test_plain_moto_drops_properties(plain: Client) -> None:
    properties = {"BucketName": "bucket", "VersioningConfiguration": {"Status": "Enabled"}}
    template = {"Resources": {"Bucket": {"Type": "AWS::S3::Bucket", "Properties": properties}}}
    plain("cloudformation").create_stack(StackName="s", TemplateBody=json.dumps(template))
    assert "Status" not in plain("s3").get_bucket_versioning(Bucket="bucket")


# core.share_service_models


def test_service_models_are_parsed_once(patched: Client) -> None:
    from moto.core import utils

    client = patched("glue")
    assert utils._load_service_model("glue", "service-2") is utils._load_service_model("glue", "service-2")
    operations = utils._load_service_model("glue", "service-2")["operations"]
    assert operations["GetTable"] is client.meta.service_model._service_description["operations"]["GetTable"]


def test_a_model_that_moto_completes_stays_complete(patched: Client) -> None:
    """Without moto's additions it does not find its own errors, and warns; warnings are errors here."""
    from moto.core import utils

    utils.get_service_model.cache_clear()
    assert utils._load_service_model("sqs", "service-2") is utils._load_service_model("sqs", "service-2")
    sqs = patched("sqs")
    with pytest.raises(sqs.exceptions.QueueDoesNotExist):
        sqs.send_message(QueueUrl="https://sqs.eu-central-1.amazonaws.com/123456789012/none", MessageBody="")


def test_plain_moto_parses_service_models_again(plain: Client) -> None:
    from moto.core import utils

    assert utils._load_service_model("sqs", "service-2") is not utils._load_service_model("sqs", "service-2")


# sqs.prefer_one_group


def first_batch_of_a_backlog(client: Client) -> list[str]:
    sqs = client("sqs")
    url = sqs.create_queue(QueueName="queue.fifo", Attributes={"FifoQueue": "true"})["QueueUrl"]
    for number, group in enumerate("abcabc"):
        sqs.send_message(
            QueueUrl=url, MessageBody=f"{group}{number}", MessageGroupId=group, MessageDeduplicationId=str(number)
        )
    return [message["Body"] for message in sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=3)["Messages"]]


def test_plain_moto_mixes_groups(plain: Client) -> None:
    assert first_batch_of_a_backlog(plain) == ["a0", "b1", "c2"]


def test_a_batch_is_of_one_group_as_far_as_it_goes(patched: Client) -> None:
    assert first_batch_of_a_backlog(patched) == ["a0", "a3", "b1"]


# sqs.read_the_clock_cheaply


def dates_made(client: Client, monkeypatch: pytest.MonkeyPatch) -> int:
    """How many dates moto makes to tell how many messages are in a queue of twenty."""
    sqs, made = client("sqs"), 0
    url = sqs.create_queue(QueueName="queue")["QueueUrl"]
    for number in range(20):
        sqs.send_message(QueueUrl=url, MessageBody=str(number), DelaySeconds=number % 2 * 60)
    utcnow = utils.utcnow

    def counted() -> Any:
        nonlocal made
        made += 1
        return utcnow()

    monkeypatch.setattr(utils, "utcnow", counted)
    counts = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    assert (counts["ApproximateNumberOfMessages"], counts["ApproximateNumberOfMessagesDelayed"]) == ("10", "10")
    return made


def test_plain_moto_makes_dates_for_every_message(plain: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    assert dates_made(plain, monkeypatch) >= 20


def test_a_long_queue_needs_no_dates(patched: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    assert dates_made(patched, monkeypatch) < 5
