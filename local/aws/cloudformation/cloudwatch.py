"""Alarms and dashboards. Kept, not evaluated: the laptop has no metrics of its queues and functions."""

from __future__ import annotations

import json
from typing import Any

from local.aws.cloudformation.resource import Made, Properties, Request, ResourceType


def _put_alarm(request: Request, _made: Made | None = None) -> Made:
    parameters = {**request.without("Tags"), "AlarmName": request.name}

    def read(_answer: Any) -> Properties:
        alarm: Properties = request.client("cloudwatch").describe_alarms(AlarmNames=[request.name])["MetricAlarms"][0]
        return alarm

    request.keep("cloudwatch", "put_metric_alarm", parameters, read)
    arn = f"arn:aws:cloudwatch:{request.region}:{request.account}:alarm:{request.name}"
    if tags := request.tags():
        listed = [{"Key": key, "Value": value} for key, value in tags.items()]
        request.call("cloudwatch", "tag_resource", {"ResourceARN": arn, "Tags": listed})
    return Made(request.name, {"Arn": arn})


def _delete_alarm(request: Request, made: Made) -> None:
    request.client("cloudwatch").delete_alarms(AlarmNames=[made.ref])


def _put_dashboard(request: Request, _made: Made | None = None) -> Made:
    body = request.properties["DashboardBody"]
    text = body if isinstance(body, str) else json.dumps(body)
    request.client("cloudwatch").put_dashboard(DashboardName=request.name, DashboardBody=text)
    return Made(request.name)


def _delete_dashboard(request: Request, made: Made) -> None:
    request.client("cloudwatch").delete_dashboards(DashboardNames=[made.ref])


TYPES = (
    ResourceType(
        "AWS::CloudWatch::Alarm",
        "AlarmName AlarmDescription ActionsEnabled OKActions AlarmActions InsufficientDataActions MetricName Namespace"
        " Statistic ExtendedStatistic Dimensions Period Unit EvaluationPeriods DatapointsToAlarm Threshold"
        " ComparisonOperator TreatMissingData EvaluateLowSampleCountPercentile Metrics Tags",
        _put_alarm,
        _delete_alarm,
        _put_alarm,
        name_property="AlarmName",
    ),
    ResourceType(
        "AWS::CloudWatch::Dashboard",
        "DashboardName DashboardBody",
        _put_dashboard,
        _delete_dashboard,
        _put_dashboard,
        name_property="DashboardName",
    ),
)
