"""What a state machine's definition calls: its tasks, item readers and result writers."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from infra.residency.actions import Verb

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_SUBSTITUTION = re.compile(r"\$\{([^}]+)\}")


@dataclass(frozen=True)
class Integration:
    """A service that a state may call: which parameter names what, and which way data goes."""

    parameter: str
    to: tuple[str, ...]
    verb: Verb


# By what follows `:::` in the resource's ARN, less `.sync` or `.waitForTaskToken`.
INTEGRATIONS = {
    "lambda:invoke": Integration("FunctionName", ("function",), Verb.RUN),
    "sqs:sendMessage": Integration("QueueUrl", ("queue",), Verb.SEND),
    "states:startExecution": Integration("StateMachineArn", ("state machine",), Verb.RUN),
    "s3:getObject": Integration("Bucket", ("bucket",), Verb.READ),
    "s3:putObject": Integration("Bucket", ("bucket",), Verb.WRITE),
}


@dataclass(frozen=True)
class Call:
    """One call.

    Args:
        where: The state, as a path in the definition.
        service: What is called, e.g. `lambda:invoke`; the whole resource if it is no integration.
        target: What the parameter says; None if it says nothing.
        credentials: Whether the state takes another role for it.
    """

    where: str
    service: str
    target: Any
    credentials: bool


def calls(properties: Mapping[str, Any]) -> Iterator[Call] | None:
    """All calls of a definition whose values are resolved, or None if it cannot be read."""
    try:
        definition = json.loads(properties["DefinitionString"])
    except (KeyError, TypeError, ValueError):
        return None
    return _walk(_substituted(definition, properties.get("DefinitionSubstitutions") or {}), "")


def _substituted(value: Any, given: Mapping[str, Any]) -> Any:
    if isinstance(value, str):
        return _SUBSTITUTION.sub(lambda found: str(given.get(found[1], found[0])), value)
    if isinstance(value, list):
        return [_substituted(item, given) for item in value]
    return {key: _substituted(item, given) for key, item in value.items()} if isinstance(value, dict) else value


def _walk(value: Any, where: str) -> Iterator[Call]:
    if isinstance(value, list):
        for place, item in enumerate(value):
            yield from _walk(item, f"{where}[{place}]")
    if not isinstance(value, dict):
        return
    resource = value.get("Resource")
    if isinstance(resource, str):
        service = re.sub(r"\.(sync(:2)?|waitForTaskToken)$", "", resource.rpartition(":::")[2])
        parameters = value.get("Parameters") or value.get("Arguments") or {}
        known = INTEGRATIONS.get(service)
        yield Call(where, service, parameters.get(known.parameter) if known else resource, "Credentials" in value)
    for key, item in value.items():
        if key not in {"Parameters", "Arguments", "Result"}:
            yield from _walk(item, f"{where}.{key}" if where else key)
