"""Everything that sends goes to a resource of the same stack: events, schedules, subscriptions, dead letters, logs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from infra.residency.confined import beyond
from infra.residency.links import LINKS
from infra.residency.machines import INTEGRATIONS, calls
from infra.residency.paths import values
from infra.residency.rule import Flaw, Rule
from infra.residency.statements import Use

if TYPE_CHECKING:
    from collections.abc import Iterator

    from infra.residency.graph import Edge, Graph, Node

_INSIDE = {"sqs": ("queue",), "lambda": ("function",)}
_TO_PEOPLE = {"email", "email-json", "sms"}
_ALARMS = "cloudwatch.amazonaws.com"


def _links(graph: Graph) -> Iterator[Flaw]:
    for node in graph.nodes.values():
        for link in LINKS.get(node.type, ()):
            for where, given in values(node.properties, link.path):
                if graph.find(given, link.to):
                    continue
                text = str(given)
                kinds = " or ".join(link.to) or "resource: events of the default bus go wherever its rules say"
                why = beyond(graph, text) if text.startswith("arn:") else None
                yield Flaw(node.id, where, why or f"{text} is not a {kinds} of this stack.", (node.label, where, text))


def _subscriptions(graph: Graph) -> Iterator[Flaw]:
    for node in graph.of("subscription"):
        protocol, endpoint = str(node.properties.get("Protocol", "")), node.properties.get("Endpoint", "")
        topic = graph.find(node.properties.get("TopicArn"), ("topic",))
        path = (topic.label if topic else "a topic", f"subscription {node.id} by {protocol}", str(endpoint))
        if protocol in _INSIDE:
            if not graph.find(endpoint, _INSIDE[protocol]):
                what = beyond(graph, str(endpoint)) or f"{endpoint} is not a {_INSIDE[protocol][0]} of this stack."
                yield Flaw(node.id, "Endpoint", what, path)
        elif protocol not in _TO_PEOPLE:
            yield Flaw(node.id, "Endpoint", f"Messages go out of the region by {protocol}.", path)
        elif topic is None or not _alarms_only(graph, topic):
            what = f"Messages go out of the region by {protocol}, and not only alarms, whose words are fixed, are sent."
            yield Flaw(node.id, "Endpoint", what, path)


def _alarms_only(graph: Graph, topic: Node) -> bool:
    """Whether nothing but CloudWatch's alarms may publish to a topic; what those say is in the template."""
    if any(edge.target == topic.id and edge.source in graph.nodes and edge.forth for edge in _from_others(graph)):
        return False
    allowed = [each for each in graph.protecting(topic) if each.allow]
    return all(set(each.principals) == {("Service", _ALARMS)} for each in allowed if each.use is Use.RESOURCE)


def _from_others(graph: Graph) -> Iterator[Edge]:
    return (edge for edge in graph.edges if edge.source in graph.nodes and graph.nodes[edge.source].noun != "alarm")


def _measured(graph: Graph) -> Iterator[Flaw]:
    for node in graph.of("metric filter"):
        for where, given in values(node.properties, "MetricTransformations[].MetricValue"):
            if not str(given).isdigit():
                path = (node.label, f"the metric's value {given}", "an alarm's words, and whoever reads them")
                yield Flaw(node.id, where, f"The metric's value is {given}, which is taken from the log.", path)


def _calls(graph: Graph) -> Iterator[Flaw]:
    for node in graph.of("state machine"):
        found = calls(node.properties)
        if found is None:
            yield Flaw(node.id, "DefinitionString", "The definition is not in the template, or is not JSON.")
            continue
        for call in found:
            known, where = INTEGRATIONS.get(call.service), f"DefinitionString {call.where}"
            path = (node.label, call.where, str(call.target))
            if call.unclear:
                yield Flaw(node.id, f"{where} Parameters", "What it calls is said twice, or only when it runs.", path)
            if call.credentials:
                yield Flaw(
                    node.id, f"{where} Credentials", "The state takes another role, maybe another account's.", path
                )
            if known is None:
                yield Flaw(node.id, where, f"Nobody has judged where {call.service} sends data.", path)
            elif not graph.find(call.target, known.to):
                yield Flaw(node.id, where, f"{call.target} is not a {' or '.join(known.to)} of this stack.", path)


RULES = (
    Rule(
        "foreign-subscription",
        "a subscription by HTTP, e-mail, SMS or to another stack; e-mail and SMS may carry a topic's messages only if "
        "nothing but CloudWatch's alarms may publish to it",
        "Subscribe a queue or function of this stack; people hear of alarms through the alarm topic alone.",
        _subscriptions,
    ),
    Rule(
        "value-in-metric",
        "a metric whose value comes from the log's content, and so may be a row's: an alarm would tell it",
        "Count: let MetricValue be a number.",
        _measured,
    ),
    Rule(
        "foreign-call",
        "a state that calls anything but this stack's functions, queues, machines and buckets, or takes another role",
        "Call a resource of this stack; an integration that is to be used is judged in infra/residency/machines.py.",
        _calls,
    ),
    Rule(
        "foreign-target",
        "a notification, event, schedule, dead letter, alarm, log, location, role or layer that is not this stack's",
        "Name a resource of this stack.",
        _links,
    ),
)
