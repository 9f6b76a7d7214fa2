"""The schedules: messages that their receivers understand, on the receivers' queues."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from watershed import names
from watershed.maintenance.message import Upkeep
from watershed.messages import Refresh
from watershed.names import Stage
from watershed.poll.message import Poll

from tests.infra.conftest import FRANKFURT
from tests.infra.resources import Resources, flat

if TYPE_CHECKING:
    from collections.abc import Callable

POLLED, OPEN_SHOP = names.poll_schedule("polled"), names.poll_schedule("open_shop")
RECEIVERS = {
    names.DAILY_REFRESH: Stage.GOLD,
    names.NIGHTLY_MAINTENANCE: Stage.MAINTENANCE,
    POLLED: Stage.POLL,
    OPEN_SHOP: Stage.POLL,
}
SENDERS = {
    names.DAILY_REFRESH: "schedule",
    names.NIGHTLY_MAINTENANCE: "maintenance-schedule",
    POLLED: "poll-schedule",
    OPEN_SHOP: "poll-schedule",
}


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


def test_each_source_of_the_region_is_polled_by_itself(resources: Resources) -> None:
    found = schedules(resources)
    assert found[POLLED]["ScheduleExpression"] == "rate(15 minutes)"
    assert (found[POLLED]["State"], found[OPEN_SHOP]["State"]) == ("ENABLED", "DISABLED")
    for name, source in ((POLLED, "polled"), (OPEN_SHOP, "open_shop")):
        target = found[name]["Target"]
        assert target["SqsParameters"] == {"MessageGroupId": source}
        when = datetime(2026, 3, 1, 12, 30, tzinfo=UTC)
        body = target["Input"].replace("<aws.scheduler.scheduled-time>", "2026-03-01T12:30:00Z")
        assert Poll.from_json(body) == Poll(source, when)


def test_only_sources_that_ask_who_polls_have_a_secret_and_it_is_empty(resources: Resources) -> None:
    found = resources.named("SecretsManager::Secret", "Name")
    pulls = {name: each for name, each in found.items() if name.endswith("/pull")}
    (secret,) = pulls.items()
    (key,) = resources.of("KMS::Key")
    assert secret[0] == names.pull_secret("polled")
    assert not {"SecretString", "GenerateSecretString"} & set(secret[1])
    assert flat(secret[1]["KmsKeyId"]) == f"<{key}>"


def test_the_night_is_the_regions_own(synthesize: Callable[..., dict[str, Any]]) -> None:
    singapore = replace(FRANKFURT, region="ap-southeast-1", time_zones=("Asia/Singapore", "Asia/Ho_Chi_Minh"))
    found = schedules(Resources(synthesize(singapore)))[names.NIGHTLY_MAINTENANCE]
    assert found["ScheduleExpressionTimezone"] == "Asia/Singapore"


@pytest.mark.parametrize("name", RECEIVERS)
def test_messages_go_to_the_receivers_queue_or_are_not_lost(resources: Resources, name: str) -> None:
    target = schedules(resources)[name]["Target"]
    assert target["Arn"] == resources.arn_of("SQS::Queue", "QueueName", names.queue(RECEIVERS[name]))
    if RECEIVERS[name] is Stage.POLL:  # the next one asks for the same, and a schedule's cannot be FIFO
        assert "DeadLetterConfig" not in target
    else:
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
