"""Queues: three attempts, then a dead-letter queue that only its own queue may use, and that somebody hears of."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from watershed import names
from watershed.names import Stage

from tests.infra.resources import STAGES, flat

if TYPE_CHECKING:
    from tests.infra.resources import Resources

TWO_WEEKS = 14 * 24 * 60 * 60


def test_there_are_two_queues_a_stage(resources: Resources) -> None:
    expected = {names.queue(stage) for stage in STAGES} | {names.dead_letter_queue(stage) for stage in STAGES}
    assert set(resources.named("SQS::Queue", "QueueName")) == expected


@pytest.mark.parametrize("stage", STAGES)
def test_what_fails_three_times_goes_to_the_stages_own_dead_letters(resources: Resources, stage: Stage) -> None:
    queues = resources.named("SQS::Queue", "QueueName")
    dead = resources.arn_of("SQS::Queue", "QueueName", names.dead_letter_queue(stage))
    assert queues[names.queue(stage)]["RedrivePolicy"] == {"deadLetterTargetArn": dead, "maxReceiveCount": 3}
    allowed = queues[names.dead_letter_queue(stage)]["RedriveAllowPolicy"]
    assert allowed["redrivePermission"] == "byQueue"
    assert [flat(arn) for arn in allowed["sourceQueueArns"]] == [f"arn:aws:sqs:eu-central-1:1234:{names.queue(stage)}"]


@pytest.mark.parametrize("stage", STAGES)
def test_messages_wait_two_weeks(resources: Resources, stage: Stage) -> None:
    queues = resources.named("SQS::Queue", "QueueName")
    for name in (names.queue(stage), names.dead_letter_queue(stage)):
        assert queues[name]["MessageRetentionPeriod"] == TWO_WEEKS


@pytest.mark.parametrize("stage", [Stage.SILVER, Stage.POLL])
def test_silver_is_ordered_by_dataset_and_the_poll_by_source(resources: Resources, stage: Stage) -> None:
    queues = resources.named("SQS::Queue", "QueueName")
    ordered = queues[names.queue(stage)]
    assert ordered["FifoQueue"] is True
    assert ordered["DeduplicationScope"] == "messageGroup"
    assert ordered["FifoThroughputLimit"] == "perMessageGroupId"
    assert queues[names.dead_letter_queue(stage)]["FifoQueue"] is True
    # A schedule has no way to say by what a message is known; silver's senders say it.
    assert ordered.get("ContentBasedDeduplication", False) is (stage is Stage.POLL)


def test_no_other_queue_is_ordered(resources: Resources) -> None:
    queues = resources.named("SQS::Queue", "QueueName")
    for stage in set(STAGES) - {Stage.SILVER, Stage.POLL}:
        assert "FifoQueue" not in queues[names.queue(stage)]


def test_every_queue_refuses_what_does_not_come_by_tls(resources: Resources) -> None:
    refused = {
        flat(policy["Properties"]["Queues"][0])
        for policy in resources.of("SQS::QueuePolicy").values()
        for statement in policy["Properties"]["PolicyDocument"]["Statement"]
        if statement["Effect"] == "Deny"
        and statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
        and statement["Action"] == "sqs:*"
    }
    assert refused == {f"<{logical}>" for logical in resources.of("SQS::Queue")}


@pytest.mark.parametrize("stage", STAGES)
def test_a_message_stays_hidden_while_it_is_handled(resources: Resources, stage: Stage) -> None:
    queue = resources.named("SQS::Queue", "QueueName")[names.queue(stage)]
    function = resources.named("Lambda::Function", "FunctionName")[names.function(stage)]
    (window,) = [
        each["Properties"].get("MaximumBatchingWindowInSeconds", 0)
        for each in resources.of("Lambda::EventSourceMapping").values()
        if each["Properties"]["EventSourceArn"] == resources.arn_of("SQS::Queue", "QueueName", names.queue(stage))
    ]
    assert queue["VisibilityTimeout"] > function["Timeout"] + window


@pytest.mark.parametrize(
    ("metric", "threshold", "name"),
    [
        ("ApproximateNumberOfMessagesVisible", 0, names.dead_letter_queue),
        ("ApproximateAgeOfOldestMessage", 3600, names.queue),
    ],
)
def test_every_queue_has_its_alarm(resources: Resources, metric: str, threshold: int, name: object) -> None:
    assert callable(name)
    (topic,) = resources.of("SNS::Topic")
    found = [
        each["Properties"]
        for each in resources.of("CloudWatch::Alarm").values()
        if each["Properties"]["MetricName"] == metric
    ]
    watched = {alarm["Dimensions"][0]["Value"]["Fn::GetAtt"][0] for alarm in found}
    assert watched == {resources.arn_of("SQS::Queue", "QueueName", name(stage))["Fn::GetAtt"][0] for stage in STAGES}
    for alarm in found:
        assert alarm["Namespace"] == "AWS/SQS"
        assert alarm["Statistic"] == "Maximum"
        assert (alarm["ComparisonOperator"], alarm["Threshold"]) == ("GreaterThanThreshold", threshold)
        assert alarm["TreatMissingData"] == "notBreaching"
        assert alarm["AlarmActions"] == [{"Ref": topic}]


def test_alarms_may_publish_for_this_account(resources: Resources) -> None:
    (topic,) = resources.of("SNS::Topic").values()
    assert topic["Properties"]["TopicName"] == names.ALARM_TOPIC
    (policy,) = resources.of("SNS::TopicPolicy").values()
    tls, alarms, *_ = policy["Properties"]["PolicyDocument"]["Statement"]
    assert (tls["Effect"], tls["Condition"]) == ("Deny", {"Bool": {"aws:SecureTransport": "false"}})
    assert alarms["Principal"] == {"Service": "cloudwatch.amazonaws.com"}
    assert alarms["Condition"] == {"StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}}


@pytest.mark.parametrize("stage", STAGES)
def test_the_alarm_of_a_message_given_up_names_the_command(resources: Resources, stage: Stage) -> None:
    alarm = resources.named("CloudWatch::Alarm", "AlarmName")[f"{names.dead_letter_queue(stage)}-given-up"]
    assert flat(alarm["AlarmDescription"]).endswith("run: watershed redrive eu-central-1 --aws")
