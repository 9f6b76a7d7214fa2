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
        unclear: Whether the target is said in two places, of which one may be worked out as the state runs.
    """

    where: str
    service: str
    target: Any
    credentials: bool
    unclear: bool


def calls(properties: Mapping[str, Any]) -> Iterator[Call] | None:
    """All calls of a definition whose values are resolved, or None if it cannot be read."""
    given = properties.get("DefinitionSubstitutions") or {}
    try:
        # As CloudFormation does: in the text, so that what is put in may become more than a value.
        text = _SUBSTITUTION.sub(lambda found: str(given.get(found[1], found[0])), properties["DefinitionString"])
        definition = json.loads(text, object_pairs_hook=_once)
    except (AttributeError, KeyError, TypeError, ValueError):
        return None
    return _walk(definition, "") if isinstance(definition, dict) else None


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object whose keys differ; of two that are the same, readers choose differently."""
    if len(dict(pairs)) < len(pairs):
        raise ValueError("A key is there twice.")
    return dict(pairs)


def _walk(value: Any, where: str) -> Iterator[Call]:
    if isinstance(value, list):
        for place, item in enumerate(value):
            yield from _walk(item, f"{where}[{place}]")
    if not isinstance(value, dict):
        return
    if "Resource" in value:
        yield _call(value, where)
    for key, item in value.items():
        here = f"{where}.{key}" if where else key
        if key == "States" and isinstance(item, dict):  # whose names may be any words
            for name, state in item.items():
                yield from _walk(state, f"{here}.{name}")
        elif key not in {"Parameters", "Arguments", "Result"}:
            yield from _walk(item, here)


def _call(state: Mapping[str, Any], where: str) -> Call:
    resource = str(state["Resource"])
    service = re.sub(r"\.(sync(:2)?|waitForTaskToken)$", "", resource.rpartition(":::")[2])
    known = INTEGRATIONS.get(service)
    said = [state[key] for key in ("Parameters", "Arguments") if key in state]
    given = said[0] if said and isinstance(said[0], dict) else {}
    unclear = len(said) > 1 or bool(known and f"{known.parameter}.$" in given)
    return Call(where, service, given.get(known.parameter) if known else resource, "Credentials" in state, unclear)
