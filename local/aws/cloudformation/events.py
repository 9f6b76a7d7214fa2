"""EventBridge rules with their targets."""

from __future__ import annotations

import json
from typing import Any

from local.aws.cloudformation.resource import Made, Properties, Request, ResourceType

_TARGET = "Arn Id Input InputPath RoleArn SqsParameters"


def _put(request: Request, _made: Made | None = None) -> Made:
    properties = request.properties
    for target in properties.get("Targets", []):
        request.only(target, _TARGET, "Targets")
    rule = {**request.without("Targets", "Tags"), "Name": request.name}
    if "EventPattern" in rule:
        rule["EventPattern"] = json.dumps(rule["EventPattern"])
    bus = {"EventBusName": properties["EventBusName"]} if "EventBusName" in properties else {}
    events = request.client("events")

    def read(_answer: Any) -> Properties:
        found: Properties = events.describe_rule(Name=request.name, **bus)
        return found

    arn = request.keep("events", "put_rule", rule, read)["RuleArn"]
    old = {target["Id"] for target in events.list_targets_by_rule(Rule=request.name, **bus)["Targets"]}
    if gone := sorted(old - {target["Id"] for target in properties.get("Targets", [])}):
        events.remove_targets(Rule=request.name, Ids=gone, **bus)
    if properties.get("Targets"):
        request.call("events", "put_targets", {"Rule": request.name, "Targets": properties["Targets"], **bus})
    return Made(request.name, {"Arn": arn})


def _delete(request: Request, made: Made) -> None:
    events = request.client("events")
    bus = {"EventBusName": request.properties["EventBusName"]} if "EventBusName" in request.properties else {}
    if targets := [target["Id"] for target in events.list_targets_by_rule(Rule=made.ref, **bus)["Targets"]]:
        events.remove_targets(Rule=made.ref, Ids=targets, **bus)
    events.delete_rule(Name=made.ref, **bus)


TYPES = (
    ResourceType(
        "AWS::Events::Rule",
        "Name Description EventBusName EventPattern RoleArn ScheduleExpression State Targets",
        _put,
        _delete,
        _put,
        name_property="Name",
        fixed="EventBusName",
    ),
)
