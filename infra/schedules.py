"""What happens once a day whether or not files came: gold is refreshed, because some answers depend on the date."""

from __future__ import annotations

from typing import TYPE_CHECKING

import aws_cdk as cdk
from aws_cdk import aws_scheduler as scheduler
from constructs import Construct
from watershed import names
from watershed.messages import Refresh

from infra.roles import allow, role

if TYPE_CHECKING:
    from aws_cdk import aws_kms as kms

    from infra.queues import StageQueue

TIME = "cron(15 0 * * ? *)"  # UTC, like every date in the lake; a quarter of an hour into the new day


class DailyRefresh(Construct):
    """A schedule that puts one message on the gold queue, or on its dead-letter queue if that should fail."""

    def __init__(self, scope: Construct, construct_id: str, *, key: kms.IKey, gold: StageQueue) -> None:
        super().__init__(scope, construct_id)
        queues = (gold.queue.queue_arn, gold.dead_letters.queue_arn)
        sender = role(
            self,
            names.role("schedule", cdk.Stack.of(self).region),
            "scheduler.amazonaws.com",
            [
                allow(self, "SendRefresh", ("sqs:SendMessage",), queues),
                allow(self, "UseKey", ("kms:Decrypt", "kms:GenerateDataKey"), (key.key_arn,)),
            ],
        )
        scheduler.CfnSchedule(
            self,
            "Schedule",
            name=names.DAILY_REFRESH,
            description="Refreshes every gold model",
            schedule_expression=TIME,
            schedule_expression_timezone="UTC",
            flexible_time_window=scheduler.CfnSchedule.FlexibleTimeWindowProperty(mode="OFF"),
            target=scheduler.CfnSchedule.TargetProperty(
                arn=gold.queue.queue_arn,
                role_arn=sender.role_arn,
                input=Refresh((), "daily").to_json(),
                dead_letter_config=scheduler.CfnSchedule.DeadLetterConfigProperty(arn=gold.dead_letters.queue_arn),
            ),
        )
