"""Where alarms are heard, and the alarms of a queue."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sns as sns
from constructs import Construct
from watershed import names

if TYPE_CHECKING:
    from aws_cdk import aws_kms as kms
    from aws_cdk import aws_sqs as sqs

_ABOVE_ONCE: dict[str, Any] = {
    "comparison_operator": cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
    "evaluation_periods": 1,
    "treat_missing_data": cloudwatch.TreatMissingData.NOT_BREACHING,
}
OLDEST_MESSAGE = cdk.Duration.hours(1)  # three attempts take less


class AlarmTopic(Construct):
    """The region's topic: every alarm goes here, and whoever is on call subscribes."""

    def __init__(self, scope: Construct, construct_id: str, *, key: kms.IKey) -> None:
        super().__init__(scope, construct_id)
        self.topic = sns.Topic(self, "Topic", topic_name=names.ALARM_TOPIC, master_key=key, enforce_ssl=True)
        self.topic.add_to_resource_policy(
            iam.PolicyStatement(
                sid="AlarmsNotify",
                actions=["sns:Publish"],
                principals=[iam.ServicePrincipal("cloudwatch.amazonaws.com")],
                resources=[self.topic.topic_arn],
                conditions={"StringEquals": {"aws:SourceAccount": cdk.Aws.ACCOUNT_ID}},
            )
        )

    def on_dead_letters(self, scope: Construct, queue: sqs.Queue, name: str) -> None:
        """Alarm as soon as one message was given up."""
        metric = queue.metric_approximate_number_of_messages_visible(
            period=cdk.Duration.minutes(1), statistic=cloudwatch.Stats.MAXIMUM
        )
        alarm = cloudwatch.Alarm(
            scope,
            "GivenUp",
            alarm_name=f"{name}-given-up",
            alarm_description=(
                f"{name} holds a message that was given up after its last attempt. The function's log says why. Mend "
                f"that, then run: watershed redrive {cdk.Stack.of(scope).region} --aws"
            ),
            metric=metric,
            threshold=0,
            **_ABOVE_ONCE,
        )
        alarm.add_alarm_action(actions.SnsAction(self.topic))

    def on_old_messages(self, scope: Construct, queue: sqs.Queue, name: str) -> None:
        """Alarm when the oldest message has waited longer than all its attempts take."""
        metric = queue.metric_approximate_age_of_oldest_message(
            period=cdk.Duration.minutes(5), statistic=cloudwatch.Stats.MAXIMUM
        )
        alarm = cloudwatch.Alarm(
            scope,
            "Waiting",
            alarm_name=f"{name}-waiting",
            alarm_description=f"A message in {name} has waited for more than an hour.",
            metric=metric,
            threshold=OLDEST_MESSAGE.to_seconds(),
            **_ABOVE_ONCE,
        )
        alarm.add_alarm_action(actions.SnsAction(self.topic))
