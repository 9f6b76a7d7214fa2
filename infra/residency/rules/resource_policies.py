"""Who may use a bucket, queue, topic, key or function: this account, and services that act for it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from infra.residency.arn import Arn
from infra.residency.confined import beyond, holds
from infra.residency.rule import Flaw, Rule
from infra.residency.stack import ACCOUNT
from infra.residency.statements import Use

if TYPE_CHECKING:
    from collections.abc import Iterator

    from infra.residency.graph import Graph, Node
    from infra.residency.statements import Condition, Statement

_OWN_ACCOUNT = ("aws:SourceAccount", "aws:PrincipalAccount", "kms:CallerAccount")
_OWN_ARN = ("aws:SourceArn", "aws:PrincipalArn")
_CONTEXT = "kms:EncryptionContext:aws:logs:arn"  # which a caller chooses, unless the caller is CloudWatch Logs itself
_FIRST = 5  # parts of an ARN, which say where it is and whose
# The services that may use a resource; each only brings something to it, or opens the key for what the region keeps.
# Others serve what they read in other places: CloudFront at its edges, AppFlow to whom it is told.
_SERVICES = {
    "bucket": ("logging.s3",),
    "queue": ("events", "s3", "sns"),
    "topic": ("cloudwatch", "events", "s3"),
    "key": ("cloudwatch", "events", "logs.{region}", "s3", "sns"),
    "function": ("events", "logs.{region}", "s3", "sns"),
}
_EQUAL = ("ArnEquals", "ArnLike", "StringEquals", "StringLike")
_GUARDED = ("bucket", "queue", "topic")  # reached over the network by URL


def _allowing(graph: Graph) -> Iterator[Statement]:
    return (each for each in graph.statements if each.use is Use.RESOURCE and each.allow)


def _path(graph: Graph, each: Statement, who: str) -> tuple[str, ...]:
    held = ", ".join(graph.nodes[holder].label for holder in each.holders) or graph.nodes[each.written].label
    return (who, each.label, held)


def _in_place(graph: Graph, condition: Condition, principal: str) -> bool:
    """Whether a condition on an ARN leaves nothing but this account's, in this region or a bucket of this stack."""
    keys = (*_OWN_ARN, _CONTEXT) if principal.startswith("logs.") else _OWN_ARN
    if condition.operator not in _EQUAL or not condition.of(*keys):
        return False
    for text in condition.values:
        # StringLike's wildcards take colons with them, and a role's path may have some.
        if re.search(r"[*?]", "".join(text.split(":")[:_FIRST])):
            return False
        arn = Arn.parse(text)
        regions = {graph.stack.region, ""} if arn and arn.service == "iam" else {graph.stack.region}
        if not (arn and arn.account == ACCOUNT and arn.region in regions) and beyond(graph, text):
            return False
    return bool(condition.values)


def _confined(graph: Graph, each: Statement, principal: str) -> bool:
    own = any(holds(each.conditions, key, ACCOUNT) for key in _OWN_ACCOUNT)
    return own or any(_in_place(graph, condition, principal) for condition in each.conditions)


def _judged(graph: Graph, each: Statement, principal: str) -> bool:
    """Whether a service is one of those that a resource may have."""
    stack = graph.stack
    names = {name for holder in each.holders for name in _SERVICES[graph.nodes[holder].noun]}
    return principal in {f"{name.format(region=stack.region)}.{stack.suffix}" for name in names}


def _own_api(graph: Graph, each: Statement, principal: str) -> bool:
    """Whether it is an API of this stack that may call a function; of what it calls, rules of doors speak."""
    named = [each for each in each.conditions if each.operator in _EQUAL and each.of("aws:SourceArn")]
    sources = [arn for condition in named for arn in condition.values]
    own = {end for arn in sources for end in graph.covered(arn) if graph.nodes[end].noun == "API"}
    functions = all(graph.nodes[holder].noun == "function" for holder in each.holders)
    return principal == f"apigateway.{graph.stack.suffix}" and functions and bool(own) and len(sources) == 1


def _principals(graph: Graph) -> Iterator[Flaw]:
    root = f"arn:{graph.stack.partition}:iam::{ACCOUNT}:root"
    roles = {node.arn for node in graph.of("role")}
    for each in _allowing(graph):
        if each.negated:
            what = f"{each.negated[0]} allows everything but what it lists."
            yield Flaw(each.written, each.where, what, _path(graph, each, "anybody"))
        for place, (kind, principal) in enumerate(each.principals or (("AWS", "*"),)):
            where = f"{each.where}.Principal[{place}]"
            if kind == "Service" and (_judged(graph, each, principal) or not each.holders):
                continue
            if kind == "Service" and _own_api(graph, each, principal):
                continue
            if kind == "AWS" and principal in {root, ACCOUNT, *roles}:
                continue
            what = f"{principal} ({kind}) is not of this account or stack."
            if principal == "*":
                # Conditions do not mend it: within the account they leave the roles of the other regions.
                what = "Anybody may use it, or whoever its conditions leave."
            elif kind == "Service":
                what = f"Nobody has judged what {principal} does with it."
            yield Flaw(each.written, where, what, _path(graph, each, f"{kind} {principal}"))


def _services(graph: Graph) -> Iterator[Flaw]:
    for each in _allowing(graph):
        for kind, principal in each.principals:
            if kind == "Service" and not _confined(graph, each, principal):
                what = f"{principal} may use it on behalf of any account."
                yield Flaw(each.written, f"{each.where}.Condition", what, _path(graph, each, f"service {principal}"))


def _tls(graph: Graph) -> Iterator[Flaw]:
    for node in graph.of(*_GUARDED):
        if not any(_refuses_plain(each, node) for each in graph.protecting(node)):
            path = ("any client", "plain HTTP", node.label)
            yield Flaw(node.id, "policy", "No policy denies requests without TLS.", path)


def _refuses_plain(each: Statement, node: Node) -> bool:
    everybody = ("AWS", "*") in each.principals
    plain = any(
        c.operator == "Bool" and c.of("aws:SecureTransport") and c.values == ("false",) for c in each.conditions
    )
    only = len(each.conditions) == 1  # a second condition would let some through
    covered = {"bucket": ("s3:*", "*"), "queue": ("sqs:*", "*"), "topic": ("sns:Publish", "sns:*", "*")}[node.noun]
    whole = {node.arn, f"{node.arn}/*"} if node.noun == "bucket" else {node.arn}
    return (
        not each.allow
        and everybody
        and plain
        and only
        and any(action in covered for action in each.actions)
        and ("*" in each.resources or whole <= set(each.resources))
    )


RULES = (
    Rule(
        "foreign-principal",
        "a resource policy that allows anybody, under whatever conditions, another account, a federation, everybody "
        "but a list, or a service that does more than bring something; of APIs, only this stack's may call a function",
        "Allow the account's root, whose policies then decide, a role of this stack, or a service for this account.",
        _principals,
    ),
    Rule(
        "unconfined-service",
        "a service that may use a resource without aws:SourceAccount or aws:SourceArn of this account",
        "Add the condition StringEquals aws:SourceAccount = AWS::AccountId.",
        _services,
    ),
    Rule("no-tls", "a bucket, queue or topic whose policy does not deny plain HTTP", "Set enforce_ssl=True.", _tls),
)
