"""What happens once a day whether or not files came: gold is refreshed, and silver's tables are maintained."""

from __future__ import annotations

from typing import TYPE_CHECKING

import aws_cdk as cdk
from aws_cdk import aws_scheduler as scheduler
from constructs import Construct
from watershed import names
from watershed.maintenance.message import Upkeep
from watershed.messages import Refresh

from infra.roles import allow, role

if TYPE_CHECKING:
    from aws_cdk import aws_kms as kms

    from infra.queues import StageQueue

REFRESH_TIME = "cron(15 0 * * ? *)"  # UTC, like every date in the lake; a quarter of an hour into the new day
# By the region's own clock, an hour after midnight's deliveries and before the shops' first: maintenance and merges
# rewrite the same files, and of two that meet one starts again. No change to or from summer time skips it.
MAINTENANCE_TIME = "cron(0 3 * * ? *)"


class _Daily(Construct):
    """A schedule that puts one message on a queue, or on its dead-letter queue if that should fail."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        name: str,
        sender: str,
        purpose: str,
        time: tuple[str, str],
        key: kms.IKey,
        receiver: StageQueue,
        message: str,
    ) -> None:
        super().__init__(scope, construct_id)
        queues = (receiver.queue.queue_arn, receiver.dead_letters.queue_arn)
        taken = role(
            self,
            names.role(sender, cdk.Stack.of(self).region),
            "scheduler.amazonaws.com",
            [
                allow(self, "SendMessage", ("sqs:SendMessage",), queues),
                allow(self, "UseKey", ("kms:Decrypt", "kms:GenerateDataKey"), (key.key_arn,)),
            ],
        )
        expression, zone = time
        scheduler.CfnSchedule(
            self,
            "Schedule",
            name=name,
            description=purpose,
            schedule_expression=expression,
            schedule_expression_timezone=zone,
            flexible_time_window=scheduler.CfnSchedule.FlexibleTimeWindowProperty(mode="OFF"),
            target=scheduler.CfnSchedule.TargetProperty(
                arn=receiver.queue.queue_arn,
                role_arn=taken.role_arn,
                input=message,
                dead_letter_config=scheduler.CfnSchedule.DeadLetterConfigProperty(arn=receiver.dead_letters.queue_arn),
            ),
        )


class DailyRefresh(_Daily):
    """Refreshes gold, because some answers depend on the date."""

    def __init__(self, scope: Construct, construct_id: str, *, key: kms.IKey, gold: StageQueue) -> None:
        super().__init__(
            scope,
            construct_id,
            name=names.DAILY_REFRESH,
            sender="schedule",
            purpose="Refreshes every gold model",
            time=(REFRESH_TIME, "UTC"),
            key=key,
            receiver=gold,
            message=Refresh((), "daily").to_json(),
        )


class NightlyMaintenance(_Daily):
    """Compacts silver's tables and drops their old snapshots."""

    def __init__(
        self, scope: Construct, construct_id: str, *, key: kms.IKey, maintenance: StageQueue, zone: str
    ) -> None:
        super().__init__(
            scope,
            construct_id,
            name=names.NIGHTLY_MAINTENANCE,
            sender="maintenance-schedule",
            purpose="Compacts and cleans every silver table",
            time=(MAINTENANCE_TIME, zone),
            key=key,
            receiver=maintenance,
            message=Upkeep().to_json(),
        )
