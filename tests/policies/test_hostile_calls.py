"""What would harm the lake is denied: to its own roles, to administrators, to strangers and to AWS's services."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from local.config import regions
from tests.policies.access import administrator
from tests.policies.day import ACCOUNT, REGION, said_by
from tests.policies.guarded import GUARDED, Guarded
from tests.policies.hostile import NOBODY, ONLY_OTHERS, Hostile
from tests.policies.iam.policy import Principal
from tests.policies.operations import Need
from tests.policies.requests import request

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from tests.policies.access import Access, Role
    from tests.policies.iam.evaluate import Decision
    from tests.policies.iam.policy import Request

OTHER_ACCOUNT = "999999999999"
ADMINISTRATOR = Principal(ACCOUNT, f"arn:aws:iam::{ACCOUNT}:role/administrator")
STRANGER = Principal(OTHER_ACCOUNT, f"arn:aws:iam::{OTHER_ACCOUNT}:role/administrator")
PLACES = [place.region for place in regions()]
USERS = list(ONLY_OTHERS)


@pytest.fixture(scope="module")
def everywhere(shipped: Path) -> dict[str, Access]:
    return {region: said_by(shipped, region) for region in PLACES}


@pytest.fixture(params=PLACES)
def access(everywhere: dict[str, Access], request: pytest.FixtureRequest) -> Access:
    return everywhere[request.param]


def filled(text: str, region: str) -> str:
    """With the accounts and regions in it."""
    other = next(each for each in PLACES if each != region)
    return text.replace("{a}", ACCOUNT).replace("{r}", region).replace("{x}", OTHER_ACCOUNT).replace("{o}", other)


def asked(access: Access, who: Principal, action: str, resource: str, keys: Mapping[str, str | None]) -> Request:
    region = access.template.region
    arn = filled(resource, region)
    there, owner = arn.split(":")[3:5]
    changed: dict[str, Any] = {"aws:RequestedRegion": there or region, "aws:ResourceAccount": owner or ACCOUNT}
    changed |= {key: value and filled(value, region) for key, value in keys.items()}
    return request(who, Need(action, arn), access, changed=changed)


def role_asks(access: Access, role: Role, call: Hostile) -> Request:
    return asked(access, Principal(ACCOUNT, role.arn), call.action, call.resource, call.keys)


def own(decision: Decision, role: Role) -> list[str]:
    """The role's own statements that allow it."""
    return [str(statement) for statement, _, _ in decision.grants if statement.policy == role.user]


def test_each_role_has_enough_to_withstand(access: Access) -> None:
    assert {role.user for role in access.roles.values()} == set(ONLY_OTHERS)
    assert all(len(calls) >= 20 for calls in (NOBODY, *ONLY_OTHERS.values()))


@pytest.mark.parametrize("user", USERS)
def test_nothing_in_a_role_allows_what_nobody_may(access: Access, user: str) -> None:
    role = access.role(user)
    decisions = {call.what: access.decide(role_asks(access, role, call)) for call in (*NOBODY, *ONLY_OTHERS[user])}
    assert {what: own(decision, role) for what, decision in decisions.items() if own(decision, role)} == {}
    assert [what for what, decision in decisions.items() if decision.allowed] == []


@pytest.mark.parametrize("user", USERS)
def test_a_boundary_holds_even_who_was_allowed_everything(access: Access, user: str) -> None:
    role = access.role(user)
    for call in NOBODY:
        decision = access.decide(role_asks(access, role, call), [administrator(user)])
        assert not decision.allowed, call.what
        assert decision.why.startswith(("denied by", "outside of boundary")), (call.what, decision.why)


def permitted(role: Role) -> Iterator[Hostile]:
    """One call for each action and resource that a role is allowed."""
    for statement in role.own.statements:
        for action in statement.actions:
            for resource in statement.resources:
                yield Hostile(f"{statement.sid}: {action}", action, resource.replace("*", "x"))


@pytest.mark.parametrize("user", USERS)
@pytest.mark.parametrize(("key", "value"), [("aws:ResourceAccount", "{x}"), ("aws:RequestedRegion", "{o}"), ("", "")])
def test_what_a_role_may_it_may_only_here(access: Access, user: str, key: str, value: str) -> None:
    """The same names in another account, which lets everybody in, or at another region's endpoint."""
    role = access.role(user)
    for call in permitted(role):
        keys = {**via(access, call), **({key: value} if key else {})}
        decision = access.decide(role_asks(access, role, Hostile(call.what, call.action, call.resource, keys)))
        assert decision.allowed is not bool(key), (call.what, call.resource, decision.why)
        assert bool(own(decision, role)) is not bool(key), (
            "the role's own conditions, and not only the resource's policy"
        )


def via(access: Access, call: Hostile) -> dict[str, str]:
    """What makes the call regular: the key is used through services only."""
    return {"kms:ViaService": f"s3.{access.template.region}.amazonaws.com"} if call.action.startswith("kms:") else {}


def the(access: Access, kind: str) -> list[str]:
    """The ARNs of all resources of a kind."""
    if kind == "role":
        return list(access.roles)
    service = {"bucket": "s3", "object": "s3", "queue": "sqs", "topic": "sns", "key": "kms"}[kind]
    found = [arn for arn in access.resources if arn.split(":")[2] == service]
    return [f"{arn}/a/b.parquet" for arn in found] if kind == "object" else found


def guarded(access: Access, call: Guarded) -> Iterator[tuple[str, Decision]]:
    """The decision for each resource that the call is about."""
    who = {"administrator": ADMINISTRATOR, "stranger": STRANGER, "nobody": Principal()}.get(call.who)
    keys = dict(call.keys)
    if who is None:
        who = Principal(service=filled(call.who, access.template.region))
        keys |= {"aws:SourceAccount": OTHER_ACCOUNT, "aws:SourceArn": f"arn:aws:s3:::of-{OTHER_ACCOUNT}"}
    for arn in the(access, call.on):
        question = asked(access, who, call.action, arn, {"aws:ResourceAccount": ACCOUNT, **keys})
        yield arn, access.decide(question, [administrator("administrator")] if who.arn else ())


@pytest.mark.parametrize("call", GUARDED, ids=[f"{call.who}: {call.what}" for call in GUARDED])
def test_resources_guard_themselves(access: Access, call: Guarded) -> None:
    for arn, decision in guarded(access, call):
        assert not decision.allowed, arn
        if call.by:
            assert call.by in {statement.sid for statement in decision.denials}, (arn, decision.why)


def test_every_denial_denies_something(access: Access) -> None:
    """A statement that no hostile call meets is one that nobody has tried."""
    there = {str(each) for policy in access.resources.values() for each in policy.statements if each.effect == "Deny"}
    met = {str(each) for call in GUARDED for _, decision in guarded(access, call) for each in decision.denials}
    assert there == met


def test_the_conditions_are_what_confines_roles(everywhere: dict[str, Access]) -> None:
    """Without them, other accounts' and regions' resources of the same name would be within reach."""
    access = everywhere[REGION]
    role = access.role("bronze")
    (read,) = [call for call in permitted(role) if call.what == "ReadRaw: s3:GetObject"]
    call = Hostile(read.what, read.action, read.resource, {"aws:ResourceAccount": "{x}"})
    assert not access.decide(role_asks(access, role, call)).allowed
    assert access.without_conditions("bronze").decide(role_asks(access, role, call)).allowed
