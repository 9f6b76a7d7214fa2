"""The daily refresh: a message that gold understands, on gold's queue."""

from __future__ import annotations

from typing import TYPE_CHECKING

from watershed import names
from watershed.messages import Refresh
from watershed.names import Stage

from tests.infra.resources import flat

if TYPE_CHECKING:
    from tests.infra.resources import Resources


def test_gold_is_refreshed_whole_once_a_day(resources: Resources) -> None:
    (made,) = resources.of("Scheduler::Schedule").values()
    schedule = made["Properties"]
    assert schedule["Name"] == names.DAILY_REFRESH
    assert schedule["ScheduleExpression"] == "cron(15 0 * * ? *)"
    assert schedule["ScheduleExpressionTimezone"] == "UTC"
    target = schedule["Target"]
    assert target["Arn"] == resources.arn_of("SQS::Queue", "QueueName", names.queue(Stage.GOLD))
    assert Refresh.from_json(target["Input"]) == Refresh((), "daily")


def test_a_message_that_cannot_be_delivered_is_not_lost(resources: Resources) -> None:
    (made,) = resources.of("Scheduler::Schedule").values()
    dead = resources.arn_of("SQS::Queue", "QueueName", names.dead_letter_queue(Stage.GOLD))
    assert made["Properties"]["Target"]["DeadLetterConfig"] == {"Arn": dead}


def test_the_scheduler_sends_as_a_role_of_its_own(resources: Resources) -> None:
    (made,) = resources.of("Scheduler::Schedule").values()
    role = resources.of("IAM::Role")[flat(made["Properties"]["Target"]["RoleArn"]).strip("<>")]["Properties"]
    assert role["RoleName"] == names.role("schedule", "eu-central-1")
    (trust,) = role["AssumeRolePolicyDocument"]["Statement"]
    assert trust["Principal"] == {"Service": "scheduler.amazonaws.com"}
