"""SQS queues and their policies."""

from __future__ import annotations

import json
from typing import Any

from local.aws.cloudformation.resource import Made, Properties, Request, ResourceType

_ATTRIBUTES = (
    "ContentBasedDeduplication DeduplicationScope DelaySeconds FifoQueue FifoThroughputLimit"
    " KmsDataKeyReusePeriodSeconds KmsMasterKeyId MaximumMessageSize MessageRetentionPeriod"
    " ReceiveMessageWaitTimeSeconds RedrivePolicy SqsManagedSseEnabled VisibilityTimeout"
)


def _attributes(request: Request) -> dict[str, str]:
    """The API takes every attribute as text."""
    return {
        key: json.dumps(value) if isinstance(value, dict | list | bool) else str(value)
        for key, value in request.without("QueueName", "Tags").items()
    }


def _read(request: Request, url: str) -> Properties:
    answer = request.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["All"])
    return {"QueueUrl": url, "Attributes": answer["Attributes"]}


def _create(request: Request) -> Made:
    name = request.name[:80]
    if str(request.properties.get("FifoQueue")).lower() == "true" and not name.endswith(".fifo"):
        name = f"{name[:75]}.fifo"
    url = f"https://sqs.{request.region}.amazonaws.com/{request.account}/{name}"
    parameters = {"QueueName": name, "Attributes": _attributes(request), "tags": request.tags()}

    def read(_answer: Any) -> Properties:
        tags = request.client("sqs").list_queue_tags(QueueUrl=url).get("Tags", {})
        return {"QueueName": name, "tags": tags, **_read(request, url)}

    request.keep("sqs", "create_queue", parameters, read)
    arn = f"arn:aws:sqs:{request.region}:{request.account}:{name}"
    return Made(url, {"Arn": arn, "QueueName": name, "QueueUrl": url})


def _update(request: Request, made: Made) -> Made:
    _set(request, made.ref, {key: value for key, value in _attributes(request).items() if key != "FifoQueue"})
    return made


def _set(request: Request, url: str, attributes: dict[str, str]) -> None:
    parameters = {"QueueUrl": url, "Attributes": attributes}
    request.keep("sqs", "set_queue_attributes", parameters, lambda _: _read(request, url))


def _delete(request: Request, made: Made) -> None:
    request.client("sqs").delete_queue(QueueUrl=made.ref)


def _put_policy(request: Request, _made: Made | None = None) -> Made:
    for url in request.properties["Queues"]:
        _set(request, url, {"Policy": json.dumps(request.properties["PolicyDocument"])})
    return Made(request.name)


def _delete_policy(request: Request, _made: Made) -> None:
    for url in request.properties["Queues"]:
        request.client("sqs").set_queue_attributes(QueueUrl=url, Attributes={"Policy": ""})


TYPES = (
    ResourceType(
        "AWS::SQS::Queue",
        f"QueueName Tags {_ATTRIBUTES}",
        _create,
        _delete,
        _update,
        name_property="QueueName",
        fixed="FifoQueue Tags",
        not_imitated={"RedriveAllowPolicy": "which queues may use a dead-letter queue is not checked"},
    ),
    ResourceType(
        "AWS::SQS::QueuePolicy", "PolicyDocument Queues", _put_policy, _delete_policy, _put_policy, fixed="Queues"
    ),
)
