"""Where alarms are heard, and the alarms of a queue and of a log."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_iam as iam
from aws_cdk import aws_logs as logs
from aws_cdk import aws_sns as sns
from constructs import Construct
from watershed import names
from watershed.alarms import Alarm

from infra.denials import account_only
from infra.storage import ELSEWHERE_DAYS

if TYPE_CHECKING:
    from aws_cdk import aws_kms as kms
    from aws_cdk import aws_sqs as sqs
    from watershed.names import Stage

_ABOVE_ONCE: dict[str, Any] = {
    "comparison_operator": cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
    "evaluation_periods": 1,
    "treat_missing_data": cloudwatch.TreatMissingData.NOT_BREACHING,
}
OLDEST_MESSAGE = cdk.Duration.hours(1)  # three attempts take less
_TOPIC_ACTIONS = [  # a topic's policy may name no others, and no `sns:*`
    "sns:AddPermission",
    "sns:DeleteTopic",
    "sns:GetTopicAttributes",
    "sns:ListSubscriptionsByTopic",
    "sns:Publish",
    "sns:RemovePermission",
    "sns:SetTopicAttributes",
    "sns:Subscribe",
]
_FULL = 95  # percent of the most capacity that the database may have
METRICS = "Watershed"  # the namespace of what is counted in logs
_SAYS = {  # what happened in {stage} of {region}, and the command to run
    Alarm.LEDGER_IMBALANCE: (
        "The counts or sums of a part did not balance in {stage}, so nothing of it was committed. "
        "Run: watershed reconcile {region} --aws"
    ),
    Alarm.BATCH_STOPPED: (
        "A batch was stopped in {stage}: nothing of it was committed, its rows are in quarantine. "
        "Run: watershed quarantine list {region} --reason batch_stopped --aws"
    ),
    Alarm.RESIDENCY_VIOLATION: (
        "Rows that belong to another jurisdiction came to {stage} of {region}. They are in quarantine, for "
        f"{ELSEWHERE_DAYS} days, and nowhere behind it; raw and bronze hold the file as it came. "
        "Run: watershed quarantine list {region} --reason residency_violation --aws"
    ),
    Alarm.SOURCE_FAILING: (
        "A source of {region} has failed every {stage} for longer than its connector allows. What it has is not lost, "
        "but late. It rings once a day until it is mended. Run: watershed sources {region} --aws"
    ),
}


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
        for statement in account_only(_TOPIC_ACTIONS, [self.topic.topic_arn]):
            self.topic.add_to_resource_policy(statement)

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
                f"{name} holds a message that was given up: it cannot succeed, or failed at its last attempt. Its "
                "attributes and the function's log say why, and so does --dry-run. Mend that, "
                f"then run: watershed redrive {cdk.Stack.of(scope).region} --aws"
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

    def on_door_errors(self, scope: Construct, door: str) -> None:
        """Alarm when the door could not keep a delivery; its sender was told to repeat it."""
        alarm = cloudwatch.Alarm(
            scope,
            "Unavailable",
            alarm_name=f"{names.DOOR}-unavailable",
            alarm_description=(
                "The door for webhooks answered that it is unavailable: nothing was taken, and senders repeat for some "
                f"hours or days. The log {names.log_group(names.RECEIVE)} says why."
            ),
            metric=cloudwatch.Metric(
                namespace="AWS/ApiGateway",
                metric_name="5xx",
                dimensions_map={"ApiId": door},
                period=cdk.Duration.minutes(1),
                statistic=cloudwatch.Stats.SUM,
            ),
            threshold=0,
            **_ABOVE_ONCE,
        )
        alarm.add_alarm_action(actions.SnsAction(self.topic))

    def on_stale_reports(self, scope: Construct) -> None:
        """Alarm when QuickSight could not take a table anew; its metric counts all datasets of the region together."""
        alarm = cloudwatch.Alarm(
            scope,
            "Stale",
            alarm_name=f"{names.quicksight()}-quicksight-stale",
            alarm_description=(
                "QuickSight could not take a gold table anew, so a dashboard shows the numbers of an earlier day. "
                "The dataset's refreshes in its console say which and why; docs/quicksight.md says what to do."
            ),
            metric=cloudwatch.Metric(
                namespace="AWS/QuickSight",
                metric_name="IngestionErrorCount",
                period=cdk.Duration.hours(1),
                statistic=cloudwatch.Stats.SUM,
            ),
            threshold=0,
            **_ABOVE_ONCE,
        )
        alarm.add_alarm_action(actions.SnsAction(self.topic))

    def on_full_database(self, scope: Construct, cluster: str) -> None:
        """Alarm when the database has worked at its largest for half an hour; while it sleeps, it uses nothing."""
        alarm = cloudwatch.Alarm(
            scope,
            "Full",
            alarm_name=f"{names.PREFIX}-database-full",
            alarm_description=(
                "The SQL database has been at its largest size for half an hour: queries and publishing are slow. Look "
                "for a query that never ends, or raise MOST_ACUS in infra/database.py."
            ),
            metric=cloudwatch.Metric(
                namespace="AWS/RDS",
                metric_name="ACUUtilization",
                dimensions_map={"DBClusterIdentifier": cluster},
                period=cdk.Duration.minutes(10),
                statistic=cloudwatch.Stats.AVERAGE,
            ),
            threshold=_FULL,
            **{**_ABOVE_ONCE, "evaluation_periods": 3},
        )
        alarm.add_alarm_action(actions.SnsAction(self.topic))

    def on_log(self, scope: Construct, group: logs.LogGroup, stage: Stage, signal: Alarm) -> None:
        """Alarm as soon as a stage logs a line whose field `alarm` is `signal`.

        The metric has no dimensions, so nothing of a row or a file can get into one.
        """
        name = f"{names.function(stage)}-{signal.replace('_', '-')}"
        counted = logs.MetricFilter(
            scope,
            f"Counts{signal.name.title().replace('_', '')}",
            filter_name=name,
            log_group=group,
            filter_pattern=logs.FilterPattern.string_value("$.alarm", "=", signal),
            metric_namespace=METRICS,
            metric_name=name,
            metric_value="1",
        )
        alarm = cloudwatch.Alarm(
            scope,
            signal.name.title().replace("_", ""),
            alarm_name=name,
            alarm_description=_SAYS[signal].format(stage=stage, region=cdk.Stack.of(scope).region),
            metric=counted.metric(period=cdk.Duration.minutes(1), statistic=cloudwatch.Stats.SUM),
            threshold=0,
            **_ABOVE_ONCE,
        )
        alarm.add_alarm_action(actions.SnsAction(self.topic))
