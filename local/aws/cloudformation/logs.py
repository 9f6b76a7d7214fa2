"""Log groups."""

from __future__ import annotations

from local.aws.cloudformation.resource import Made, Properties, Request, ResourceType


def _create(request: Request) -> Made:
    properties, name = request.properties, request.name
    parameters: Properties = {"logGroupName": name, "tags": request.tags()}
    if "KmsKeyId" in properties:
        parameters["kmsKeyId"] = properties["KmsKeyId"]
    request.keep("logs", "create_log_group", parameters, lambda _: _read(request))
    arn = f"arn:aws:logs:{request.region}:{request.account}:log-group:{name}:*"
    return _retain(request, Made(name, {"Arn": arn}))


def _retain(request: Request, made: Made) -> Made:
    if "RetentionInDays" in request.properties:
        parameters = {"logGroupName": made.ref, "retentionInDays": request.properties["RetentionInDays"]}
        request.keep("logs", "put_retention_policy", parameters, lambda _: _read(request))
    return made


def _read(request: Request) -> Properties:
    logs = request.client("logs")
    group: Properties = logs.describe_log_groups(logGroupNamePrefix=request.name)["logGroups"][0]
    return {**group, "tags": logs.list_tags_log_group(logGroupName=request.name)["tags"]}


def _delete(request: Request, made: Made) -> None:
    request.client("logs").delete_log_group(logGroupName=made.ref)


TYPES = (
    ResourceType(
        "AWS::Logs::LogGroup",
        "LogGroupName RetentionInDays KmsKeyId Tags",
        _create,
        _delete,
        _retain,
        name_property="LogGroupName",
        fixed="KmsKeyId Tags",
        not_imitated={
            "DataProtectionPolicy": "nothing is masked in the local logs",
            "LogGroupClass": "all log groups are of the standard class",
        },
    ),
)
