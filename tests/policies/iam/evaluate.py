"""Whether a request is allowed, by AWS's reference "Policy evaluation logic".

A denial anywhere wins. Within an account either side may allow: a role's own policies, inside what its boundaries
leave, or the resource's policy, if that names the role itself and not only its account. A key and a role (as something
to be assumed) are different: their policy must agree in any case. Across accounts, and for services of AWS, the
resource's policy must allow; across accounts the role's own as well. Session policies are not modelled.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tests.policies.iam.policy import Named, Policy, Request, Statement

Grant = tuple[Statement, str, str]  # the statement, and the action and resource by which it matched


@dataclass(frozen=True)
class Policies:
    """All policies that a request meets.

    Args:
        own: The role's.
        limits: Permissions boundaries and organization policies; every one must allow.
        resource: The resource's.
    """

    own: Sequence[Policy] = ()
    limits: Sequence[Policy] = ()
    resource: Sequence[Policy] = ()


@dataclass(frozen=True)
class Decision:
    """The answer.

    Args:
        allowed: Whether the request passes.
        denials: The statements that deny it; empty if it is denied because nothing allows it.
        grants: The statements that allow it, even where others deny it.
        why: The same in words.
    """

    allowed: bool
    denials: tuple[Statement, ...]
    grants: tuple[Grant, ...]
    why: str


def decide(request: Request, policies: Policies) -> Decision:
    """Judge a request.

    Raises:
        NotModelled: if a policy says something whose meaning is not known here.
    """
    own, limits = _about(policies.own, request), [_about([limit], request) for limit in policies.limits]
    resource = [
        (grant, named)
        for grant in _about(policies.resource, request)
        if (named := grant[0].names(request.principal)) is not Named.NOT
    ]
    everything = [*own, *(grant for limit in limits for grant in limit), *(grant for grant, _ in resource)]
    if denials := [grant[0] for grant in everything if grant[0].effect == "Deny"]:
        why = f"denied by {', '.join(dict.fromkeys(map(str, denials)))}"
        return Decision(False, tuple(denials), _allowing(everything), why)
    outside = [limit.name for limit, found in zip(policies.limits, limits, strict=True) if not found]
    direct = [grant for grant, named in resource if named is Named.ITSELF]
    delegated = [grant for grant, _ in resource]
    allowed, why = _allowed(request, bool(own), bool(direct), bool(delegated))
    if allowed and outside:
        allowed, why = False, f"outside of {', '.join(outside)}"
    return Decision(allowed, (), _allowing([*own, *delegated]), why)


def _about(policies: Sequence[Policy], request: Request) -> list[Grant]:
    return [
        (statement, action, resource)
        for policy in policies
        for statement in policy.statements
        for action, resource in statement.about(request)
    ]


def _allowing(grants: Sequence[Grant]) -> tuple[Grant, ...]:
    return tuple(grant for grant in grants if grant[0].effect == "Allow")


def _allowed(request: Request, own: bool, direct: bool, delegated: bool) -> tuple[bool, str]:
    """The answer where nothing denies, before limits.

    Args:
        request: The question.
        own: Whether a policy of the role allows it.
        direct: Whether the resource's policy allows it to the one who asks by name, or to everybody.
        delegated: Whether it allows it in any way, be it by leaving it to the account.
    """
    if request.principal.account != request.account:
        if not delegated:
            return False, "the resource's policy allows it to no stranger"
        if not request.principal.account:
            return direct, "the resource's policy"
        return own, "both accounts" if own else "nothing in the role's own policies allows it"
    if request.action.startswith("kms:") or request.action == "sts:AssumeRole":
        if not delegated:
            return False, "the resource's own policy does not allow it"
        return own or direct, "the resource's policy" if own or direct else "nothing allows it"
    return own or direct, "allowed" if own or direct else "nothing allows it"
