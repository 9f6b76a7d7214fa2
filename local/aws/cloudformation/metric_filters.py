"""What log groups count. Kept, not evaluated: the laptop has no metrics, see `cloudwatch`."""

from __future__ import annotations

from typing import Any

from local.aws.cloudformation.resource import Made, Properties, Request, ResourceType


def _put(request: Request, made: Made | None = None) -> Made:
    if made:  # moto would add a second one of the same name, where AWS replaces it
        _delete(request, made)
    group = request.properties["LogGroupName"]
    parameters = {
        "logGroupName": group,
        "filterName": request.name,
        "filterPattern": request.properties["FilterPattern"],
        "metricTransformations": [
            _transformation(request, each) for each in request.properties["MetricTransformations"]
        ],
    }

    def read(_answer: Any) -> Properties:
        logs = request.client("logs")
        found = logs.describe_metric_filters(logGroupName=group, filterNamePrefix=request.name)["metricFilters"]
        kept: Properties = next(each for each in found if each["filterName"] == request.name)
        return kept

    request.keep("logs", "put_metric_filter", parameters, read)
    return Made(request.name)


def _transformation(request: Request, given: Properties) -> Properties:
    """The API spells the template's names with a small first letter, and dimensions as a map."""
    request.only(
        given, "MetricName MetricNamespace MetricValue DefaultValue Unit Dimensions", "MetricTransformations[]"
    )
    made = {f"{key[0].lower()}{key[1:]}": value for key, value in given.items() if key != "Dimensions"}
    if "Dimensions" in given:
        made["dimensions"] = {each["Key"]: each["Value"] for each in given["Dimensions"]}
    return made


def _delete(request: Request, made: Made) -> None:
    request.client("logs").delete_metric_filter(logGroupName=request.properties["LogGroupName"], filterName=made.ref)


TYPES = (
    ResourceType(
        "AWS::Logs::MetricFilter",
        "FilterName FilterPattern LogGroupName MetricTransformations",
        _put,
        _delete,
        _put,
        name_property="FilterName",
        fixed="LogGroupName",
    ),
)
