"""SNS topics, their policies and subscriptions."""

from __future__ import annotations

import json
from typing import Any

from local.aws.cloudformation.resource import Made, Properties, Request, ResourceType

_ATTRIBUTES = ("DisplayName", "KmsMasterKeyId", "FifoTopic", "ContentBasedDeduplication")


def _attributes(request: Request) -> dict[str, str]:
    found = {key: request.properties[key] for key in _ATTRIBUTES if key in request.properties}
    return {key: str(value).lower() if isinstance(value, bool) else str(value) for key, value in found.items()}


def _read(request: Request, arn: str) -> Properties:
    return {"TopicArn": arn, **request.client("sns").get_topic_attributes(TopicArn=arn)}


def _create(request: Request) -> Made:
    arn = f"arn:aws:sns:{request.region}:{request.account}:{request.name}"
    tags = [{"Key": key, "Value": value} for key, value in request.tags().items()]
    parameters = {"Name": request.name, "Attributes": _attributes(request), "Tags": tags}

    def read(_answer: Any) -> Properties:
        kept = request.client("sns").list_tags_for_resource(ResourceArn=arn)["Tags"]
        return {"Name": request.name, "Tags": kept, **_read(request, arn)}

    request.keep("sns", "create_topic", parameters, read)
    return Made(arn, {"TopicArn": arn, "TopicName": request.name})


def _update(request: Request, made: Made) -> Made:
    for key, value in _attributes(request).items():
        request.client("sns").set_topic_attributes(TopicArn=made.ref, AttributeName=key, AttributeValue=value)
    return made


def _delete(request: Request, made: Made) -> None:
    request.client("sns").delete_topic(TopicArn=made.ref)


def _put_policy(request: Request, _made: Made | None = None) -> Made:
    policy = json.dumps(request.properties["PolicyDocument"])
    for topic in request.properties["Topics"]:
        request.client("sns").set_topic_attributes(TopicArn=topic, AttributeName="Policy", AttributeValue=policy)
    return Made(request.name)


def _subscribe(request: Request) -> Made:
    extra = {
        key: request.properties[key] for key in ("RawMessageDelivery", "FilterPolicy") if key in request.properties
    }
    parameters = {**request.without(*extra), "ReturnSubscriptionArn": True, "Attributes": extra}

    def read(answer: Any) -> Properties:
        arn = answer["SubscriptionArn"]
        kept = request.client("sns").get_subscription_attributes(SubscriptionArn=arn)["Attributes"]
        return {**kept, "ReturnSubscriptionArn": True, "Attributes": kept}

    arn = request.keep("sns", "subscribe", parameters, read)["SubscriptionArn"]
    return Made(arn, {"Arn": arn})


def _unsubscribe(request: Request, made: Made) -> None:
    request.client("sns").unsubscribe(SubscriptionArn=made.ref)


TYPES = (
    ResourceType(
        "AWS::SNS::Topic",
        f"TopicName Tags {' '.join(_ATTRIBUTES)}",
        _create,
        _delete,
        _update,
        name_property="TopicName",
        fixed="FifoTopic Tags",
    ),
    ResourceType("AWS::SNS::TopicPolicy", "PolicyDocument Topics", _put_policy, update=_put_policy, fixed="Topics"),
    ResourceType(
        "AWS::SNS::Subscription",
        "TopicArn Protocol Endpoint RawMessageDelivery FilterPolicy",
        _subscribe,
        _unsubscribe,
    ),
)
