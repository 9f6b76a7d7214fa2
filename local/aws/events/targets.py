"""Sends an event to the target of a rule or schedule."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from local.aws.errors import UnsupportedResource

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from local.aws.clients import Clients


class Targets:
    """Delivers events. Functions are queued, not called: in AWS they run later, and may be retried.

    Args:
        clients: for the services that receive events.
        invoke_later: queues an asynchronous invocation: function ARN, event.
    """

    def __init__(self, clients: Clients, invoke_later: Callable[[str, Any], None]) -> None:
        self._clients = clients
        self._invoke_later = invoke_later

    def deliver(self, target: Mapping[str, Any], event: Mapping[str, Any]) -> None:
        """Send `event`, or the input that the target sets instead of it.

        Args:
            event: what happened.
            target: `Arn`, and perhaps `Input`, `InputPath`, `SqsParameters`, as the API describes targets.

        Raises:
            UnsupportedResource: if the laptop cannot deliver to such a target.
        """
        arn: str = target["Arn"]
        _, _, service, region, *_ = arn.split(":")
        text = _text(target, event)
        if service == "lambda":
            self._invoke_later(arn, json.loads(text))
        elif service == "sqs":
            self._send(arn, region, text, target.get("SqsParameters", {}))
        elif service == "sns":
            self._clients.client("sns", region).publish(TopicArn=arn, Message=text)
        elif service == "states":
            self._clients.client("stepfunctions", region).start_execution(stateMachineArn=arn, input=text)
        else:
            raise UnsupportedResource(arn, "event target", "the laptop does not deliver to this service")

    def _send(self, arn: str, region: str, text: str, parameters: Mapping[str, str]) -> None:
        sqs = self._clients.client("sqs", region)
        url = sqs.get_queue_url(QueueName=arn.rsplit(":", 1)[-1])["QueueUrl"]
        group = {"MessageGroupId": parameters["MessageGroupId"]} if "MessageGroupId" in parameters else {}
        sqs.send_message(QueueUrl=url, MessageBody=text, **group)


def _text(target: Mapping[str, Any], event: Mapping[str, Any]) -> str:
    """What the target receives: its constant input, a part of the event, or the event."""
    if "Input" in target:
        return str(target["Input"])
    if "InputTransformer" in target:
        raise UnsupportedResource(target["Arn"], "event target", "the laptop does not transform inputs")
    found: Any = event
    for name in target.get("InputPath", "$").removeprefix("$").split("."):
        found = found[name] if name else found
    return json.dumps(found)
