"""The daily schedules: messages that their receivers understand, on the receivers' queues."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from watershed import names
from watershed.maintenance.message import Upkeep
from watershed.messages import Refresh
from watershed.names import Stage

from tests.infra.conftest import FRANKFURT
from tests.infra.resources import Resources, flat

if TYPE_CHECKING:
    from collections.abc import Callable

RECEIVERS = {names.DAILY_REFRESH: Stage.GOLD, names.NIGHTLY_MAINTENANCE: Stage.MAINTENANCE}
SENDERS = {names.DAILY_REFRESH: "schedule", names.NIGHTLY_MAINTENANCE: "maintenance-schedule"}


def schedules(resources: Resources) -> dict[str, dict[str, Any]]:
    return {each["Properties"]["Name"]: each["Properties"] for each in resources.of("Scheduler::Schedule").values()}


def test_gold_is_refreshed_whole_once_a_day(resources: Resources) -> None:
    schedule = schedules(resources)[names.DAILY_REFRESH]
    assert schedule["ScheduleExpression"] == "cron(15 0 * * ? *)"
    assert schedule["ScheduleExpressionTimezone"] == "UTC"
    assert Refresh.from_json(schedule["Target"]["Input"]) == Refresh((), "daily")


def test_silver_is_maintained_whole_once_a_night(resources: Resources) -> None:
    schedule = schedules(resources)[names.NIGHTLY_MAINTENANCE]
    assert schedule["ScheduleExpression"] == "cron(0 3 * * ? *)"
    assert schedule["ScheduleExpressionTimezone"] == "Europe/Berlin"
    assert Upkeep.from_json(schedule["Target"]["Input"]) == Upkeep()


def test_the_night_is_the_regions_own(synthesize: Callable[..., dict[str, Any]]) -> None:
    singapore = replace(FRANKFURT, region="ap-southeast-1", time_zones=("Asia/Singapore", "Asia/Ho_Chi_Minh"))
    found = schedules(Resources(synthesize(singapore)))[names.NIGHTLY_MAINTENANCE]
    assert found["ScheduleExpressionTimezone"] == "Asia/Singapore"


@pytest.mark.parametrize("name", RECEIVERS)
def test_messages_go_to_the_receivers_queue_or_are_not_lost(resources: Resources, name: str) -> None:
    target = schedules(resources)[name]["Target"]
    assert target["Arn"] == resources.arn_of("SQS::Queue", "QueueName", names.queue(RECEIVERS[name]))
    dead = resources.arn_of("SQS::Queue", "QueueName", names.dead_letter_queue(RECEIVERS[name]))
    assert target["DeadLetterConfig"] == {"Arn": dead}


@pytest.mark.parametrize("name", RECEIVERS)
def test_the_scheduler_sends_as_a_role_of_its_own(resources: Resources, name: str) -> None:
    taken = flat(schedules(resources)[name]["Target"]["RoleArn"]).strip("<>")
    role = resources.of("IAM::Role")[taken]["Properties"]
    assert role["RoleName"] == names.role(SENDERS[name], "eu-central-1")
    (trust,) = role["AssumeRolePolicyDocument"]["Statement"]
    assert trust["Principal"] == {"Service": "scheduler.amazonaws.com"}


def test_there_are_no_others(resources: Resources) -> None:
    assert set(schedules(resources)) == set(RECEIVERS)
