"""The pump: batches, partial failures, order within groups, redrive to dead-letter queues, repeats and shuffles."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from local.aws import Deliveries, LocalAWS

if TYPE_CHECKING:
    from tests.local.conftest import Assembly

REGION = "eu-central-1"
Resources = Callable[..., dict[str, Any]]

# Fails messages that say "fail", raises on "raise"; answers with the bodies that it was given.
WORK = """
def handler(event, context):
    bodies = [record["body"] for record in event["Records"]]
    print("BODIES " + repr(bodies))
    if any("raise" in body for body in bodies):
        raise RuntimeError("told to")
    failed = [record["messageId"] for record in event["Records"] if "fail" in record["body"]]
    return {"batchItemFailures": [{"itemIdentifier": each} for each in failed]}
"""


def batches(aws: LocalAWS) -> list[list[str]]:
    """The bodies of each invocation, in order."""
    lines = [line for run in aws.invocations for line in run.log.splitlines() if line.startswith("BODIES ")]
    return [json.loads(line.removeprefix("BODIES ").replace("'", '"')) for line in lines]


def send(aws: LocalAWS, *bodies: str, queue: str = "queue", group: str | None = None) -> None:
    sqs = aws.client("sqs", REGION)
    url = sqs.get_queue_url(QueueName=queue)["QueueUrl"]
    for body in bodies:
        fifo = {"MessageGroupId": group, "MessageDeduplicationId": body} if group else {}
        sqs.send_message(QueueUrl=url, MessageBody=body, **fifo)


def waiting(aws: LocalAWS, queue: str) -> int:
    sqs = aws.client("sqs", REGION)
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    answer = sqs.get_queue_attributes(QueueUrl=sqs.get_queue_url(QueueName=queue)["QueueUrl"], AttributeNames=names)[
        "Attributes"
    ]
    return sum(int(answer[name]) for name in names)


def test_messages_come_in_batches_and_are_deleted(
    aws: LocalAWS, deploy: Callable[..., None], function: Resources, queue: Resources
) -> None:
    deploy({**function(WORK), **queue("work", BatchSize=4)})
    send(aws, *(str(number) for number in range(10)))
    report = aws.pump()
    assert [len(batch) for batch in batches(aws)] == [4, 4, 2]
    assert report.invocations == {f"{REGION}/work": 3}
    assert report.messages == {f"{REGION}/work": 10}
    assert report.clean
    assert waiting(aws, "queue") == 0


def test_a_big_batch_takes_more_than_one_receive(
    aws: LocalAWS, deploy: Callable[..., None], function: Resources, queue: Resources
) -> None:
    deploy({**function(WORK), **queue("work", BatchSize=25, MaximumBatchingWindowInSeconds=5)})
    send(aws, *(str(number) for number in range(30)))
    aws.pump()
    assert [len(batch) for batch in batches(aws)] == [25, 5]


def test_a_partial_failure_is_delivered_again_alone_and_ends_in_the_dead_letter_queue(
    aws: LocalAWS, deploy: Callable[..., None], function: Resources, queue: Resources
) -> None:
    deploy({**function(WORK), **queue("work", receives=3)})
    send(aws, "a", "fail", "b")
    report = aws.pump()
    assert batches(aws) == [["a", "fail", "b"], ["fail"], ["fail"]]
    assert report.partial_failures == {f"{REGION}/work": 3}
    assert [(letter.queue, letter.body, letter.receives) for letter in report.dead_letters] == [
        ("queue-dlq", "fail", 3)
    ]
    assert not report.errors
    assert not aws.pump().dead_letters, "a dead letter is reported once"


def test_an_error_fails_the_whole_batch_and_is_reported_with_its_traceback(
    aws: LocalAWS, deploy: Callable[..., None], function: Resources, queue: Resources
) -> None:
    deploy({**function(WORK), **queue("work", receives=2)})
    send(aws, "a", "raise")
    seen: list[str | None] = []
    report = aws.pump(on_event=lambda invocation: seen.append(invocation.error))
    assert len(report.errors) == 2
    assert "RuntimeError: told to" in report.errors[0].error
    assert "in handler" in report.errors[0].error
    assert Counter(letter.body for letter in report.dead_letters) == {"a": 1, "raise": 1}
    assert len(seen) == 2
    assert all(seen)


@pytest.mark.parametrize(
    "answer",
    ['"text"', "[1]", '{"batchItemFailures": [{"id": "x"}]}', '{"batchItemFailures": [{"itemIdentifier": "unknown"}]}'],
)
def test_an_answer_that_lambda_cannot_read_fails_the_whole_batch(
    answer: str, aws: LocalAWS, deploy: Callable[..., None], function: Resources, queue: Resources
) -> None:
    deploy({**function(f"def handler(event, context): return {answer}"), **queue("work", receives=1)})
    send(aws, "a", "b")
    assert len(aws.pump().dead_letters) == 2


@pytest.mark.parametrize("answer", ["None", "{}", '{"batchItemFailures": None}', '{"batchItemFailures": []}'])
def test_an_empty_answer_is_success(
    answer: str, aws: LocalAWS, deploy: Callable[..., None], function: Resources, queue: Resources
) -> None:
    deploy({**function(f"def handler(event, context): return {answer}"), **queue("work", receives=1)})
    send(aws, "a", "b")
    assert aws.pump().clean


def test_without_report_batch_item_failures_the_answer_does_not_matter(
    aws: LocalAWS, deploy: Callable[..., None], function: Resources, queue: Resources
) -> None:
    resources = {**function(WORK), **queue("work")}
    del resources["QueueMapping"]["Properties"]["FunctionResponseTypes"]
    deploy(resources)
    send(aws, "fail")
    assert aws.pump().clean
    assert waiting(aws, "queue") == 0


def test_a_failed_message_blocks_its_group_and_no_other(
    aws: LocalAWS, deploy: Callable[..., None], function: Resources, queue: Resources
) -> None:
    deploy({**function(WORK), **queue("work", name="queue.fifo", receives=2, BatchSize=1)})
    send(aws, "fail-1", "a-2", "a-3", queue="queue.fifo", group="a")
    send(aws, "b-1", "b-2", queue="queue.fifo", group="b")
    report = aws.pump()
    order = [batch[0] for batch in batches(aws)]
    assert [body for body in order if not body.startswith("b")] == ["fail-1", "fail-1", "a-2", "a-3"]
    assert [body for body in order if body.startswith("b")] == ["b-1", "b-2"]
    assert order.index("b-2") < order.index("a-2"), "group b did not wait for group a"
    assert [letter.queue for letter in report.dead_letters] == ["queue-dlq.fifo"]


def test_groups_keep_their_order(
    aws: LocalAWS, deploy: Callable[..., None], function: Resources, queue: Resources
) -> None:
    deploy({**function(WORK), **queue("work", name="queue.fifo", BatchSize=3)})
    for number in range(8):
        for group in "ab":
            send(aws, f"{group}{number}", queue="queue.fifo", group=group)
    aws.pump()
    flat = [body for batch in batches(aws) for body in batch]
    for group in "ab":
        assert [body for body in flat if body[0] == group] == [f"{group}{number}" for number in range(8)]


def test_a_repeated_deduplication_id_is_dropped_for_five_minutes(
    aws: LocalAWS, deploy: Callable[..., None], function: Resources, queue: Resources
) -> None:
    deploy({**function(WORK), **queue("work", name="queue.fifo")})
    for _ in range(2):
        send(aws, "same", queue="queue.fifo", group="a")
        aws.pump()
    assert batches(aws) == [["same"]]
    aws.forget_deduplication(REGION)
    send(aws, "same", queue="queue.fifo", group="a")
    aws.pump()
    assert batches(aws) == [["same"], ["same"]]


def test_delayed_messages_arrive(
    aws: LocalAWS, deploy: Callable[..., None], function: Resources, queue: Resources
) -> None:
    resources = {**function(WORK), **queue("work")}
    resources["Queue"]["Properties"]["DelaySeconds"] = 600
    deploy(resources)
    send(aws, "late")
    aws.pump()
    assert batches(aws) == [["late"]]


def test_a_mapping_with_a_batching_window_waits_until_the_others_are_quiet(
    aws: LocalAWS, deploy: Callable[..., None], function: Resources, queue: Resources
) -> None:
    forward = """
import boto3, os
def handler(event, context):
    for record in event["Records"]:
        boto3.client("sqs").send_message(QueueUrl=os.environ["NEXT"], MessageBody=record["body"])
"""
    deploy(
        {
            **function(forward, name="first", Environment={"Variables": {"NEXT": {"Ref": "Slow"}}}),
            **queue("first", BatchSize=2),
            **function(WORK),
            **queue("work", name="slow", BatchSize=100, MaximumBatchingWindowInSeconds=60),
        }
    )
    send(aws, *(str(number) for number in range(7)))
    report = aws.pump()
    assert report.invocations == {f"{REGION}/first": 4, f"{REGION}/work": 1}
    assert batches(aws) == [[str(number) for number in range(7)]]


def test_repeats_and_shuffles_are_seeded(assembly: Assembly, function: Resources, queue: Resources) -> None:
    folder = assembly.write({**function(WORK), **queue("work", BatchSize=5)})
    bodies = [str(number) for number in range(40)]
    runs = []
    for seed in (1, 1, 2):
        with LocalAWS(deliveries=Deliveries(duplicate=0.5, shuffle=True, seed=seed)) as aws:
            aws.deploy(folder)
            send(aws, *bodies)
            assert aws.pump().clean
            assert waiting(aws, "queue") == 0
            runs.append([body for batch in batches(aws) for body in batch])
    first, again, other = runs
    assert first == again
    assert first != other
    assert first[:10] != bodies[:10]
    counts = Counter(first)
    assert set(counts) == set(bodies)
    assert set(counts.values()) == {1, 2}, "each message is delivered once, or once more"


def test_fifo_queues_are_neither_shuffled_nor_repeated(
    assembly: Assembly, function: Resources, queue: Resources
) -> None:
    folder = assembly.write({**function(WORK), **queue("work", name="queue.fifo")})
    with LocalAWS(deliveries=Deliveries(duplicate=1.0, shuffle=True)) as aws:
        aws.deploy(folder)
        send(aws, *"abcdefghijkl", queue="queue.fifo", group="g")
        aws.pump()
        assert [body for batch in batches(aws) for body in batch] == list("abcdefghijkl")


def test_asynchronous_invocations_run_later_and_are_retried_twice(
    aws: LocalAWS, deploy: Callable[..., None], function: Resources
) -> None:
    deploy(function("def handler(event, context): raise ValueError(event['x'])"))
    client = aws.client("lambda", REGION)
    answer = client.invoke(FunctionName="work", InvocationType="Event", Payload=json.dumps({"x": "y"}))
    assert answer["StatusCode"] == 202
    assert not aws.invocations
    report = aws.pump()
    assert [error.error.splitlines()[0] for error in report.errors] == ["ValueError: y"] * 3


def test_an_interrupted_pump_leaves_no_message_out_of_sight(
    aws: LocalAWS, deploy: Callable[..., None], function: Resources, queue: Resources
) -> None:
    deploy({**function(WORK), **queue("work")})
    send(aws, "a")

    def interrupt(_invocation: object) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        aws.pump(on_event=interrupt)
    assert aws.pump().messages == {f"{REGION}/work": 1}


def test_a_disabled_mapping_is_not_served(
    aws: LocalAWS, deploy: Callable[..., None], function: Resources, queue: Resources
) -> None:
    deploy({**function(WORK), **queue("work", Enabled=False)})
    send(aws, "a")
    assert not aws.pump().invocations
    assert waiting(aws, "queue") == 1
