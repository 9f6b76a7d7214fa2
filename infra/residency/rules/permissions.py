"""What roles may do: known actions, on this stack's resources, in this region and account; and who may take them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from infra.residency.actions import BY_ARN_ALONE, ON_NOTHING, VERBS
from infra.residency.confined import beyond, holds
from infra.residency.paths import values
from infra.residency.rule import Flaw, Rule
from infra.residency.stack import ACCOUNT
from infra.residency.statements import Use

if TYPE_CHECKING:
    from collections.abc import Iterator

    from infra.residency.graph import Graph
    from infra.residency.statements import Statement

# Each takes roles on behalf of the account that passed it the role, and roles are passed within an account only.
_TAKERS = ("lambda", "scheduler", "states", "events", "quicksight", "vpc-flow-logs")


def _grants(graph: Graph) -> Iterator[Statement]:
    return (each for each in graph.statements if each.use is Use.GRANT and each.allow)


def _given(graph: Graph) -> Iterator[Statement]:
    """What resource policies allow to roles of this stack; no statement of theirs confines that."""
    roles = {("AWS", node.arn) for node in graph.of("role")}
    return (each for each in graph.statements if each.use is Use.RESOURCE and each.allow and roles & {*each.principals})


def _flaw(graph: Graph, each: Statement, what: str, end: str, where: str = "") -> Flaw:
    holders = ", ".join(graph.nodes[holder].label for holder in each.holders) or graph.nodes[each.written].label
    return Flaw(each.written, f"{each.where}{where}", what, (holders, each.label, end))


def _negated(graph: Graph) -> Iterator[Flaw]:
    for each in _grants(graph):
        for part in each.negated:
            yield _flaw(graph, each, f"{part} allows everything but what it lists.", f"everything but its {part}")


def _actions(graph: Graph) -> Iterator[Flaw]:
    for each in (*_grants(graph), *_given(graph)):
        for place, action in enumerate(each.actions):
            where = f".Action[{place}]"
            if "*" in action or "?" in action:
                what = f"It allows {action}, so actions that nobody has written out."
                yield _flaw(graph, each, what, action, where)
            elif action.lower() not in VERBS:
                what = f"It allows {action}, which nobody has judged, or which opens, copies or shares a resource."
                yield _flaw(graph, each, what, action, where)


def _resources(graph: Graph) -> Iterator[Flaw]:
    for each in _grants(graph):
        for place, resource in enumerate(each.resources):
            where = f".Resource[{place}]"
            if resource == "*" and {action.lower() for action in each.actions} <= ON_NOTHING:
                continue
            if resource == "*":
                what = "It allows its actions on every resource there is."
                yield _flaw(graph, each, what, "any resource", where)
            elif what_is_wrong := beyond(graph, resource):
                yield _flaw(graph, each, what_is_wrong, resource, where)


def _unconfined(graph: Graph) -> Iterator[Flaw]:
    wanted = {"aws:RequestedRegion": graph.stack.region, "aws:ResourceAccount": ACCOUNT}
    for each in _grants(graph):
        if {action.lower() for action in each.actions} <= BY_ARN_ALONE:
            continue  # rules of databases ask for the whole ARN
        missing = [f"{key} = {value}" for key, value in wanted.items() if not holds(each.conditions, key, value)]
        if missing:
            end = "another region" if missing[0].startswith("aws:RequestedRegion") else "another account"
            what = f"It does not demand {' and '.join(missing)} by StringEquals."
            yield _flaw(graph, each, what, end, ".Condition")


def _managed(graph: Graph) -> Iterator[Flaw]:
    for node in graph.of("role"):
        for where, given in values(node.properties, "ManagedPolicyArns[]"):
            if not graph.find(given, ("managed policy",)):
                path = (node.label, f"managed policy {given}", "what that policy allows")
                yield Flaw(node.id, where, f"What {given} allows is not in this template.", path)


def _trust(graph: Graph) -> Iterator[Flaw]:
    takers = {f"{name}.amazonaws.com" for name in _TAKERS}
    for each in graph.statements:
        if each.use is not Use.TRUST or not each.allow:
            continue
        role = graph.nodes[each.written].label
        for kind, principal in each.principals or (("nobody in particular", "*"),):
            if (kind == "Service" and principal in takers) and not each.negated:
                continue
            path = (f"{kind} {principal}", each.label, role)
            what = f"The role may be taken by {principal} ({kind}), not only by a service that runs in this stack."
            yield Flaw(each.written, f"{each.where}.Principal", what, path)


RULES = (
    Rule(
        "allow-by-exception",
        "NotAction, NotResource or NotPrincipal in a statement that allows",
        "Write out what is allowed.",
        _negated,
    ),
    Rule(
        "unknown-action",
        "an action with a wildcard, or one that does more than move data within the resource it is allowed on",
        "Write out the actions that the code calls. One that infra/residency/actions.py lacks: judge it, and add it.",
        _actions,
    ),
    Rule(
        "unconfined-resource",
        "a statement on `*`, on an ARN of another region or account, or on what this stack does not make",
        "Name resources of this stack: the role works on nothing else.",
        _resources,
    ),
    Rule(
        "unconfined-statement",
        "a role's statement without both aws:RequestedRegion and aws:ResourceAccount",
        "Write statements with infra.roles.allow, which adds both.",
        _unconfined,
    ),
    Rule(
        "foreign-managed-policy",
        "a managed policy that is not in the template",
        "Write the statements that are needed into the role.",
        _managed,
    ),
    Rule(
        "foreign-trust",
        "a role that anybody but Lambda, Scheduler, EventBridge, Step Functions, QuickSight or flow logs may take",
        "Let the one service that runs it take the role.",
        _trust,
    ),
)
