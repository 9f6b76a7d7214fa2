"""What starts a Lambda function: event source mappings and permissions. Queues are the only event sources."""

from __future__ import annotations

from typing import Any

from local.aws.cloudformation.resource import Made, Properties, Request, ResourceType
from local.aws.errors import DeploymentRejected


def _create(request: Request) -> Made:
    source = request.properties["EventSourceArn"]
    if ":sqs:" not in source:
        request.refuse(f"the laptop does not poll {source}, only queues")
    _require_valid(request, source)
    parameters = request.properties
    name = parameters["FunctionName"].rsplit(":", 1)[-1]

    def read(answer: Any) -> Properties:
        return {**_read(request, answer["UUID"]), "FunctionName": name}

    answer = request.keep("lambda", "create_event_source_mapping", {**parameters, "FunctionName": name}, read)
    arn = answer["EventSourceMappingArn"]
    return Made(answer["UUID"], {"Id": answer["UUID"], "EventSourceMappingArn": arn})


def _read(request: Request, uuid: str) -> Properties:
    kept = request.client("lambda").get_event_source_mapping(UUID=uuid)
    return {**kept, "Enabled": kept["State"] == "Enabled"}


def _require_valid(request: Request, source: str) -> None:
    """The checks that Lambda makes when a queue is mapped, and moto does not.

    Raises:
        DeploymentRejected: naming the rule.
    """
    properties, name = request.properties, source.rsplit(":", 1)[-1]
    function = properties["FunctionName"]
    timeout = int(request.client("lambda").get_function_configuration(FunctionName=function)["Timeout"])
    sqs = request.client("sqs")
    url = sqs.get_queue_url(QueueName=name)["QueueUrl"]
    attributes = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["VisibilityTimeout"])["Attributes"]
    batch, window = int(properties.get("BatchSize", 10)), int(properties.get("MaximumBatchingWindowInSeconds", 0))
    fifo = name.endswith(".fifo")
    rules = {
        f"The visibility timeout of {name} is shorter than the timeout of its function ({timeout} s).": int(
            attributes["VisibilityTimeout"]
        )
        < timeout,
        "Batching windows are not supported for FIFO queues.": fifo and window > 0,
        "A FIFO queue's batch holds at most 10 messages.": fifo and batch > 10,  # noqa: PLR2004 - said in the text
        "A batch of more than 10 messages needs a batching window of at least 1 second.": batch > 10 and window < 1,  # noqa: PLR2004 - said in the text
    }
    for rule, broken in rules.items():
        if broken:
            raise DeploymentRejected(f"{request.stack}/{request.logical_id}: {rule}", remedy="Change the template.")


def _update(request: Request, made: Made) -> Made:
    _require_valid(request, request.properties["EventSourceArn"])
    parameters = {**request.without("EventSourceArn", "FunctionName"), "UUID": made.ref}
    request.keep("lambda", "update_event_source_mapping", parameters, lambda _: _read(request, made.ref))
    return made


def _delete(request: Request, made: Made) -> None:
    request.client("lambda").delete_event_source_mapping(UUID=made.ref)


def _permit(request: Request) -> Made:
    parameters = {**request.properties, "StatementId": request.logical_id}
    request.call("lambda", "add_permission", parameters)
    return Made(request.logical_id, {"Id": request.logical_id})


def _forbid(request: Request, made: Made) -> None:
    function = request.properties["FunctionName"].rsplit(":", 1)[-1]
    request.client("lambda").remove_permission(FunctionName=function, StatementId=made.ref)


def _change_permission(request: Request, made: Made) -> Made:
    _forbid(request, made)
    return _permit(request)


TYPES = (
    ResourceType(
        "AWS::Lambda::EventSourceMapping",
        "EventSourceArn FunctionName BatchSize Enabled FunctionResponseTypes MaximumBatchingWindowInSeconds"
        " ScalingConfig",
        _create,
        _delete,
        _update,
        fixed="EventSourceArn FunctionName",
        not_imitated={"Tags": "tags of event source mappings"},
    ),
    ResourceType(
        "AWS::Lambda::Permission",
        "Action FunctionName Principal SourceAccount SourceArn",
        _permit,
        _forbid,
        _change_permission,
        fixed="FunctionName",
    ),
)
