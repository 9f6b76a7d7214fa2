"""The promised freshness: an alarm for each dataset of which no file has landed in the time that its contract says."""

from __future__ import annotations

from typing import TYPE_CHECKING

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_logs as logs
from constructs import Construct
from watershed import names
from watershed.alarms import LANDED
from watershed.errors import ConfigurationError

from infra.alarms import METRICS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from watershed.contracts.model import Contract

    from infra.alarms import AlarmTopic

_PERIOD = cdk.Duration.hours(1)
# Hours. CloudWatch looks back at most seven days, and one day if the period is below an hour: `Period` in
# https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
LONGEST_PROMISE = 7 * 24
# A log group takes a hundred filters, and bronze's has the ledger's besides: "The maximum number" in
# https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutMetricFilter.html
MOST_PROMISES = 99


class Freshness(Construct):
    """Counts the files that bronze lands, by dataset, and rings when there was none in the promised time.

    Raises:
        ConfigurationError: if more datasets are promised here than can be counted.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        contracts: Iterable[Contract],
        log_group: logs.LogGroup,
        alarms: AlarmTopic,
    ) -> None:
        super().__init__(scope, construct_id)
        region = cdk.Stack.of(self).region
        promised = {
            contract.name: hours
            for contract in contracts
            if (hours := contract.freshness_hours) and hours <= LONGEST_PROMISE and contract.comes_to(region)
        }
        if len(promised) > MOST_PROMISES:
            raise ConfigurationError(
                f"{len(promised)} datasets promise their freshness in {region}; CloudWatch can count {MOST_PROMISES}.",
                remedy="Take `freshness` out of contracts whose delay nobody has to hear of.",
            )
        for dataset, hours in promised.items():
            alarm = self._on_late(dataset, hours, log_group)
            alarm.add_alarm_action(actions.SnsAction(alarms.topic))

    def _on_late(self, dataset: str, hours: int, group: logs.LogGroup) -> cloudwatch.Alarm:
        """An alarm on a metric that has no dimensions, so nothing of a row or a file can get into it."""
        landed = f"{names.PREFIX}-{dataset}-landed"
        counted = logs.MetricFilter(
            self,
            f"Counts-{dataset}",
            filter_name=landed,
            log_group=group,
            filter_pattern=logs.FilterPattern.all(
                logs.FilterPattern.string_value("$.message", "=", LANDED),
                logs.FilterPattern.string_value("$.dataset", "=", dataset),
                logs.FilterPattern.boolean_value("$.again", value=False),
            ),
            metric_namespace=METRICS,
            metric_name=landed,
            metric_value="1",
        )
        return cloudwatch.Alarm(
            self,
            f"Late-{dataset}",
            alarm_name=f"{names.PREFIX}-{dataset}-late",
            alarm_description=(
                f"The contract promises a file of {dataset} every {hours} h, and none has landed for longer: none "
                "was sent, it was refused, or it waits or was given up. "
                f"Run: watershed status {cdk.Stack.of(self).region} --aws"
            ),
            metric=counted.metric(period=_PERIOD, statistic=cloudwatch.Stats.SUM),
            evaluation_periods=hours,
            threshold=1,
            comparison_operator=cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD,
            treat_missing_data=cloudwatch.TreatMissingData.BREACHING,
        )
