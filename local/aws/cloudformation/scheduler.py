"""EventBridge Scheduler. Schedules are kept, and fired by name (see local/aws/events/schedules.py)."""

from __future__ import annotations

from local.aws.cloudformation.resource import Made, Properties, Request, ResourceType


def _read(request: Request) -> Properties:
    group = request.properties.get("GroupName", "default")
    schedule: Properties = request.client("scheduler").get_schedule(Name=request.name, GroupName=group)
    return schedule


def _create(request: Request) -> Made:
    parameters = {**request.properties, "Name": request.name}
    arn = request.keep("scheduler", "create_schedule", parameters, lambda _: _read(request))["ScheduleArn"]
    return Made(request.name, {"Arn": arn})


def _update(request: Request, made: Made) -> Made:
    request.keep("scheduler", "update_schedule", {**request.properties, "Name": made.ref}, lambda _: _read(request))
    return made


def _delete(request: Request, made: Made) -> None:
    group = request.properties.get("GroupName", "default")
    request.client("scheduler").delete_schedule(Name=made.ref, GroupName=group)


def _create_group(request: Request) -> Made:
    tags = [{"Key": key, "Value": value} for key, value in request.tags().items()]
    parameters = {"Name": request.name, "Tags": tags}
    arn = request.call("scheduler", "create_schedule_group", parameters)["ScheduleGroupArn"]
    return Made(request.name, {"Arn": arn})


def _delete_group(request: Request, made: Made) -> None:
    request.client("scheduler").delete_schedule_group(Name=made.ref)


TYPES = (
    ResourceType(
        "AWS::Scheduler::Schedule",
        "Name Description FlexibleTimeWindow GroupName KmsKeyArn ScheduleExpression ScheduleExpressionTimezone"
        " State Target",
        _create,
        _delete,
        _update,
        name_property="Name",
        fixed="GroupName",
    ),
    ResourceType("AWS::Scheduler::ScheduleGroup", "Name Tags", _create_group, _delete_group, name_property="Name"),
)
